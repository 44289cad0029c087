/** The list of machine-made opt-outs: written with the state, newest first, in pages, and shorter after each correction. */
import { expect, it } from 'vitest';
import { findMachineMade } from '../../../src/domain/consent/find-machine-made.js';
import type { TimeAndId } from '../../../src/cursor.js';
import { undoMachineOptOut } from '../../../src/domain/consent/machine-opt-outs.js';
import { rebuildStates } from '../../../src/domain/consent/rebuild-states.js';
import type { Scope } from '../../../src/vocabulary/scope.js';
import { openConsentRoom } from '../../support/consent-room.js';
import { actors, given } from '../../support/judge.js';
import { fjell, northwind, offers, trailNotes, types } from '../../support/people.js';

const room = await openConsentRoom();
for (const { id, ...type } of types) await room.models.types.create({ _id: id, ...type });

const machine = { isMachine: true };
const list = async (scope: Scope = null, limit = 2) => {
  const ids: string[] = [];
  let before: TimeAndId | null = null;
  do {
    const page = await findMachineMade(
      { models: room.models, catalogue: room.deps.catalogue },
      { scope, before, limit },
    );
    ids.push(...page.rows.map(({ subscriberId }) => subscriberId));
    before = page.next;
  } while (before);
  return ids;
};

it('lists machine-made opt-outs newest first, in pages, within the reader’s units', async () => {
  const ids: string[] = [];
  for (let at = 0; at < 7; at++) {
    const id = await room.somebody();
    // Several at the same time.
    room.setTime(new Date(Date.UTC(2026, 2, 2, 12, Math.floor(at / 3))));
    await room.act(
      id,
      actors.oneClick,
      { kind: 'OPT_OUT_OF_ALL', unitId: at % 2 ? northwind.id : fjell.id },
      machine,
    );
    ids.push(id);
  }
  const ofPerson = await room.somebody();
  await room.act(ofPerson, actors.oneClick, { kind: 'OPT_OUT', typeId: offers.id });
  const all = await list();
  expect([...all].sort()).toEqual([...ids].sort());
  expect(all[0]).toBe(ids[6]);
  expect(new Set(all.slice(-3))).toEqual(new Set(ids.slice(0, 3)));
  expect((await list([northwind.id])).sort()).toEqual(ids.filter((_, at) => at % 2).sort());
  expect(await list([northwind.id, fjell.id])).toEqual(all);
  expect(await list([9])).toEqual([]);
  const { rows } = await findMachineMade(
    { models: room.models, catalogue: room.deps.catalogue },
    { scope: null, before: null, limit: 50 },
  );
  const [made] = rows[0]?.optOuts ?? [];
  if (!made) throw new Error('The opt-out is not listed.');
  const result = await room.act(rows[0]?.subscriberId ?? '', actors.staff, undoMachineOptOut(made), given);
  expect(result.outcomes).toMatchObject([{ result: 'CHANGED' }]);
  expect(await list()).toEqual(all.slice(1));
  expect(await room.faults(all[0] ?? '')).toEqual([]);
});

it('lists portal-wide machine-made opt-outs for every reader, and drops those that the contact confirms', async () => {
  const id = await room.somebody();
  await room.act(id, actors.freshContact, { kind: 'OPT_OUT_OF_ALL', unitId: null }, machine);
  expect(await list([9])).toEqual([id]);
  await room.act(id, actors.freshContact, { kind: 'OPT_OUT', typeId: trailNotes.id }, machine);
  await room.act(id, actors.freshContact, { kind: 'OPT_OUT_OF_ALL', unitId: null });
  expect(await list([9])).toEqual([]);
  expect(await list([northwind.id], 50)).toContain(id);
});

it('the migration that rebuilds states also writes the list of machine-made opt-outs', async () => {
  const before = await list(null, 50);
  expect(before.length).toBeGreaterThan(3);
  const older = { $unset: { machineMade: '', subscriptions: '' }, $set: { statuses: {} } };
  await room.models.subscribers.collection.updateMany({}, older);
  expect(await list()).toEqual([]);
  await rebuildStates(room.models);
  expect(await list(null, 50)).toEqual(before);
});
