/** Random sequences of imports, undos and acts of others give the same opt-outs as the model "one opt-out per party". */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Import } from '../../../src/models/import.js';
import { importPartyOf, openImportRoom, type ImportRoom } from '../../support/import-room.js';
import { actors } from '../../support/judge.js';
import { northwind, trailNotes } from '../../support/people.js';
import { lift, optIn, stop } from '../../support/wishes.js';

let room: ImportRoom;
beforeAll(async () => {
  room = await openImportRoom();
});
afterAll(() => room.close());

const people = ['a', 'b', 'c'];
type Step =
  | { kind: 'IMPORT'; list: string[] }
  | { kind: 'UNDO'; pick: number }
  | { kind: 'ONE_CLICK' | 'STAFF' | 'LIFT' | 'OPT_IN'; who: string };

const who = fc.constantFrom(...people);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.subarray(people, { minLength: 1 }).map((list): Step => ({ kind: 'IMPORT', list })),
  fc.nat(9).map((pick): Step => ({ kind: 'UNDO', pick })),
  fc.record({ kind: fc.constantFrom('ONE_CLICK', 'STAFF', 'LIFT', 'OPT_IN'), who }),
);

const acts = {
  ONE_CLICK: [actors.oneClick, stop(northwind.id)],
  STAFF: [actors.staff, stop(northwind.id)],
  LIFT: [actors.staff, lift(northwind.id)],
  OPT_IN: [actors.freshContact, optIn(trailNotes)],
} as const;

it('each party has at most one entry, an import adds only its own, and its undo removes only that', async () => {
  let run = 0;
  let minutes = 0;
  const sequence = async (steps: Step[]) => {
    run += 1;
    const addressOf = (name: string) => `${name}-${run}@example.com`;
    const sets = new Map(people.map((name) => [name, new Set<string>()]));
    const setOf = (name: string) => sets.get(name) ?? new Set<string>();
    const add = (name: string, party: string) =>
      party === 'CONTACT' || !setOf(name).has('CONTACT') ? setOf(name).add(party) : undefined;
    const imports: Import[] = [];
    for (const one of steps) {
      // More than the time within which a contact's repetition is not recorded.
      room.later((minutes += 10));
      if (one.kind === 'IMPORT') {
        const before = one.list.filter((name) => setOf(name).size > 0).length;
        const done = await room.imported(`Email\n${one.list.map(addressOf).join('\n')}\n`);
        expect(done.result).toEqual({ changed: one.list.length - before, unchanged: before });
        imports.push(done);
        for (const name of one.list) add(name, importPartyOf(done));
      } else if (one.kind === 'UNDO') {
        const undone = imports[one.pick % Math.max(imports.length, 1)];
        if (!undone) continue;
        await room.undone(undone);
        for (const name of people) setOf(name).delete(importPartyOf(undone));
      } else {
        const [actor, wish] = acts[one.kind];
        await room.act(room.idOf(addressOf(one.who)), actor, wish);
        if (one.kind === 'ONE_CLICK') add(one.who, 'CONTACT');
        if (one.kind === 'STAFF') add(one.who, 'STAFF');
        if (one.kind === 'LIFT') setOf(one.who).delete('STAFF');
        if (one.kind === 'OPT_IN') setOf(one.who).clear();
      }
    }
    for (const name of people) {
      const id = room.idOf(addressOf(name));
      const found = await room.models.subscribers.findById(id).lean();
      const parties = found?.optOuts.units[northwind.id]?.map(({ party }) => party) ?? [];
      expect([...parties].sort()).toEqual([...setOf(name)].sort());
      if (found) expect(await room.faults(id)).toEqual([]);
    }
  };
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 9 }), sequence), {
    numRuns: 12,
    interruptAfterTimeLimit: 12_000,
  });
}, 60_000);
