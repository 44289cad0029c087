/** Imports by API: from the upload to the undo, and the limits of a key. The same list by the command line. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { maySend } from '../../../src/domain/marketing/may-send.js';
import type { ApiScope } from '../../../src/models/api-key.js';
import { until } from '../../database/servers.js';
import { callApi, keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';
import { temporaryFolder } from '../../support/close-afterwards.js';
import { fjell, northwind, trailNotes } from '../../support/people.js';
import { completeEnv, runSayso } from '../../support/program.js';

const portal = await openTestPortal({ hasWorker: true });

const list = 'Id,E-mail\n1,ann@list.example\n2,bob@list.example\n3,ann@list.example\n4,nobody\n';
const path = '/api/v1/imports';

const answer = z.object({
  id: z.string(),
  state: z.string(),
  revision: z.number(),
  businessUnitId: z.number().nullable(),
  counts: z.record(z.string(), z.number()).nullable(),
  result: z.object({ changed: z.number(), unchanged: z.number() }).nullable(),
});

const keyOf = (scopes: readonly ApiScope[] = ['statuses.write'], scope = [northwind.id]) =>
  keyIn(portal, scopes, scope);
const call = (key: string, method: string, where: string, body?: string, type = 'application/json') =>
  callApi(portal, key, method, where, body, { 'content-type': type });

async function inState(key: string, id: string, state: string) {
  const read = async () => answer.parse((await call(key, 'GET', `${path}/${id}`)).answer);
  await until(`the import is ${state}`, async () => (await read()).state === state, 20_000);
  return read();
}

it('uploads a list, confirms its number, and undoes the import', async () => {
  const key = await keyOf();
  const started = await call(
    key,
    'POST',
    `${path}?businessUnitId=${northwind.id}&column=e-mail`,
    list,
    'text/csv',
  );
  expect(started.status).toBe(202);
  const { id } = answer.parse(started.answer);
  const { revision, counts } = await inState(key, id, 'CHECKED');
  expect(counts).toMatchObject({ rows: 4, rejected: 1, duplicates: 1, distinct: 2 });
  const confirm = (number: number) =>
    call(key, 'POST', `${path}/${id}/confirmation`, JSON.stringify({ number, revision }));
  expect((await confirm(3)).status).toBe(400);
  expect((await confirm(2)).status).toBe(202);
  expect(await inState(key, id, 'DONE')).toMatchObject({ result: { changed: 2, unchanged: 0 } });
  const ask = { address: 'ann@list.example', typeId: trailNotes.id };
  expect(await maySend(portal.deps, ask)).toMatchObject({ isEligible: false, source: 'IMPORT' });
  expect((await call(key, 'GET', `${path}/${id}/rejected`)).text).toContain('5,nobody,');
  const undo = answer.parse((await call(key, 'POST', `${path}/${id}/undo`)).answer);
  await inState(key, undo.id, 'DONE');
  expect((await maySend(portal.deps, ask)).rule).toBe('NOT_SUBSCRIBED_IN_PRIVACY_MODE');
});

it('a key reaches only its own units, needs its scope, and hears what is wrong', async () => {
  const key = await keyOf();
  const started = await call(key, 'POST', `${path}?businessUnitId=${northwind.id}`, list, 'text/csv');
  const { id } = answer.parse(started.answer);
  const other = await keyOf(['statuses.write'], [fjell.id]);
  expect((await call(other, 'GET', `${path}/${id}`)).status).toBe(404);
  expect((await call(other, 'POST', `${path}/${id}/undo`)).status).toBe(404);
  const status = async (of: string, query: string, body = list) =>
    (await call(of, 'POST', path + query, body, 'text/csv')).status;
  expect(await status(other, `?businessUnitId=${northwind.id}`)).toBe(404);
  expect(await status(key, ''), 'the whole account').toBe(404);
  expect(await status(await keyOf(['statuses.read']), `?businessUnitId=${northwind.id}`)).toBe(403);
  expect(await status('none', `?businessUnitId=${northwind.id}`)).toBe(401);
  expect(await status(key, `?businessUnitId=${northwind.id}&unknown=1`)).toBe(400);
  expect(await status(key, `?businessUnitId=${northwind.id}&column=nothing`)).toBe(400);
  expect(await status(key, `?businessUnitId=${northwind.id}`, 'just words\nand more\n')).toBe(400);
});

it('an import of contacts needs the scope of contacts too', async () => {
  const refused = await call(await keyOf(), 'POST', `${path}?kind=CONTACTS`, list, 'text/csv');
  expect(refused).toMatchObject({ status: 403, answer: { category: 'MISSING_SCOPES' } });
});

it('the command line imports a file, writes the rejected rows beside it, and undoes it', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'list.csv'), list.replaceAll('list.example', 'cli.example'));
  const asked = await sayso(folder, ['opt-outs', 'list.csv', '--unit', String(northwind.id)]);
  expect(asked).toMatchObject({ code: 1 });
  expect(asked.err).toContain('--yes');
  const done = await sayso(folder, ['opt-outs', 'list.csv', '--unit', String(northwind.id), '--yes']);
  expect(done).toMatchObject({ code: 0 });
  expect(await readFile(join(folder, 'list.csv.rejected.csv'), 'utf8')).toContain('nobody');
  const ask = { address: 'bob@cli.example', typeId: trailNotes.id };
  expect((await maySend(portal.deps, ask)).rule).toBe('BRAND_WIDE_STATUS');
  const id = /import undo (\S+)/.exec(done.err)?.[1] ?? '';
  expect(await sayso(folder, ['undo', id])).toMatchObject({ code: 0 });
  expect((await maySend(portal.deps, ask)).rule).toBe('NOT_SUBSCRIBED_IN_PRIVACY_MODE');
}, 60_000);

it('the command line imports contacts, writes what became of each row, and undoes it', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'people.csv'), 'E-post,Kode=2\ncleo@cli.example,Cleo\nno address,Nina\n');
  const args = ['contacts', 'people.csv', '--unit', String(northwind.id), '--map', 'E-post=email'];
  const done = await sayso(folder, [...args, '--map', 'Kode=2=firstName', '--yes']);
  expect(done).toMatchObject({ code: 0 });
  const contact = await portal.deps.models.contacts.findOne({ email: 'cleo@cli.example' }).lean();
  expect(contact).toMatchObject({ firstName: 'Cleo', source: 'IMPORT' });
  expect(await readFile(join(folder, 'people.csv.results.csv'), 'utf8')).toContain(
    'cleo@cli.example,Created',
  );
  expect(await readFile(join(folder, 'people.csv.rejected.csv'), 'utf8')).toContain('no address');
  const id = /import undo (\S+)/.exec(done.err)?.[1] ?? '';
  const undone = await sayso(folder, ['undo', id]);
  expect(undone, undone.err).toMatchObject({ code: 0 });
  expect(await portal.deps.models.contacts.findOne({ email: 'cleo@cli.example' }).lean()).toBeNull();
}, 60_000);

async function sayso(cwd: string, args: string[]) {
  const own = { BASE_URL: portal.url, LOG_LEVEL: 'silent', MONGODB_URI: portal.database.uri };
  return runSayso(['import', ...args], { cwd, env: await completeEnv(own) });
}

it('imports contacts: the places of columns, the check, the confirmation without a number, the results, the list and the undo', async () => {
  const key = await keyOf(['statuses.write', 'contacts.write']);
  const text = `E-post,Navn,${trailNotes.name}\nnina@list.example,Nina,ja\nolav@list.example,Olav,nei\n`;
  const places = { 'E-post': 'email', Navn: 'firstName', [trailNotes.name]: `subscription:${trailNotes.id}` };
  const query = new URLSearchParams({
    ...{ kind: 'CONTACTS', name: 'folk.csv', columns: JSON.stringify(places), emptyClears: 'false' },
    ...{
      businessUnitIds: `${northwind.id}`,
      legalBasis: 'CONSENT_WITH_NOTICE',
      explanation: 'Asked at the fair.',
    },
  });
  const started = await call(key, 'POST', `${path}?${query}`, text, 'text/csv');
  expect(started).toMatchObject({
    status: 202,
    answer: { kind: 'CONTACTS', businessUnitIds: [northwind.id] },
  });
  const { id } = answer.omit({ result: true }).parse(started.answer);
  const stateOf = async (of: string, state: string) => {
    const read = async () => (await call(key, 'GET', `${path}/${of}`)).answer;
    const isThere = async () => z.object({ state: z.string() }).parse(await read()).state === state;
    await until(`the import is ${state}`, isThere, 20_000);
    return read();
  };
  expect(await stateOf(id, 'CHECKED')).toMatchObject({
    counts: { rows: 2, created: 2, optIns: 1, optOuts: 1 },
  });
  const { revision } = z.object({ revision: z.number() }).parse(await stateOf(id, 'CHECKED'));
  const confirm = () => call(key, 'POST', `${path}/${id}/confirmation`, JSON.stringify({ revision }));
  expect((await confirm()).status).toBe(202);
  expect(await stateOf(id, 'DONE')).toMatchObject({
    result: { created: 2, optIns: 1, optOuts: 1, rejected: 0 },
  });
  const nina = { address: 'nina@list.example', typeId: trailNotes.id };
  expect(await maySend(portal.deps, nina)).toMatchObject({ isEligible: true });
  expect(await maySend(portal.deps, { ...nina, address: 'olav@list.example' })).toMatchObject({
    isEligible: false,
  });
  const results = await call(key, 'GET', `${path}/${id}/results`);
  expect(results.text.trim().split('\r\n')).toHaveLength(3);
  const undo = z.object({ id: z.string() }).parse((await call(key, 'POST', `${path}/${id}/undo`)).answer);
  expect(await stateOf(undo.id, 'DONE')).toMatchObject({
    kind: 'UNDO_CONTACTS',
    result: { changed: 2, unchanged: 0 },
  });
  const list = z.object({ imports: z.array(z.object({ id: z.string() })), before: z.null() });
  const seen = list.parse((await call(key, 'GET', path)).answer).imports.map((one) => one.id);
  expect(seen).toEqual(expect.arrayContaining([id, undo.id]));
  const ofStatuses = await keyOf(['statuses.write']);
  for (const part of ['', '/results', '/rejected'])
    expect((await call(ofStatuses, 'GET', `${path}/${id}${part}`)).status, part).toBe(403);
  expect((await call(ofStatuses, 'POST', `${path}/${id}/undo`)).status).toBe(403);
  expect((await call(ofStatuses, 'GET', `${path}/${undo.id}`)).status).toBe(403);
  const foreign = await keyOf(['statuses.write'], [fjell.id]);
  expect((await call(foreign, 'GET', `${path}/${id}/results`)).status).toBe(404);
  expect(list.parse((await call(foreign, 'GET', path)).answer).imports.map((one) => one.id)).not.toContain(
    id,
  );
});

it('refuses places and types of contacts that do not exist, with one sentence', async () => {
  const key = await keyOf(['statuses.write', 'contacts.write']);
  const start = (more: Record<string, string>) =>
    call(
      key,
      'POST',
      `${path}?${new URLSearchParams({ kind: 'CONTACTS', ...more })}`,
      'E-mail\na@list.example\n',
      'text/csv',
    );
  for (const columns of [
    '{"E-mail":"nowhere"}',
    '{"E-mail":"subscription:999"}',
    '{"Other":"email"}',
    'x',
    '[1]',
  ])
    expect((await start({ columns })).status, columns).toBe(400);
  expect((await start({ businessUnitIds: String(fjell.id) })).status).toBe(400);
});
