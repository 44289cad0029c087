/** What the demonstration adds to the small world: reported bounces of each kind, and an imported opt-out list. A repeat changes nothing. */
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rejectedRows } from '../../src/domain/imports/list-file.js';
import { faultsOfHistory, readHistory } from '../../src/domain/consent/history.js';
import { drainFeed } from '../../src/feed/run.js';
import { importDemoList } from '../../src/seed/demo-import.js';
import { reportedPeople, seedReports } from '../../src/seed/demo-reports.js';
import { addDemoSource, serveList, type DemoListServer } from '../../src/seed/demo-source.js';
import { openTestPortal, type TestPortal } from '../support/app.js';
import { dumpOf } from '../support/dump.js';
import { fjell, northwind, people, weekendLetters } from '../support/people.js';

const by = 'user:someone';

let portal: TestPortal;
let server: DemoListServer;
beforeAll(async () => {
  portal = await openTestPortal({ hasWorker: true, env: { PRIVATE_SOURCES: '127.0.0.1' } });
  await seedReports(portal.deps, by);
  await importDemoList(portal.deps, by);
  server = await serveList();
  await addDemoSource(portal.deps, by, server.url);
});
afterAll(async () => {
  server.close();
  await portal.stop();
});

const stateOf = async (name: string) => {
  const person = reportedPeople.find((one) => one.name === name);
  if (!person) throw new Error(`There is no ${name}.`);
  return portal.subscriberOf(person);
};

it('each kind of report is shown on a contact of its own', async () => {
  expect((await stateOf('Finn')).undeliverable).toMatchObject({ reason: 'HARD_BOUNCE', by: 'SYSTEM' });
  expect((await stateOf('Gro')).undeliverable?.explanation).toMatch(/4\.2\.2/);
  expect((await stateOf('Hilde')).undeliverable?.reason).toBe('COMPLAINT');
  expect(Object.keys((await stateOf('Ivar')).optOuts.units)).toEqual([String(northwind.id)]);
  expect(Object.keys((await stateOf('Janne')).optOuts.types)).toEqual([String(weekendLetters.id)]);
  for (const { name } of reportedPeople) expect((await stateOf(name)).contactId, name).not.toBeNull();
});

it('each business unit has an endpoint, with its counts and a creator', async () => {
  const endpoints = await portal.deps.models.reportEndpoints.find().sort({ unitId: 1 }).lean();
  expect(endpoints.map(({ unitId, createdBy, counts }) => ({ unitId, createdBy, counts }))).toEqual([
    { unitId: northwind.id, createdBy: by, counts: { HARD: 1, SOFT: 5, COMPLAINT: 1, OPT_OUT: 1 } },
    { unitId: fjell.id, createdBy: by, counts: { OPT_OUT: 1 } },
  ]);
});

it('the import is done, with one address that was opted out before, and with rejected rows to download', async () => {
  const [one, ...others] = await portal.deps.models.imports.find({ source: null }).lean();
  expect(others).toEqual([]);
  expect(one).toMatchObject({
    ...{ state: 'DONE', unitId: northwind.id, by, result: { changed: 7, unchanged: 1 } },
    counts: { rows: 14, rejected: 5, duplicates: 1, distinct: 8, optedOutBefore: 1, contacts: 1 },
  });
  const rows = await rejectedRows(portal.deps, { id: one?._id ?? '', scope: null });
  const file = rows ? await text(Readable.from(rows)) : '';
  expect(file.trim().split(/\r?\n/)).toHaveLength(6);
  expect(await portal.deps.models.contacts.countDocuments()).toBe(people.length + reportedPeople.length);
});

it('the source has run once, with a row that is not an address, and works', async () => {
  const [source, ...others] = await portal.deps.models.sources.find().lean();
  expect(others).toEqual([]);
  expect(source).toMatchObject({ unitId: fjell.id, run: null, accepted: 4, lastRun: { outcome: 'DONE' } });
  const run = await portal.deps.models.imports.findOne({ 'source.id': source?._id ?? '' }).lean();
  expect(run).toMatchObject({ result: { changed: 4 }, counts: { rejected: 1 } });
});

it('histories are valid and in order of time', async () => {
  for (const { address } of [...reportedPeople, { address: 'kari.vold@example.org' }]) {
    const history = await readHistory(portal.deps.models, (await portal.subscriberOf({ address }))._id);
    expect(history && faultsOfHistory(history), address).toEqual([]);
    const times = history?.events.map(({ at }) => at.getTime()) ?? [];
    expect(times.length).toBeGreaterThan(0);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  }
});

it('a repeat changes nothing', async () => {
  const { connection } = portal.database;
  // Contacts and other jobs may still be worked on in the background.
  const dump = async () => {
    await drainFeed(portal.deps);
    const { subscribers, imports, report_endpoints, bounce_reports, sources } = await dumpOf(connection);
    const contacts = await portal.deps.models.contacts.countDocuments();
    const jobs = await portal.deps.models.jobs.find({ kind: /^IMPORT_/ }).lean();
    return { subscribers, imports, report_endpoints, bounce_reports, sources, contacts, jobs: jobs.length };
  };
  const before = await dump();
  expect(before).toMatchObject({ jobs: 3 });
  await seedReports(portal.deps, by);
  await importDemoList(portal.deps, by);
  await addDemoSource(portal.deps, by, server.url);
  expect(await dump()).toEqual(before);
});
