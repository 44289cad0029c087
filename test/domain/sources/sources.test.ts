/** Scheduled sources against a real server: what each run brings, what is refused, and what waits for a person. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runList } from '../../../src/domain/imports/run.js';
import type { SourceDeps } from '../../../src/domain/sources/contract.js';
import { acceptList, endRun, fetchRun, needsAttention } from '../../../src/domain/sources/runs.js';
import {
  changeSource,
  createSource,
  deleteSource,
  findSource,
  queueDueSources,
  queueRun,
  type NewSource,
} from '../../../src/domain/sources/sources.js';
import type { Source } from '../../../src/models/source.js';
import { openImportRoom, type ImportRoom } from '../../support/import-room.js';
import { openListServer, type ListServer } from '../../support/list-server.js';
import { fjell, northwind } from '../../support/people.js';

let room: ImportRoom;
let server: ListServer;
let deps: SourceDeps;
let made = 0;
let now = Date.parse('2026-03-02T12:00:00Z');

beforeAll(async () => {
  room = await openImportRoom();
  server = await openListServer();
  deps = {
    ...room.imports,
    config: { subscriberIdKey: 'the key of the tests', privateSources: ['127.0.0.1'] },
  };
});
afterAll(async () => {
  await server.close();
  await room.close();
});
beforeEach(() => {
  server.requests.length = 0;
});

/** A new source of the server's list. */
async function source(more: Partial<NewSource> = {}): Promise<Source> {
  const id = await createSource(deps, {
    ...{ name: `Source ${++made}`, url: server.url, format: 'CSV', path: '', field: '', mode: 'APPEND' },
    ...{ schedule: { every: 'HOURLY', at: '00:30' }, unitId: northwind.id, channel: 'EMAIL' },
    ...{ credential: { kind: 'NONE', header: '', secret: null }, createdBy: 'user:1' },
    ...more,
  });
  return the({ _id: id });
}

async function the({ _id }: Pick<Source, '_id'>): Promise<Source> {
  const found = await findSource(deps, _id, null);
  if (!found) throw new Error('There is no such source.');
  return found;
}

/** Runs a source to its end, and gives it and its import. */
async function run(one: Pick<Source, '_id' | 'unitId'>) {
  now += 60_000;
  room.setTime(new Date(now));
  await queueRun(deps, one, new Date(now));
  await work();
  const after = await the(one);
  const importId = after.lastRun?.importId;
  return { after, result: importId ? (await room.theImport(importId)).result : null };
}

/** The second job is queued by the first. */
async function work(): Promise<void> {
  await room.workNow();
  await room.workNow();
}

async function parties(address: string, unitId = northwind.id): Promise<string[]> {
  const { subscriber } = await room.history(room.idOf(address));
  return (subscriber.optOuts.units[unitId] ?? []).map(({ party }) => party);
}

