/** Addresses that leave the list of a source, and runs whose worker is killed. */
import { beforeEach, describe, expect, it } from 'vitest';
import { runList } from '../../../src/domain/imports/run.js';
import { fetchRun } from '../../../src/domain/sources/runs.js';
import { changeSource } from '../../../src/domain/sources/sources.js';
import { fjell } from '../../support/people.js';
import { list, openSourceRoom } from '../../support/source-room.js';

const room = await openSourceRoom();
beforeEach(() => {
  room.server.requests.length = 0;
});

describe('an address that leaves the list', () => {
  it('keeps its opt-out if the source appends', async () => {
    room.server.serve(list('stay@example.com', 'leave@example.com'));
    const one = await room.source();
    await room.run(one);
    room.server.serve(list('stay@example.com', 'come@example.com'));
    expect((await room.run(one)).result).toEqual({ changed: 1, unchanged: 1 });
    expect(await room.parties('leave@example.com')).toHaveLength(1);
  });

  it('loses the opt-out of this source only, if the source mirrors', async () => {
    room.server.serve(list('m1@example.com', 'm2@example.com', 'm3@example.com'));
    const one = await room.source({ mode: 'MIRROR' });
    const other = await room.source();
    const ofOtherUnit = await room.source({ unitId: fjell.id });
    for (const each of [one, other, ofOtherUnit]) await room.run(each);
    const byPerson = await room.imported(list('m2@example.com'));
    room.server.serve(list('m1@example.com', 'm4@example.com'));
    expect((await room.run(one)).result).toEqual({ changed: 1, unchanged: 1, removed: 2 });
    expect(await room.parties('m2@example.com')).toEqual([
      `IMPORT:source:${other._id}`,
      `IMPORT:import:${byPerson._id}`,
    ]);
    expect(await room.parties('m2@example.com', fjell.id)).toEqual([`IMPORT:source:${ofOtherUnit._id}`]);
    expect(await room.parties('m1@example.com')).toContain(`IMPORT:source:${one._id}`);
    expect((await room.theSource(one)).lists, 'lists before the last one').toHaveLength(1);
    room.server.serve(list('m1@example.com', 'm3@example.com', 'm4@example.com'));
    expect((await room.run(one)).result, 'it comes back').toMatchObject({ removed: 0 });
    expect(await room.parties('m3@example.com')).toContain(`IMPORT:source:${one._id}`);
  });

  it('is found although it left while the source appended', async () => {
    room.server.serve(list('s1@example.com', 's2@example.com'));
    const one = await room.source();
    await room.run(one);
    room.server.serve(list('s1@example.com', 's3@example.com'));
    await room.run(one);
    await changeSource(room.sources, await room.theSource(one), { ...one, mode: 'MIRROR' });
    expect((await room.run(one)).result).toEqual({ changed: 0, unchanged: 2, removed: 1 });
    expect(await room.parties('s2@example.com')).toEqual([]);
  });
});

describe('a run whose worker is killed', () => {
  it.each([1, 2])(
    'before checkpoint %i, and that another worker repeats, counts each address once',
    async (before) => {
      const of = (name: string) => `${name}${before}@example.com`;
      room.server.serve(list(of('k1'), of('k2'), of('k3')));
      const one = await room.source({ mode: 'MIRROR' });
      await room.run(one);
      room.server.serve(list(of('k1'), of('k4')));
      const importId = `${one._id}-killed`;
      for await (const _ of fetchRun(room.sources, { sourceId: one._id, importId }));
      const killed = runList({ ...room.jobs, ...room.imports }, await room.theImport(importId), {
        ...{ after: null, guard: () => undefined },
      });
      let written = 0;
      for await (const progress of killed) if (progress && ++written === before) break;
      expect(written).toBe(before);
      expect(await room.parties(of('k2'))).toHaveLength(before === 1 ? 1 : 0);
      await room.runJobs();
      expect((await room.theImport(importId)).result).toEqual({ changed: 1, unchanged: 1, removed: 2 });
      expect(await room.theSource(one)).toMatchObject({
        run: null,
        lists: [importId],
        lastRun: { outcome: 'DONE' },
      });
      for (const name of ['k1', 'k4']) expect(await room.parties(of(name))).toHaveLength(1);
      for (const name of ['k2', 'k3']) {
        expect(await room.parties(of(name))).toEqual([]);
        const { events, subscriber } = await room.history(room.idOf(of(name)));
        expect(events).toHaveLength(2);
        expect(await room.faults(subscriber._id)).toEqual([]);
      }
    },
  );

  it('while the list is fetched begins again', async () => {
    room.server.serve(list('again@example.com'));
    const one = await room.source();
    const importId = `${one._id}-again`;
    for await (const _ of fetchRun(room.sources, { sourceId: one._id, importId })) break;
    expect(await room.theImport(importId)).toMatchObject({ state: 'CHECKING' });
    for await (const _ of fetchRun(room.sources, { sourceId: one._id, importId }));
    await room.runJobs();
    expect((await room.theImport(importId)).result).toEqual({ changed: 1, unchanged: 0 });
    expect(room.server.requests).toHaveLength(1);
  });
});
