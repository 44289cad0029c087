/** Random sequences of imports of both kinds, undos and acts of others give the same opt-outs as the model "one opt-out per party". */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Import } from '../../../src/models/import.js';
import { importPartyOf, openContactImportRoom, withBasis } from '../../support/contact-import-room.js';
import type { Actor, Circumstances, Wish } from '../../../src/vocabulary/terms.js';
import { actors, given } from '../../support/judge.js';
import { northwind, trailNotes } from '../../support/people.js';
import { lift, optIn, stop } from '../../support/wishes.js';
import { runs } from '../../support/soak.js';

const room = await openContactImportRoom();

const people = ['a', 'b', 'c'];
/** Each act, and what it does to the parties of the unit's opt-outs. What the rules refuse changes nothing. */
const acts = {
  ONE_CLICK: [actors.oneClick, stop(northwind.id), (add) => add('CONTACT')],
  AUTOMATED: [actors.oneClick, stop(northwind.id), (add) => add('AUTOMATED'), { isMachine: true }],
  STAFF: [actors.staff, stop(northwind.id), (add) => add('STAFF')],
  API: [actors.apiV4, stop(northwind.id), (add) => add('API')],
  WORKFLOW: [actors.workflow, stop(northwind.id), (add) => add('WORKFLOW')],
  LIFT: [actors.staff, lift(northwind.id), (_, set) => set.delete('STAFF')],
  OPT_IN: [actors.freshContact, optIn(trailNotes), (_, set) => set.clear()],
  OPT_IN_BY_WORKFLOW: [actors.workflow, optIn(trailNotes), () => undefined, given],
  OPT_IN_BY_API: [actors.apiV4, optIn(trailNotes), () => undefined, given],
  OPT_IN_BY_IMPORT: [actors.importer, optIn(trailNotes), () => undefined, given],
} as const satisfies Record<
  string,
  readonly [Actor, Wish, (add: (party: string) => unknown, set: Set<string>) => unknown, Circumstances?]
>;
const actKinds = Object.keys(acts).filter((kind): kind is keyof typeof acts => kind in acts);

/** A row of a contact import: an address, and its cell for the subscription type. */
interface Row {
  who: string;
  cell: 'yes' | 'no' | '';
}

type Step =
  | { kind: 'IMPORT'; list: string[] }
  | { kind: 'CONTACTS'; rows: Row[] }
  | { kind: 'UNDO'; pick: number }
  | { kind: 'TWO_AT_ONCE'; lists: [string[], string[]] }
  | { kind: keyof typeof acts; who: string };

const who = fc.constantFrom(...people);
const listed = fc.subarray(people, { minLength: 1 });
const row: fc.Arbitrary<Row> = fc.record({ who, cell: fc.constantFrom('yes', 'no', '') });
const step: fc.Arbitrary<Step> = fc.oneof(
  listed.map((list): Step => ({ kind: 'IMPORT', list })),
  fc.array(row, { minLength: 1, maxLength: 4 }).map((rows): Step => ({ kind: 'CONTACTS', rows })),
  fc.nat(9).map((pick): Step => ({ kind: 'UNDO', pick })),
  fc.tuple(listed, listed).map((lists): Step => ({ kind: 'TWO_AT_ONCE', lists })),
  // Acts of others, three times as often as imports.
  ...Array.from({ length: 3 }, () => fc.record({ kind: fc.constantFrom(...actKinds), who })),
);

const importThenApi: Step[] = [
  { kind: 'CONTACTS', rows: [{ who: 'b', cell: 'no' }] },
  { kind: 'OPT_IN_BY_API', who: 'b' },
];