const list = (...addresses: string[]) => `Email\n${addresses.join('\n')}\n`;
const many = (letter: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${letter}${index}@example.com`);

describe('a run', () => {
  it('opts the addresses out, as one party in all runs', async () => {
    server.serve(list('ann@example.com', 'bob@example.com'));
    const one = await source();
    const first = await run(one);
    expect(first.after.lastRun).toMatchObject({ outcome: 'DONE' });
    expect(first.result).toEqual({ changed: 2, unchanged: 0 });
    server.serve(list('ann@example.com', 'bob@example.com', 'cara@example.com'));
    expect((await run(one)).result).toEqual({ changed: 1, unchanged: 2 });
    expect(await parties('ann@example.com')).toEqual([`IMPORT:source:${one._id}`]);
    const { events, subscriber } = await room.history(room.idOf('ann@example.com'));
    expect(events).toHaveLength(1);
    expect(await room.faults(subscriber._id)).toEqual([]);
  });

  it('asks with the ETag, and imports nothing if the list is the same', async () => {
    server.serve(list('etag@example.com'));
    const one = await source();
    await run(one);
    const { after } = await run(one);
    expect(after.lastRun).toMatchObject({ outcome: 'UNCHANGED', importId: null });
    expect(server.requests.map(({ status }) => status)).toEqual([200, 304]);
    server.answer((_request, response) => void response.end(list('etag@example.com')));
    expect((await run(one)).after.lastRun?.outcome, 'a server without validators').toBe('UNCHANGED');
    await changeSource(deps, await the(one), { ...one, field: 'Email' });
    expect((await run(one)).after.lastRun?.outcome, 'after a change of the source').toBe('DONE');
  });

  it('is repeated by nobody: one run at a time, and the same run once', async () => {
    server.serve(list('once@example.com'));
    const one = await source();
    await queueRun(deps, one, new Date(1));
    await queueRun(deps, one, new Date(1));
    await queueRun(deps, one, new Date(2));
    await room.models.sources.updateOne({ _id: one._id }, { $set: { run: `${one._id}-2` } });
    await work();
    const imports = await room.models.imports.find({ 'source.id': one._id }).lean();
    expect(imports.map(({ _id }) => _id)).toEqual([`${one._id}-2`]);
    await endRun(deps, `${one._id}-2`);
    expect(await the(one)).toMatchObject({ run: null, failures: 0, accepted: 1 });
  });

  it('is queued when it is due, at the next hour again', async () => {
    server.serve(list('due@example.com'));
    const one = await source();
    room.setTime(one.nextAt);
    await queueDueSources(deps);
    await queueDueSources(deps);
    await work();
    const after = await the(one);
    expect(after.lastRun?.outcome).toBe('DONE');
    expect(after.nextAt.getTime() - one.nextAt.getTime()).toBe(3_600_000);
    await room.models.sources.deleteOne({ _id: one._id });
  });
});

describe('an address that leaves the list', () => {
  it('keeps its opt-out if the source appends', async () => {
    server.serve(list('stay@example.com', 'leave@example.com'));
    const one = await source();
    await run(one);
    server.serve(list('stay@example.com', 'come@example.com'));
    expect((await run(one)).result).toEqual({ changed: 1, unchanged: 1 });
    expect(await parties('leave@example.com')).toHaveLength(1);
  });

  it('loses the opt-out of this source only, if the source mirrors', async () => {
    server.serve(list('m1@example.com', 'm2@example.com', 'm3@example.com'));
    const one = await source({ mode: 'MIRROR' });
    const other = await source();
    const ofOtherUnit = await source({ unitId: fjell.id });
    for (const each of [one, other, ofOtherUnit]) await run(each);
    const byPerson = await room.imported(list('m2@example.com'));
    server.serve(list('m1@example.com', 'm4@example.com'));
    expect((await run(one)).result).toEqual({ changed: 1, unchanged: 1, removed: 2 });
    expect(await parties('m2@example.com')).toEqual([
      `IMPORT:source:${other._id}`,
      `IMPORT:import:${byPerson._id}`,
    ]);
    expect(await parties('m2@example.com', fjell.id)).toEqual([`IMPORT:source:${ofOtherUnit._id}`]);
    expect(await parties('m1@example.com')).toContain(`IMPORT:source:${one._id}`);
    expect((await the(one)).lists, 'lists before the last one').toHaveLength(1);
    server.serve(list('m1@example.com', 'm3@example.com', 'm4@example.com'));
    expect((await run(one)).result, 'it comes back').toMatchObject({ removed: 0 });
    expect(await parties('m3@example.com')).toContain(`IMPORT:source:${one._id}`);
  });

  it('is found although it left while the source appended', async () => {
    server.serve(list('s1@example.com', 's2@example.com'));
    const one = await source();
    await run(one);
    server.serve(list('s1@example.com', 's3@example.com'));
    await run(one);
    await changeSource(deps, await the(one), { ...one, mode: 'MIRROR' });
    expect((await run(one)).result).toEqual({ changed: 0, unchanged: 2, removed: 1 });
    expect(await parties('s2@example.com')).toEqual([]);
  });
});

describe('a run whose worker is killed', () => {
  it.each([1, 2])(
    'before checkpoint %i, and that another worker repeats, counts each address once',
    async (before) => {
      const of = (name: string) => `${name}${before}@example.com`;
      server.serve(list(of('k1'), of('k2'), of('k3')));
      const one = await source({ mode: 'MIRROR' });
      await run(one);
      server.serve(list(of('k1'), of('k4')));
      const importId = `${one._id}-killed`;
      for await (const _ of fetchRun(deps, { sourceId: one._id, importId }));
      const killed = runList({ ...room.jobs, ...room.imports }, await room.theImport(importId), {
        ...{ after: null, guard: () => undefined },
      });
      let written = 0;
      for await (const progress of killed) if (progress && ++written === before) break;
      expect(written).toBe(before);
      expect(await parties(of('k2'))).toHaveLength(before === 1 ? 1 : 0);
      await work();
      expect((await room.theImport(importId)).result).toEqual({ changed: 1, unchanged: 1, removed: 2 });
      expect(await the(one)).toMatchObject({ run: null, lists: [importId], lastRun: { outcome: 'DONE' } });
      for (const name of ['k1', 'k4']) expect(await parties(of(name))).toHaveLength(1);
      for (const name of ['k2', 'k3']) {
        expect(await parties(of(name))).toEqual([]);
        const { events, subscriber } = await room.history(room.idOf(of(name)));
        expect(events).toHaveLength(2);
        expect(await room.faults(subscriber._id)).toEqual([]);
      }
    },
  );

  it('while the list is fetched begins again', async () => {
    server.serve(list('again@example.com'));
    const one = await source();
    const importId = `${one._id}-again`;
    for await (const _ of fetchRun(deps, { sourceId: one._id, importId })) break;
    expect(await room.theImport(importId)).toMatchObject({ state: 'CHECKING' });
    for await (const _ of fetchRun(deps, { sourceId: one._id, importId }));
    await work();
    expect((await room.theImport(importId)).result).toEqual({ changed: 1, unchanged: 0 });
    expect(server.requests).toHaveLength(1);
  });
});

describe('a list that shrinks by more than half', () => {
  it('changes nothing until a person accepts it', async () => {
    const before = many('shrink', 10);
    server.serve(list(...before));
    const one = await source({ mode: 'MIRROR' });
    await run(one);
    server.serve(list(...before.slice(0, 4)));
    const { after } = await run(one);
    expect(after.lastRun).toMatchObject({ outcome: 'HELD' });
    expect(needsAttention(after)).toBe(true);
    expect(await parties('shrink9@example.com')).toHaveLength(1);
    await acceptList(deps, after);
    await work();
    expect(await parties('shrink9@example.com')).toEqual([]);
    expect(await parties('shrink0@example.com')).toHaveLength(1);
    expect(await the(one)).toMatchObject({ accepted: 4, run: null, lastRun: { outcome: 'DONE' } });
    await expect(acceptList(deps, after)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('may become empty, in JSON', async () => {
    server.serve('["e1@example.com"]');
    const one = await source({ mode: 'MIRROR', format: 'JSON' });
    await run(one);
    server.serve('[]');
    await acceptList(deps, (await run(one)).after);
    await work();
    expect(await parties('e1@example.com')).toEqual([]);
  });
});

describe('a run that fails', () => {
  it('changes nothing, and needs attention the third time', async () => {
    server.serve(list('fail@example.com'));
    const one = await source({ mode: 'MIRROR' });
    await run(one);
    server.answer((_request, response) => void response.writeHead(503).end('fail2@example.com'));
    for (const isThird of [false, false, true]) {
      const { after } = await run(one);
      expect(after.lastRun).toMatchObject({ outcome: 'FAILED', importId: null });
      expect(needsAttention(after)).toBe(isThird);
    }
    expect(await parties('fail@example.com')).toHaveLength(1);
    server.serve(list('fail@example.com'));
    expect(needsAttention((await run(one)).after)).toBe(false);
  });

  it.each<[string, Parameters<ListServer['answer']>[0], RegExp]>([
    [
      'cut off',
      (_q, r) => void r.writeHead(200, { 'content-length': 999 }).end('Email\ncut@example.com\n'),
      /cut off/,
    ],
    [
      'another host',
      (_q, r) => void r.writeHead(302, { location: 'https://example.com/' }).end(),
      /another host/,
    ],
    ['in circles', (_q, r) => void r.writeHead(302, { location: '/list' }).end(), /too often/],
    ['no list', (_q, r) => void r.end(Buffer.from('PK\u0003\u0004nothing')), /./],
  ])('names the reason: %s', async (_name, answer, reason) => {
    server.answer(answer);
    const { after } = await run(await source());
    expect(after.lastRun).toMatchObject({ outcome: 'FAILED', sentence: expect.stringMatching(reason) });
    expect(await room.models.storedFiles.countDocuments({ _id: new RegExp(`^import:${after._id}`) })).toBe(0);
  });

  it('follows a redirect within the host', async () => {
    server.answer((request, response) => {
      if (request.url === '/list') response.writeHead(302, { location: '/other' }).end();
      else response.end(list('redirected@example.com'));
    });
    expect((await run(await source())).result).toMatchObject({ changed: 1 });
  });
});

describe('credentials', () => {
  it.each([
    ['BASIC', 'ann:hush-hush', 'authorization', `Basic ${Buffer.from('ann:hush-hush').toString('base64')}`],
    ['BEARER', 'hush-hush', 'authorization', 'Bearer hush-hush'],
    ['HEADER', 'hush-hush', 'x-api-key', 'hush-hush'],
  ] as const)('of the kind %s are sent, and stored sealed', async (kind, secret, name, value) => {
    server.serve(list('credential@example.com'));
    const one = await source({ credential: { kind, header: 'x-api-key', secret } });
    await run(one);
    expect(server.requests[0]?.headers[name]).toBe(value);
    expect(JSON.stringify(await room.models.sources.findById(one._id).lean())).not.toContain('hush');
    await changeSource(deps, await the(one), {
      ...one,
      credential: { kind, header: 'x-api-key', secret: null },
    });
    server.requests.length = 0;
    await run(one);
    expect(server.requests[0]?.headers[name], 'kept when the form leaves it empty').toBe(value);
  });
});

it('is deleted with its lists, and its opt-outs stay', async () => {
  server.serve(list('deleted@example.com'));
  const one = await source();
  await run(one);
  await deleteSource(deps, await the(one));
  expect(await findSource(deps, one._id, null)).toBeNull();
  expect(await parties('deleted@example.com')).toHaveLength(1);
  expect(await room.models.importParts.countDocuments({ _id: new RegExp(`^${one._id}`) })).toBe(0);
});

it('does not exist outside the scope', async () => {
  const one = await source();
  expect(await findSource(deps, one._id, [fjell.id])).toBeNull();
  expect(await findSource(deps, one._id, [northwind.id])).not.toBeNull();
});
