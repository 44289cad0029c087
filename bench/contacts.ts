/**
 * The contacts index and the record page at a hundred contacts and at a million: the plan of every sort and every single filter on any page, by the
 * database's own report and by MongoDB's rules, and how long pages take. A stand-in for MongoDB that reads all keys of an index before it returns
 * fifty of them is judged by its plans only.
 */
import { performance } from 'node:perf_hooks';
import type { Connection } from 'mongoose';
import { adminPaths } from '../src/admin-paths.js';
import type { Config } from '../src/config.js';
import type { Database } from '../src/database/contract.js';
import { facet } from '../src/domain/filters/facet.js';
import { pageArguments } from '../src/domain/contacts/query.js';
import { noteProperties } from '../src/domain/contacts/properties.js';
import type { Cursor } from '../src/domain/contacts/selection.js';
import type { SubscriberIds } from '../src/domain/consent/address.js';
import { connect } from '../src/models/connect.js';
import { createModels } from '../src/models/index.js';
import { migrate } from '../src/migrations.js';
import { comparePlans } from './contact-plans.js';
import type { PlanFigures } from './contact-plans.js';
import { insertMembers, memberOf } from './crowd.js';
import { median } from './median.js';
import { compareListPlans, type ListPlanFigures } from './list-plans.js';
import { openStaffPages } from './staff-pages.js';
import { writeCatalogue } from './world.js';

export interface ContactFigures {
  count: number;
  fillSeconds: number;
  plans: PlanFigures;
  lists: ListPlanFigures;
  /** Milliseconds of the database for one page of fifty, unfiltered, at a hundred and at `count`. */
  page: { small: number; large: number; next: number };
  /** Milliseconds of a record page over HTTP, and the documents that the database returned for it. */
  record: { smallMs: number; largeMs: number; smallDocuments: number; largeDocuments: number };
}

/** Contacts with a history, whose records are opened. All others are as small as possible. */
const fullOnes = 100;

export async function measureContacts(
  database: Database,
  config: Config,
  subscriberIds: SubscriberIds,
  count: number,
): Promise<ContactFigures> {
  const began = performance.now();
  return inCrowds(database, { subscriberIds, count }, async ({ small, large }, uris) => {
    const fillSeconds = (performance.now() - began) / 1000;
    const plans = await comparePlans(small, large);
    const lists = await compareListPlans(small, large);
    const first = { after: null } as const;
    const page = {
      small: await pageTime(small, first),
      large: await pageTime(large, first),
      next: await pageTime(large, { after: 'eva' }),
    };
    const ofSmall = await recordPages(config, uris.small);
    const ofLarge = await recordPages(config, uris.large);
    return {
      count,
      fillSeconds,
      plans,
      lists,
      page,
      record: {
        smallMs: ofSmall.ms,
        largeMs: ofLarge.ms,
        smallDocuments: ofSmall.documents,
        largeDocuments: ofLarge.documents,
      },
    };
  });
}

export async function measureLists(
  database: Database,
  subscriberIds: SubscriberIds,
  count: number,
): Promise<ListPlanFigures> {
  return inCrowds(database, { subscriberIds, count }, ({ small, large }) => compareListPlans(small, large));
}

/** Two databases: one with a hundred contacts, and one with `count`. */
async function inCrowds<Result>(
  database: Database,
  { subscriberIds, count }: { subscriberIds: SubscriberIds; count: number },
  measure: (
    crowds: { small: Connection; large: Connection },
    uris: { small: string; large: string },
  ) => Promise<Result>,
): Promise<Result> {
  const uriOf = (name: string) => database.uri.replace('/sayso?', `/${name}?`);
  const uris = { small: uriOf('contacts-small'), large: uriOf('contacts-large') };
  const small = await openCrowd(database, uris.small, subscriberIds);
  const large = await openCrowd(database, uris.large, subscriberIds);
  try {
    await fill(large, count);
    return await measure({ small, large }, uris);
  } finally {
    await small.close();
    await large.close();
  }
}

