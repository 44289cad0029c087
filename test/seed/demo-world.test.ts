/** The demonstration world: the same each time, in a bounded number of commands, and with something real on every page. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { CommandStartedEvent } from 'mongodb';
import { trusted } from 'mongoose';
import { afterAll, expect, it } from 'vitest';
import { adminPaths } from '../../src/admin-paths.js';
import { faultsOfHistory, readHistory } from '../../src/domain/consent/history.js';
import { rejectedRows } from '../../src/domain/imports/list-file.js';
import { readMarketingState } from '../../src/domain/marketing/usage.js';
import { drainFeed } from '../../src/feed/run.js';
import { reasons } from '../../src/models/unsubscribe-reason.js';
import { welcomeName } from '../../src/seed/demo-account.js';
import { reportedPeople } from '../../src/seed/demo-reports.js';
import { serveList } from '../../src/seed/demo-source.js';
import { makeDemoStaff } from '../../src/seed/demo-staff.js';
import { makeDemoWorld } from '../../src/seed/demo-world.js';
import { locales } from '../../src/vocabulary/locales.js';
import { openTestPortal } from '../support/app.js';
import { monitored } from '../support/connection.js';
import { dumpOf } from '../support/dump.js';
import { fjell, northwind, weekendLetters } from '../support/people.js';
import { signedIn } from '../support/staff.js';

let commands = 0;
const portal = await openTestPortal({ env: { PRIVATE_SOURCES: '127.0.0.1' }, through: monitored });
await makeDemoStaff(portal.deps);
const server = await serveList();
const client = portal.deps.connection.getClient();
const count = ({ commandName }: CommandStartedEvent) => void (commands += commandName === 'hello' ? 0 : 1);
client.on('commandStarted', count);
await makeDemoWorld(portal.deps, server.url);
client.off('commandStarted', count);
afterAll(() => server.close());

it('the world takes a bounded number of commands', () => {
  expect(commands).toBeGreaterThan(1000);
  expect(commands).toBeLessThan(7500);
});

const dayMs = 86_400_000;
const daysAgo = (at: Date) =>
  Math.floor(portal.deps.clock().getTime() / dayMs) - Math.floor(at.getTime() / dayMs);

it('the world is the same each time, on any day', async () => {
  const { contacts, subscribers, enrolments } = portal.deps.models;
  const known = await contacts.find().sort({ email: 1 }).lean();
  const nameOf = new Map(known.map(({ _id, email }) => [_id, email ?? '']));
  const imported = new Date(portal.deps.clock().getTime() - dayMs);
  const people = known
    .filter(({ createdAt }) => createdAt < imported)
    .map(
      ({
        email,
        phone,
        firstName,
        lastName,
        locale,
        unitIds,
        isMarketing,
        leavesMarketingSince,
        properties,
      }) => [
        email,
        phone,
        firstName,
        lastName,
        locale,
        unitIds,
        isMarketing,
        !leavesMarketingSince,
        properties,
      ],
    );
  const states = (await subscribers.find().sort({ _id: 1 }).lean()).map((one) => [
    one._id,
    ...[one.subscriptions, one.optOuts.units, one.optOuts.types].map((of) => Object.keys(of)),
    ...[one.undeliverable?.reason, one.seq, one.pending.length],
  ]);
  const ways = (await enrolments.find().lean()).map((one) =>
    [nameOf.get(one.contactId), one.state, one.step, daysAgo(one.at), ...one.marks].join(' '),
  );
  const digest = [people, states, ways.sort()].map((part) =>
    createHash('sha256').update(JSON.stringify(part)).digest('base64url').slice(0, 12),
  );
  expect(digest).toEqual(['I8kKThdxe8PX', 'VXO1-KmCk5iQ', '9r8WNXxzJjNj']);
});

it('some hundred contacts in eight languages, 84 % of the marketing contacts in use, and some that leave', async () => {
  const { contacts } = portal.deps.models;
  const count = await contacts.countDocuments();
  expect(count).toBeGreaterThan(300);
  expect(count).toBeLessThan(400);
  for (const locale of locales) expect(await contacts.countDocuments({ locale }), locale).toBeGreaterThan(15);
  const { last, settings, months, next } = await readMarketingState(portal.deps);
  expect(Math.round((100 * (last?.marketing ?? 0)) / (settings.limit ?? 1))).toBe(84);
  expect(last?.nonMarketing).toBeGreaterThan(40);
  expect(last?.untilUpdate).toBeGreaterThan(5);
  expect(Object.keys(months).length).toBeGreaterThan(5);
  expect(next.at.getTime()).toBeGreaterThan(portal.deps.clock().getTime() + 7 * 86_400_000);
});

it('contacts are under way at each wait of the active workflow, and one opt-in was skipped', async () => {
  const { workflows, enrolments } = portal.deps.models;
  const { _id: workflowId, state } = (await workflows.findOne({ name: welcomeName }).lean()) ?? { _id: '' };
  expect(state).toBe('ACTIVE');
  for (const step of ['greet', 'week', 'later'])
    expect(await enrolments.countDocuments({ workflowId, state: 'ACTIVE', step }), step).toBeGreaterThan(0);
  expect(await enrolments.countDocuments({ workflowId, state: 'DONE' })).toBeGreaterThan(10);
  expect(await enrolments.countDocuments({ marks: 'news:SKIPPED:PREVIOUSLY_OPTED_OUT' })).toBeGreaterThan(0);
});

it('each kind of report is shown on a contact of its own, and each business unit has an endpoint', async () => {
  const stateOf = async (name: string) => {
    const person = reportedPeople.find((one) => one.name === name);
    if (!person) throw new Error(`There is no ${name}.`);
    return portal.subscriberOf(person);
  };
  expect((await stateOf('Finn')).undeliverable).toMatchObject({ reason: 'HARD_BOUNCE', by: 'SYSTEM' });
  expect((await stateOf('Gro')).undeliverable?.explanation).toMatch(/4\.2\.2/);
  expect((await stateOf('Hilde')).undeliverable?.reason).toBe('COMPLAINT');
  expect(Object.keys((await stateOf('Ivar')).optOuts.units)).toEqual([String(northwind.id)]);
  expect(Object.keys((await stateOf('Janne')).optOuts.types)).toEqual([String(weekendLetters.id)]);
  for (const { name } of reportedPeople) expect((await stateOf(name)).contactId, name).not.toBeNull();
  const endpoints = await portal.deps.models.reportEndpoints.find().sort({ unitId: 1 }).lean();
  expect(endpoints.map(({ unitId }) => unitId)).toEqual([northwind.id, fjell.id]);
});

it('both files were imported, with rejected rows to download, and the source has run once', async () => {
  const { imports, sources } = portal.deps.models;
  const [optOuts, contacts] = await imports.find({ source: null }).sort({ kind: -1 }).lean();
  expect(optOuts).toMatchObject({ kind: 'OPT_OUTS', state: 'DONE', result: { changed: 7, unchanged: 1 } });
  expect(optOuts?.counts).toMatchObject({
    rows: 14,
    rejected: 5,
    duplicates: 1,
    distinct: 8,
    optedOutBefore: 1,
  });
  expect(contacts).toMatchObject({ state: 'DONE', contactCounts: { rows: 11, created: 7, rejected: 4 } });
  const rows = await rejectedRows(portal.deps, { id: optOuts?._id ?? '', scope: null });
  expect((rows ? await text(Readable.from(rows)) : '').trim().split(/\r?\n/)).toHaveLength(6);
  const [source] = await sources.find().lean();
  expect(source).toMatchObject({ unitId: fjell.id, run: null, accepted: 4, lastRun: { outcome: 'DONE' } });
});

it('contacts gave each reason, and unsubscribed from several campaigns', async () => {
  const { unsubscribeReasons, dayCounts } = portal.deps.models;
  for (const reason of reasons)
    expect(await unsubscribeReasons.countDocuments({ reason }), reason).toBeGreaterThan(0);
  const counted = await dayCounts.find({}, { n: 1 }).lean();
  const keys = counted.flatMap(({ n }) => Object.keys(n).filter((key) => key.startsWith('CAMPAIGN:OUT:')));
  expect(new Set(keys).size).toBeGreaterThan(6);
});

it('histories are valid and in order of time', async () => {
  const some = await portal.deps.models.subscribers
    .find({ seq: trusted({ $gte: 2 }) }, { _id: 1 })
    .limit(60)
    .lean();
  expect(some).toHaveLength(60);
  for (const { _id } of some) {
    const history = await readHistory(portal.deps.models, _id);
    expect(history && faultsOfHistory(history), _id).toEqual([]);
    const times = history?.events.map(({ at }) => at.getTime()) ?? [];
    expect(times).toEqual([...times].sort((a, b) => a - b));
  }
});

it('every page of an admin has rows', async () => {
  const admin = await signedIn(portal, 'admin');
  const { lists, workflows, contacts, jobs, imports, sources } = portal.deps.models;
  const workflow = (await workflows.findOne({ name: welcomeName }).lean())?._id ?? '';
  const contact = (await contacts.findOne({ email: 'finn@example.com' }).lean())?._id ?? '';
  const own = [
    ...(await jobs.find().lean()).map(({ _id }) => adminPaths.job(_id)),
    ...(await imports.find().lean()).map(({ _id }) => adminPaths.import(_id)),
    ...(await sources.find().lean()).map(({ _id }) => adminPaths.source(_id)),
  ];
  const pages = [
    ...([
      'dashboard',
      'contacts',
      'lists',
      'marketing',
      'workflows',
      'imports',
      'exports',
      'jobs',
      'audit',
      'keys',
    ] as const),
    ...(['properties', 'units', 'types', 'bounces', 'sources', 'users', 'machineOptOuts'] as const),
  ].map((name) => adminPaths[name]());
  const ofContact = [adminPaths.contact(contact), adminPaths.contactProperties(contact)];
  for (const path of [...pages, adminPaths.workflowHistory(workflow), ...ofContact, ...own]) {
    const answer = await admin.open(path);
    expect(answer.status, path).toBe(200);
    expect(answer.html, path).toMatch(/<td|<dd|<li class/);
  }
  const special = (await lists.find().lean()).map(({ _id }) => adminPaths.list(_id));
  for (const path of [...special, adminPaths.workflow(workflow), adminPaths.contactHistory(contact)])
    expect((await admin.open(path)).status, path).toBe(200);
});

it('a repeat changes nothing', async () => {
  await drainFeed(portal.deps);
  const dump = async () => {
    const { leases: _, sessions: _s, ...rest } = await dumpOf(portal.database.connection);
    return rest;
  };
  const before = await dump();
  await makeDemoWorld(portal.deps, server.url);
  expect(await dump()).toEqual(before);
});