const textOf = (addresses: string[]) => `Email\n${addresses.join('\n')}\n`;

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
    /** The parties of the opt-outs of the one type, and the import that created each contact. */
    const ofType = new Map(people.map((name) => [name, new Set<string>()]));
    const createdBy = new Map<string, string>();
    const typeSetOf = (name: string) => ofType.get(name) ?? new Set<string>();
    const imports: Import[] = [];
    for (const one of steps) {
      // More than the time within which a contact's repetition is not recorded.
      room.later((minutes += 10));
      if (one.kind === 'IMPORT') {
        const before = one.list.filter((name) => setOf(name).size > 0).length;
        const done = await room.imported(textOf(one.list.map(addressOf)));
        expect(done.result).toEqual({ changed: one.list.length - before, unchanged: before });
        imports.push(done);
        for (const name of one.list) add(name, importPartyOf(done));
      } else if (one.kind === 'TWO_AT_ONCE') {
        const both: Import[] = [];
        for (const list of one.lists) both.push(await room.checked(textOf(list.map(addressOf))));
        for (const each of both) await room.confirmed(each);
        await Promise.all([room.workNow(), room.workNow()]);
        for (const [index, { _id }] of both.entries()) {
          const done = await room.theImport(_id);
          expect(done.state).toBe('DONE');
          imports.push(done);
          for (const name of one.lists[index] ?? []) add(name, importPartyOf(done));
        }
      } else if (one.kind === 'CONTACTS') {
        const lines = one.rows.map(({ who: name, cell }) => `${addressOf(name)},${cell}`);
        const done = await room.importedContacts([`E-mail,${trailNotes.name}`, ...lines], withBasis);
        imports.push(done);
        const expected = { rows: lines.length, created: 0, optOuts: 0, refusedOptIns: 0 };
        const optedIn = new Set<string>();
        for (const { who: name, cell } of one.rows) {
          if (!createdBy.has(name)) {
            expected.created += 1;
            createdBy.set(name, done._id);
          }
          const isOut = setOf(name).size + typeSetOf(name).size > 0;
          if (cell === 'yes' && isOut) expected.refusedOptIns += 1;
          if (cell === 'yes' && !isOut) optedIn.add(name);
          if (cell !== 'no' || isOut) continue;
          expected.optOuts += 1;
          optedIn.delete(name);
          typeSetOf(name).add(importPartyOf(done));
        }
        expect(done.contactResult).toMatchObject(expected);
        for (const name of optedIn) {
          const { subscriptions } = (await room.history(room.idOf(addressOf(name)))).subscriber;
          expect(Object.keys(subscriptions)).toContain(String(trailNotes.id));
        }
      } else if (one.kind === 'UNDO') {
        const undone = imports[one.pick % Math.max(imports.length, 1)];
        if (!undone) continue;
        await room.undone(undone);
        for (const name of people) {
          // The undo of a contact import deletes the contacts that it created, and leaves consent.
          if (undone.kind !== 'CONTACTS') setOf(name).delete(importPartyOf(undone));
          if (createdBy.get(name) === undone._id) createdBy.delete(name);
        }
      } else {
        const [actor, wish, model, why] = acts[one.kind];
        await room.act(room.idOf(addressOf(one.who)), actor, wish, why);
        model((party) => add(one.who, party), setOf(one.who));
        // The contact may opt in after any opt-out; the API, with reasons, after an import's opt-out of the type, but not after one of all.
        const isOptIn = one.kind === 'OPT_IN' || (one.kind === 'OPT_IN_BY_API' && setOf(one.who).size === 0);
        if (isOptIn) typeSetOf(one.who).clear();
      }
    }
    for (const name of people) {
      const id = room.idOf(addressOf(name));
      const found = await room.models.subscribers.findById(id).lean();
      const partiesOf = (set?: readonly { party: string }[]) => (set ?? []).map(({ party }) => party).sort();
      expect(partiesOf(found?.optOuts.units[northwind.id])).toEqual([...setOf(name)].sort());
      expect(partiesOf(found?.optOuts.types[trailNotes.id])).toEqual([...typeSetOf(name)].sort());
      expect((await room.contactOf(addressOf(name))) !== null).toBe(createdBy.has(name));
      if (found) expect(await room.faults(id)).toEqual([]);
    }
  };
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 9 }), sequence), {
    // What random sequences found once.
    examples: [[importThenApi]],
    ...runs(15, { limitMs: 12_000 }),
  });
});