/** A database with the contacts whose records are opened. */
async function openCrowd(database: Database, uri: string, subscriberIds: SubscriberIds): Promise<Connection> {
  const connection = await connect(uri, { isUnhurried: true });
  await database.prepare(connection);
  const models = createModels(connection);
  await migrate({ connection, models });
  await writeCatalogue(models);
  await insertMembers([connection], { from: 0, to: fullOnes }, subscriberIds);
  const before = { properties: {}, unitIds: [] };
  const members = Array.from({ length: fullOnes }, (_, index) => memberOf(index, subscriberIds));
  await noteProperties(
    { models },
    members.map(({ contact }) => ({ before, after: contact })),
  );
  return connection;
}

const lanes = 4;
const batchSize = 1000;

/** Small contacts in great number: with only what each is found by, so that filling takes minutes. */
async function fill(connection: Connection, count: number): Promise<void> {
  let next = fullOnes;
  const lane = async () => {
    while (next < count) {
      const first = next;
      next += batchSize;
      const length = Math.min(batchSize, count - first);
      const contacts = Array.from({ length }, (_, index) => smallContact(first + index));
      await connection.collection('contacts').insertMany(contacts, { ordered: false });
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Of ten small contacts: two have the language of the lists, half are subscribed, one of them is both. */
const [norwegian, subscribed] = [facet.locale('nb'), facet.status('EMAIL', 1, 'SUBSCRIBED')];
const facetsOfMany = [
  [norwegian, subscribed],
  ...[[norwegian], [subscribed], [subscribed], [subscribed], [subscribed], [], [], [], []],
];

function smallContact(index: number): object {
  const id = `s${String(index).padStart(9, '0')}`;
  const at = new Date(Date.parse('2026-02-01T00:00:00Z') + index * 1000);
  return {
    _id: id,
    firstName: '',
    lastName: '',
    email: null,
    phone: null,
    locale: null,
    properties: {},
    processingBasis: null,
    unitIds: [0],
    subscribers: { EMAIL: null, SMS: null, WHATSAPP: null },
    source: 'API',
    createdBy: 'key:shop',
    facets: [facet.all, facet.unit(0), ...(facetsOfMany[index % facetsOfMany.length] ?? [])],
    words: [id],
    nameKey: `${id}\t${id}`,
    emailKey: `${id}@example.com\t${id}`,
    addedKey: `${at.toISOString()}\t${id}`,
    version: 1,
    projection: 1,
    createdAt: at,
    updatedAt: at,
  };
}

/** Milliseconds of the database for a page of the unfiltered index; the median of three. */
async function pageTime(connection: Connection, at: { after: string | null }): Promise<number> {
  const cursor: Cursor | null = at.after === null ? null : { after: at.after };
  const { filter, options } = pageArguments({
    ...{
      compiled: { query: { facets: facet.all }, ranges: [{ facets: facet.all }], mustScan: false },
      search: '',
      sort: 'name',
      direction: 'asc',
    },
    cursor,
  });
  const seen: number[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    const began = performance.now();
    await connection.collection('contacts').find(filter, options).toArray();
    seen.push(performance.now() - began);
  }
  return median(seen);
}

/** Opens record pages as support staff do. */
async function recordPages(config: Config, databaseUri: string): Promise<{ ms: number; documents: number }> {
  const staff = await openStaffPages(config, databaseUri);
  try {
    const seen: { ms: number; documents: number }[] = [];
    for (let index = 0; index < fullOnes; index += 4)
      seen.push(await staff.open(adminPaths.contact(memberId(index)), `member-${index}@example.com`));
    // The first few requests load the staff pages and templates, and open the connection.
    const warm = seen.slice(5);
    return { ms: median(warm.map(({ ms }) => ms)), documents: median(warm.map((one) => one.documents)) };
  } finally {
    await staff.close();
  }
}

const memberId = (index: number) => `c${String(index).padStart(9, '0')}`;
