/** The settings pages of scheduled sources: form, credentials, "Run now", a smaller list to accept, deletion, roles and units. */
import { load } from 'cheerio';
import { expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { insertImport, type Import } from '../../../src/models/import.js';
import { openTestPortal } from '../../support/app.js';
import { openListServer } from '../../support/list-server.js';
import { fjell, northwind } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';

const portal = await openTestPortal();
const admin = await signedIn(portal, 'admin');

const filled = {
  ...{ name: 'CRM', url: 'https://crm.example.com/out.csv', unit: String(northwind.id), channel: 'EMAIL' },
  ...{ credential: 'BASIC', user: 'ann', secret: 'hush-hush', every: 'DAILY', at: '02:30', mode: 'MIRROR' },
};

async function created(more: Partial<typeof filled> = {}) {
  const form = await admin.open(adminPaths.newSource());
  const page = await admin.press(form, /Create source/, { ...filled, ...more });
  const source = await portal.deps.models.sources.findOne().sort({ createdAt: -1 }).lean();
  return { page, source };
}

it.each([
  ['unit', ''],
  ['url', 'http://crm.example.com/'],
  ['url', 'https://ann:typed@crm.example.com/'],
  ['at', '25:00'],
  ['secret', 'line\nbreak'],
  ['user', 'a:b'],
])('a wrong value of %s is refused: %s', async (name, value) => {
  const { page, source } = await created({ [name]: value });
  expect(page.status).toBe(422);
  expect(page.html).toContain(`href="#${name}"`);
  expect(page.html).not.toContain('hush');
  expect(source).toBeNull();
});

it('a source is created with a sealed secret, which is never shown', async () => {
  const { page, source } = await created();
  expect(page.html).not.toContain('hush');
  expect(source).toMatchObject({
    ...{ name: 'CRM', format: 'CSV', mode: 'MIRROR', unitId: northwind.id, version: 1 },
    schedule: { every: 'DAILY', at: '02:30' },
  });
  expect(JSON.stringify(source)).not.toContain('hush');
  const auditor = await signedIn(portal, 'auditor');
  const seen = await auditor.open(adminPaths.source(source?._id ?? ''));
  expect(seen.status).toBe(200);
  expect(seen.html).not.toContain('Run now');
});

it('the secret is kept with an empty field, and asked for again after a change of the host', async () => {
  const { page, source } = await created();
  const secret = source?.credential.secret;
  const empty = { user: '', secret: '' };
  const moved = await admin.press(page, /^Save/, { ...empty, url: 'https://elsewhere.example/out.csv' });
  expect(moved.status).toBe(422);
  expect(moved.html).toContain('href="#secret"');
  await admin.press(page, /^Save/, { ...empty, url: 'https://crm.example.com/other.csv' });
  const after = await portal.deps.models.sources.findById(source?._id).lean();
  expect(after).toMatchObject({
    version: 2,
    url: 'https://crm.example.com/other.csv',
    credential: { secret },
  });
});

it('“Run now” queues a run, and a deletion asks first', async () => {
  const { page, source } = await created();
  const _id = source?._id ?? '';
  await admin.press(page, /Run now/);
  const jobs = await portal.deps.models.jobs.find({ 'input.sourceId': source?._id }).lean();
  expect(jobs).toMatchObject([{ kind: 'SOURCE_FETCH', scope: [northwind.id] }]);
  const asked = await admin.press(page, /Delete source/);
  expect(asked.html, 'where “Cancel” leads').toContain(`href="${adminPaths.source(_id)}"`);
  expect(await portal.deps.models.sources.exists({ _id })).not.toBeNull();
  await admin.press(asked, /Delete source/);
  expect(await portal.deps.models.sources.exists({ _id })).toBeNull();
});

/** The import of the source's first run. */
async function insertRun(id: string, state: Import['state']): Promise<void> {
  const { deps } = portal;
  const counts = {
    rows: 4,
    rejected: 0,
    duplicates: 0,
    distinct: 4,
    optedOutBefore: 0,
    contacts: 0,
    unknown: 4,
  };
  await insertImport(deps.models, {
    ...{ _id: `${id}-1`, kind: 'OPT_OUTS', state, unitId: northwind.id, channel: 'EMAIL' },
    ...{ file: { name: 'CRM', size: 1 }, choice: null, revision: 1, fault: null, counts, result: null },
    ...{ undoes: null, undoneBy: null, by: 'cli', at: deps.clock(), confirmedAt: null, endedAt: null },
    source: { id, version: 1, mode: 'MIRROR', fetched: { etag: null, lastModified: null, hash: '' } },
  });
}

it('a deletion that also removes the opt-outs says so, and leads to its undo', async () => {
  const { page, source } = await created();
  const asked = await admin.press(page, /Delete source/, { optOuts: 'GO' });
  expect(asked.text).toContain('Each address loses the opt-out that this source made');
  const undo = await admin.press(asked, /Delete source and opt-outs/);
  expect(undo.text).toContain('The opt-outs of the source are being removed');
  const stored = await portal.deps.models.imports.findById(`undo-source-${source?._id}`).lean();
  expect(stored).toMatchObject({ kind: 'UNDO', state: 'RUNNING', unitId: northwind.id });
  await insertRun(source?._id ?? '', 'DONE');
  const run = load((await admin.open(adminPaths.import(`${source?._id}-1`))).html);
  const first = run('main .card').first().find('a').attr('href');
  expect(first, 'on the page of an earlier run').toBe(adminPaths.import(stored?._id ?? ''));
});

it('a held list is accepted on the page of the source, and not on that of its import', async () => {
  const { source } = await created();
  const id = source?._id ?? '';
  const { deps } = portal;
  await insertRun(id, 'CHECKED');
  const lastRun = { at: deps.clock(), outcome: 'HELD', sentence: 'It shrank.', importId: `${id}-1` } as const;
  await deps.models.sources.updateOne({ _id: id }, { $set: { lastRun, accepted: 10 } });
  const seenBy = async (unitIds?: number[]) =>
    (await (await signedIn(portal, 'marketer', unitIds)).open(adminPaths.dashboard())).text;
  expect(await seenBy()).toContain('“CRM” fetched a list that has shrunk by more than half');
  expect(await seenBy([fjell.id])).not.toContain('CRM');
  const ofImport = await admin.open(adminPaths.import(`${id}-1`));
  expect(ofImport.html).toContain(adminPaths.source(id));
  expect(ofImport.html).not.toContain(adminPaths.importConfirmation(`${id}-1`));
  const page = await admin.open(adminPaths.source(id));
  expect((await admin.press(page, /Accept the smaller list/)).status, 'its file has expired').toBe(422);
  expect(await deps.models.imports.findById(`${id}-1`).lean()).toMatchObject({ state: 'CHECKED' });
});

it('an admin of one unit sees and creates sources of that unit only', async () => {
  const { source } = await created();
  const limited = await signedIn(portal, 'admin', [fjell.id]);
  expect((await limited.open(adminPaths.source(source?._id ?? ''))).status).toBe(404);
  const form = await limited.open(adminPaths.newSource());
  expect(form.html).not.toContain('All business units');
  const before = await portal.deps.models.sources.countDocuments();
  for (const unit of ['all', String(northwind.id)])
    expect((await limited.press(form, /Create source/, { ...filled, unit })).status).toBe(422);
  expect(await portal.deps.models.sources.countDocuments()).toBe(before);
});

it('a worker fetches the list, and the pages say what it brought', async () => {
  const server = await openListServer();
  const other = await openTestPortal({ hasWorker: true, env: { PRIVATE_SOURCES: '127.0.0.1' } });
  server.serve('Email\nfrom-the-crm@example.com\n');
  const ida = await signedIn(other, 'admin');
  const form = await ida.open(adminPaths.newSource());
  const typed = { ...filled, url: server.url };
  const page = await ida.press(form, /Create source/, typed);
  await ida.press(page, /Run now/);
  const theSource = () => other.deps.models.sources.findOne().lean();
  await expect
    .poll(async () => (await theSource())?.lastRun?.outcome, { timeout: 15_000, interval: 100 })
    .toBe('DONE');
  const source = await theSource();
  expect((await ida.open(adminPaths.sources())).text).toContain('1 address opted out');
  const ofImport = await ida.open(adminPaths.import(source?.lastRun?.importId ?? ''));
  expect(ofImport.html).toContain(adminPaths.source(source?._id ?? ''));
  expect(ofImport.html).not.toContain('Undo import');
  expect(server.requests[0]?.headers.authorization).toMatch(/^Basic /);
});
