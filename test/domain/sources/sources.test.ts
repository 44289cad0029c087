/** Scheduled sources against a real server: what each run brings, what is refused, and what waits for a person. */
import { beforeEach, describe, expect, it } from 'vitest';
import { acceptList, endRun, needsAttention } from '../../../src/domain/sources/runs.js';
import { deleteSource, deleteSourceAndOptOuts } from '../../../src/domain/sources/delete-source.js';
import { changeSource, findSource, queueDueSources, queueRun } from '../../../src/domain/sources/sources.js';
import type { ListServer } from '../../support/list-server.js';
import { fjell, northwind } from '../../support/people.js';
import { list, openSourceRoom } from '../../support/source-room.js';

const room = await openSourceRoom();
beforeEach(() => {
  room.server.requests.length = 0;
});

const many = (letter: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${letter}${index}@example.com`);

describe('a run', () => {
  it('opts the addresses out, as one party in all runs', async () => {
    room.server.serve(list('ann@example.com', 'bob@example.com'));
    const one = await room.source();
    const first = await room.run(one);
    expect(first.after.lastRun).toMatchObject({ outcome: 'DONE' });
    expect(first.result).toEqual({ changed: 2, unchanged: 0 });
    room.server.serve(list('ann@example.com', 'bob@example.com', 'cara@example.com'));
    expect((await room.run(one)).result).toEqual({ changed: 1, unchanged: 2 });
    expect(await room.parties('ann@example.com')).toEqual([`IMPORT:source:${one._id}`]);
    const { events, subscriber } = await room.history(room.idOf('ann@example.com'));
    expect(events).toHaveLength(1);
    expect(await room.faults(subscriber._id)).toEqual([]);
  });

  it('asks with the ETag, and imports nothing if the list is the same', async () => {
    room.server.serve(list('etag@example.com'));
    const one = await room.source();
    await room.run(one);
    const { after } = await room.run(one);
    expect(after.lastRun).toMatchObject({ outcome: 'UNCHANGED', importId: null });
    expect(room.server.requests.map(({ status }) => status)).toEqual([200, 304]);
    room.server.answer((_request, response) => void response.end(list('etag@example.com')));
    expect((await room.run(one)).after.lastRun?.outcome, 'a server without validators').toBe('UNCHANGED');
    await changeSource(room.sources, await room.theSource(one), { ...one, field: 'Email' });
    expect((await room.run(one)).after.lastRun?.outcome, 'after a change of the source').toBe('DONE');
  });

  it('asks a server without an ETag for changes since its last one', async () => {
    const since = 'Sat, 14 Mar 2026 18:00:00 GMT';
    room.server.answer((request, response) => {
      const isKnown = request.headers['if-modified-since'] === since;
      response.writeHead(isKnown ? 304 : 200, { 'last-modified': since });
      response.end(isKnown ? undefined : list('since@example.com'));
    });
    const one = await room.source();
    await room.run(one);
    expect((await room.run(one)).after.lastRun?.outcome).toBe('UNCHANGED');
    expect(room.server.requests.map(({ status }) => status)).toEqual([200, 304]);
  });

  it('is repeated by nobody: one run at a time, and the same run once', async () => {
    room.server.serve(list('once@example.com'));
    const one = await room.source();
    await queueRun(room.sources, one, new Date(1));
    await queueRun(room.sources, one, new Date(1));
    await queueRun(room.sources, one, new Date(2));
    await room.models.sources.updateOne({ _id: one._id }, { $set: { run: `${one._id}-2` } });
    await room.runJobs();
    const imports = await room.models.imports.find({ 'source.id': one._id }).lean();
    expect(imports.map(({ _id }) => _id)).toEqual([`${one._id}-2`]);
    await endRun(room.sources, `${one._id}-2`);
    expect(await room.theSource(one)).toMatchObject({ run: null, failures: 0, accepted: 1 });
  });

  it('is queued when it is due, at the next hour again', async () => {
    room.server.serve(list('due@example.com'));
    const one = await room.source();
    room.setTime(one.nextAt);
    await queueDueSources(room.sources);
    await queueDueSources(room.sources);
    await room.runJobs();
    const after = await room.theSource(one);
    expect(after.lastRun?.outcome).toBe('DONE');
    expect(after.nextAt.getTime() - one.nextAt.getTime()).toBe(3_600_000);
    await room.models.sources.deleteOne({ _id: one._id });
  });
});

describe('a list that shrinks by more than half', () => {
  it('changes nothing until a person accepts it', async () => {
    const before = many('shrink', 10);
    room.server.serve(list(...before));
    const one = await room.source({ mode: 'MIRROR' });
    await room.run(one);
    room.server.serve(list(...before.slice(0, 4)));
    const { after } = await room.run(one);
    expect(after.lastRun).toMatchObject({ outcome: 'HELD' });
    expect(needsAttention(after)).toBe(true);
    expect(await room.parties('shrink9@example.com')).toHaveLength(1);
    await acceptList(room.sources, after);
    await room.runJobs();
    expect(await room.parties('shrink9@example.com')).toEqual([]);
    expect(await room.parties('shrink0@example.com')).toHaveLength(1);
    expect(await room.theSource(one)).toMatchObject({ accepted: 4, run: null, lastRun: { outcome: 'DONE' } });
    await expect(acceptList(room.sources, after)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('may become empty, in JSON', async () => {
    room.server.serve('["e1@example.com"]');
    const one = await room.source({ mode: 'MIRROR', format: 'JSON' });
    await room.run(one);
    room.server.serve('[]');
    await acceptList(room.sources, (await room.run(one)).after);
    await room.runJobs();
    expect(await room.parties('e1@example.com')).toEqual([]);
  });
});

describe('a run that fails', () => {
  it('changes nothing, and needs attention the third time', async () => {
    room.server.serve(list('fail@example.com'));
    const one = await room.source({ mode: 'MIRROR' });
    await room.run(one);
    room.server.answer((_request, response) => void response.writeHead(503).end('fail2@example.com'));
    for (const isThird of [false, false, true]) {
      const { after } = await room.run(one);
      expect(after.lastRun).toMatchObject({ outcome: 'FAILED', importId: null });
      expect(needsAttention(after)).toBe(isThird);
    }
    expect(await room.parties('fail@example.com')).toHaveLength(1);
    room.server.serve(list('fail@example.com'));
    expect(needsAttention((await room.run(one)).after)).toBe(false);
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
    room.server.answer(answer);
    const { after } = await room.run(await room.source());
    expect(after.lastRun).toMatchObject({ outcome: 'FAILED', sentence: expect.stringMatching(reason) });
    expect(await room.models.storedFiles.countDocuments({ _id: new RegExp(`^import:${after._id}`) })).toBe(0);
  });

  it('follows a redirect within the host', async () => {
    room.server.answer((request, response) => {
      if (request.url === '/list') response.writeHead(302, { location: '/other' }).end();
      else response.end(list('redirected@example.com'));
    });
    expect((await room.run(await room.source())).result).toMatchObject({ changed: 1 });
  });
});

describe('credentials', () => {
  it.each([
    ['BASIC', 'ann:hush-hush', 'authorization', `Basic ${Buffer.from('ann:hush-hush').toString('base64')}`],
    ['BEARER', 'hush-hush', 'authorization', 'Bearer hush-hush'],
    ['HEADER', 'hush-hush', 'x-api-key', 'hush-hush'],
  ] as const)('of the kind %s are sent, and stored sealed', async (kind, secret, name, value) => {
    room.server.serve(list('credential@example.com'));
    const one = await room.source({ credential: { kind, header: 'x-api-key', secret } });
    await room.run(one);
    expect(room.server.requests[0]?.headers[name]).toBe(value);
    expect(JSON.stringify(await room.models.sources.findById(one._id).lean())).not.toContain('hush');
    await changeSource(room.sources, await room.theSource(one), {
      ...one,
      credential: { kind, header: 'x-api-key', secret: null },
    });
    room.server.requests.length = 0;
    await room.run(one);
    expect(room.server.requests[0]?.headers[name], 'kept when the form leaves it empty').toBe(value);
  });
});

it('is deleted with its lists, and its opt-outs stay', async () => {
  room.server.serve(list('deleted@example.com'));
  const one = await room.source();
  await room.run(one);
  await deleteSource(room.sources, await room.theSource(one));
  expect(await findSource(room.sources, one._id, null)).toBeNull();
  expect(await room.parties('deleted@example.com')).toHaveLength(1);
  expect(await room.models.importParts.countDocuments({ _id: new RegExp(`^${one._id}`) })).toBe(0);
});

it.each(['APPEND', 'MIRROR'] as const)(
  'of mode %s is deleted with exactly its own opt-outs',
  async (mode) => {
    const [first, second, both] = ['d1', 'd2', 'd3'].map(
      (name) => `${name}-${mode.toLowerCase()}@example.com`,
    );
    room.server.serve(list(first ?? '', both ?? ''));
    const one = await room.source({ mode });
    await room.run(one);
    room.server.serve(list(first ?? '', both ?? '', second ?? ''));
    await room.run(one);
    const other = await room.imported(list(both ?? ''));
    const undo = await deleteSourceAndOptOuts(room.sources, await room.theSource(one), 'user:1');
    expect(await findSource(room.sources, one._id, null)).toBeNull();
    await room.runJobs();
    expect(await room.theImport(undo._id)).toMatchObject({
      kind: 'UNDO',
      state: 'DONE',
      result: { changed: 3 },
    });
    expect(await room.parties(first ?? '')).toEqual([]);
    expect(await room.parties(second ?? '')).toEqual([]);
    expect(await room.parties(both ?? '')).toEqual([`IMPORT:import:${other._id}`]);
    const { events } = await room.history(room.idOf(second ?? ''));
    expect(events.at(-1)?.actor).toMatchObject({ kind: 'IMPORT', ref: `import:${undo._id}` });
    expect(await room.models.importParts.countDocuments({ _id: new RegExp(`^${one._id}`) })).toBe(0);
  },
);

it('keeps its opt-outs and stays, if a run is under way at its deletion', async () => {
  room.server.serve(list('busy@example.com'));
  const one = await room.source();
  await room.run(one);
  await queueRun(room.sources, one, new Date(5));
  const run = `${one._id}-${new Date(5).getTime().toString(36)}`;
  await room.models.sources.updateOne({ _id: one._id }, { $set: { run } });
  const asked = deleteSourceAndOptOuts(room.sources, await room.theSource(one), 'user:1');
  await expect(asked).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(await findSource(room.sources, one._id, null)).not.toBeNull();
  await room.runJobs();
  expect(await room.parties('busy@example.com')).toHaveLength(1);
});

it('does not exist outside the scope', async () => {
  const one = await room.source();
  expect(await findSource(room.sources, one._id, [fjell.id])).toBeNull();
  expect(await findSource(room.sources, one._id, [northwind.id])).not.toBeNull();
});
