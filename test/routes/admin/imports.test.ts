/** Uploads of opt-out lists: streamed, whole or not at all, and only by those who may. */
import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { load } from 'cheerio';
import { expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { noContactCounts } from '../../../src/domain/imports/contact-results.js';
import { undoImport } from '../../../src/domain/imports/undo.js';
import { insertImport, type Import } from '../../../src/models/import.js';
import { newId } from '../../../src/new-id.js';
import { openTestPortal } from '../../support/app.js';
import { fjell, northwind } from '../../support/people.js';
import { signedIn, type StaffVisitor } from '../../support/staff.js';

const portal = await openTestPortal();
const marketer = await signedIn(portal, 'marketer', [northwind.id]);

const boundary = 'boundary-of-the-tests';
const head = (fields: Record<string, string>) =>
  [
    ...Object.entries(fields).map(
      ([name, value]) =>
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    ),
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="list.csv"\r\nContent-Type: text/csv\r\n\r\n`,
  ].join('');
const tail = `\r\n--${boundary}--\r\n`;

async function tokenOf(visitor: StaffVisitor): Promise<string> {
  const { html } = await visitor.open(adminPaths.importFile({ unit: northwind.id, channel: 'EMAIL' }));
  return /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
}

/** Sends the parts of an upload one by one. @returns the status and where it leads; 0 if it was broken off */
function upload(
  visitor: StaffVisitor,
  parts: Iterable<string | Buffer>,
  isBroken = false,
): Promise<{ status: number; location: string }> {
  return new Promise((resolve) => {
    const request = httpRequest(portal.url + adminPaths.imports(), {
      method: 'POST',
      headers: {
        'content-type': `multipart/form-data; boundary=${boundary}`,
        'sec-fetch-site': 'same-origin',
        cookie: visitor.cookie(),
      },
    });
    request.once('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? '' });
    });
    request.once('error', () => resolve({ status: 0, location: '' }));
    const source = Readable.from(parts, { objectMode: true });
    source.pipe(request, { end: false });
    source.once('end', () => (isBroken ? setTimeout(() => request.destroy(), 300) : request.end(tail)));
  });
}

async function stored() {
  const { storedFiles, storedChunks, imports } = portal.deps.models;
  return {
    files: await storedFiles.countDocuments(),
    chunks: await storedChunks.countDocuments(),
    imports: await imports.countDocuments(),
  };
}

const line = (at: number) => `person${at}@example.com;${'x'.repeat(80)}\n`;
const megabyte = Buffer.from(Array.from({ length: 9500 }, (_, at) => line(at)).join(''));

it('an upload that breaks off leaves nothing behind', async () => {
  const before = await stored();
  const fields = { _csrf: await tokenOf(marketer), unit: String(northwind.id), channel: 'EMAIL' };
  await upload(marketer, [head(fields), ...Array.from({ length: 5 }, () => megabyte)], true);
  await expect.poll(stored, { timeout: 10_000 }).toEqual(before);
});

it('an upload without the token of the form, or for a unit outside the scope, stores nothing', async () => {
  const before = await stored();
  const target = { unit: String(northwind.id), channel: 'EMAIL' };
  expect((await upload(marketer, [head({ _csrf: 'forged', ...target }), megabyte])).status).toBe(403);
  const _csrf = await tokenOf(marketer);
  for (const unit of [String(fjell.id), 'all'])
    expect(await upload(marketer, [head({ _csrf, ...target, unit }), megabyte])).toEqual({
      status: 303,
      location: adminPaths.importUnit(),
    });
  const support = await signedIn(portal, 'support');
  expect((await upload(support, [head({ _csrf, ...target }), megabyte])).status).toBe(403);
  expect(await stored()).toEqual(before);
});

it('a large file is streamed: memory does not grow with it', async () => {
  const fields = { _csrf: await tokenOf(marketer), unit: String(northwind.id), channel: 'EMAIL' };
  global.gc?.();
  const before = process.memoryUsage().rss;
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
  const megabytes = 50;
  const answer = await upload(marketer, [head(fields), ...Array.from({ length: megabytes }, () => megabyte)]);
  clearInterval(watch);
  expect(answer.status).toBe(303);
  const file = await portal.deps.models.storedFiles.findOne({}).lean();
  expect(file?.length).toBe(megabytes * megabyte.length);
  // The driver keeps some chunks on their way, and the collector its own time.
  expect((most - before) / 1024 ** 2).toBeLessThan(100);
  expect(answer.location).toMatch(/\/column$/);
  expect((await marketer.open(answer.location)).status).toBe(200);
}, 60_000);

it('a list with two columns of addresses offers both first, with the better one chosen', async () => {
  const fields = { _csrf: await tokenOf(marketer), unit: String(northwind.id), channel: 'EMAIL' };
  const rows = ['a', 'b', 'c', 'd'].map((name) => `1;${name}@work.example;${name}@home.example`);
  const lines = ['Nr;Kontakt;E-post', ...rows, '2;;e@home.example'].join('\n');
  const { location } = await upload(marketer, [head(fields), lines]);
  const page = load((await marketer.open(location)).html);
  const options = page('#column option').map((_, one) => page(one).text().split(':')[0]);
  expect(options.get()).toEqual(['Kontakt', 'E-post', 'Nr']);
  expect(page('#column option[selected]').text()).toContain('E-post');
});

it('an address of the list is never in the log', async () => {
  const name = `secret${randomBytes(4).toString('hex')}`;
  const fields = { _csrf: await tokenOf(marketer), unit: String(northwind.id), channel: 'EMAIL' };
  await upload(marketer, [head(fields), `${name}@example.com\n`]);
  expect(portal.logged.join('\n')).not.toContain(name);
});

function importOf(more: Partial<Import>): Import {
  return {
    ...{ _id: newId(), kind: 'OPT_OUTS', state: 'DONE', unitId: northwind.id, channel: 'EMAIL' },
    ...{ file: { name: 'list.csv', size: 1 }, choice: null, revision: 1, fault: null, counts: null },
    ...{ result: { changed: 3, unchanged: 0 }, undoes: null, undoneBy: null, by: 'cli' },
    ...{ at: portal.deps.clock(), confirmedAt: null, endedAt: null },
    ...more,
  };
}

it('the result names the line of a row of damaged structure whose address was taken', async () => {
  const counts = {
    rows: 9,
    rejected: 0,
    duplicates: 0,
    distinct: 3,
    optedOutBefore: 0,
    contacts: 0,
    unknown: 3,
  };
  const one = importOf({ counts: { ...counts, damaged: 2, firstDamagedLine: 7 } });
  await insertImport(portal.deps.models, one);
  const { html } = await marketer.open(adminPaths.import(one._id));
  expect(load(html)('main .card').first().text()).toContain('line 7');
});

it.each(['OPT_OUTS', 'CONTACTS'] as const)(
  'the page of an undone import of %s begins with its undo',
  async (kind) => {
    const { deps } = portal;
    const _id = `undone-${kind}`;
    await insertImport(deps.models, {
      ...{ _id, kind, state: 'DONE', unitId: northwind.id, channel: 'EMAIL', scope: [northwind.id] },
      ...{ file: { name: 'list.csv', size: 1 }, choice: null, revision: 1, fault: null, counts: null },
      ...{
        result: { changed: 3, unchanged: 0 },
        contactResult: kind === 'CONTACTS' ? noContactCounts : null,
      },
      ...{ undoes: null, undoneBy: null, by: 'cli', at: deps.clock(), confirmedAt: null, endedAt: null },
    });
    const before = await marketer.open(adminPaths.import(_id));
    expect(before.html).toContain(adminPaths.importUndo(_id));
    const undo = await undoImport(deps, { id: _id, scope: null }, 'cli');
    const firstLink = ({ html }: { html: string }) => load(html)('main .card').first().find('a').attr('href');
    const words = ({ html }: { html: string }) => load(html)('main .head .state').text();
    const during = await marketer.open(adminPaths.import(_id));
    expect([firstLink(during), words(during)]).toEqual([adminPaths.import(undo._id), 'Being undone']);
    const end = { state: 'DONE', endedAt: deps.clock(), result: { changed: 3, unchanged: 0 } } as const;
    await deps.models.imports.updateOne({ _id: undo._id }, { $set: end });
    const after = await marketer.open(adminPaths.import(_id));
    expect([firstLink(after), words(after)]).toEqual([adminPaths.import(undo._id), 'Undone']);
    expect(after.html).not.toContain(adminPaths.importUndo(_id));
    const row = load((await marketer.open(adminPaths.imports())).html)(
      `a[href="${adminPaths.import(_id)}"]`,
    ).closest('tr');
    expect(row.find('.state').text()).toBe('Undone');
  },
);
