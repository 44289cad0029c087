/** A workflow never opts in a contact that opted out before, also after the opt-out has ended (decision 0722). */
import { expect, it } from 'vitest';
import { noteEndedOptOuts } from '../../../src/domain/consent/rebuild-states.js';
import type { Actor, Wish } from '../../../src/vocabulary/terms.js';
import { openConsentRoom } from '../../support/consent-room.js';
import { actors, given, worldWith } from '../../support/judge.js';
import { northwind, productNews, trailNotes } from '../../support/people.js';

const room = await openConsentRoom();
room.setCatalogue(worldWith({ hasDoubleOptIn: false }));

type Act = [Actor, Wish];
const type = (kind: 'OPT_OUT' | 'OPT_IN' | 'SET_NOT_SPECIFIED', typeId = trailNotes.id): Wish => ({
  kind,
  typeId,
});
const all = (kind: 'OPT_OUT_OF_ALL' | 'LIFT_OPT_OUT_OF_ALL', unitId: number | null): Wish => ({
  kind,
  unitId,
});
const { staff, freshContact, importer, workflow, apiV3 } = actors;
const setBack: Act = [staff, type('SET_NOT_SPECIFIED')];
const optOuts: [string, Act[]][] = [
  ['the contact', [[freshContact, type('OPT_OUT')], setBack]],
  ['a one-click link', [[actors.oneClick, type('OPT_OUT')], setBack]],
  ['staff', [[staff, type('OPT_OUT')], setBack]],
  ['the API', [[apiV3, type('OPT_OUT')], setBack]],
  ['a workflow', [[workflow, type('OPT_OUT')], setBack]],
  [
    'an import that was undone',
    [
      [importer, type('OPT_OUT')],
      [importer, { kind: 'UNDO_IMPORT' }],
    ],
  ],
  [
    'staff, of the unit',
    [
      [staff, all('OPT_OUT_OF_ALL', northwind.id)],
      [staff, all('LIFT_OPT_OUT_OF_ALL', northwind.id)],
    ],
  ],
  [
    'staff, of the account',
    [
      [staff, all('OPT_OUT_OF_ALL', null)],
      [staff, all('LIFT_OPT_OUT_OF_ALL', null)],
    ],
  ],
  ['staff, before a resubscription', [[staff, type('OPT_OUT')], [staff, type('OPT_IN')], setBack]],
];

async function after(acts: Act[]): Promise<string> {
  const id = await room.somebody();
  for (const [actor, wish] of acts) await room.act(id, actor, wish, given);
  return id;
}
async function optedInBy(actor: Actor, id: string, typeId = trailNotes.id): Promise<string> {
  const { outcomes } = await room.act(id, actor, type('OPT_IN', typeId), given);
  const [outcome] = outcomes;
  expect(await room.faults(id)).toEqual([]);
  return outcome?.result === 'REFUSED' ? outcome.code : (outcome?.result ?? '');
}

it.each(optOuts)('counts an opt-out by %s', async (_, acts) => {
  expect(await optedInBy(workflow, await after(acts))).toBe('PREVIOUSLY_OPTED_OUT');
  expect(await optedInBy(apiV3, await after(acts)), 'others may opt in').toBe('CHANGED');
});

it.each(optOuts)('forgets an opt-out by %s when the contact opts in', async (_, acts) => {
  const id = await after([...acts, [freshContact, type('OPT_IN')], setBack]);
  expect(await optedInBy(workflow, id)).toBe('CHANGED');
});

it('keeps an ended opt-out of all for the types that the contact did not opt in to', async () => {
  const wide: Act[] = [
    [staff, all('OPT_OUT_OF_ALL', northwind.id)],
    [staff, all('LIFT_OPT_OUT_OF_ALL', northwind.id)],
    [freshContact, type('OPT_IN')],
  ];
  const id = await after(wide);
  expect(await optedInBy(workflow, id, productNews.id)).toBe('PREVIOUSLY_OPTED_OUT');
  const again = await after([...wide, ...wide.slice(0, 2), setBack]);
  expect(await optedInBy(workflow, again)).toBe('PREVIOUSLY_OPTED_OUT');
});

it('does not count an automated opt-out that staff corrected', async () => {
  const id = await room.somebody();
  const { events } = await room.act(id, actors.oneClick, type('OPT_OUT'), { isMachine: true });
  const of = { unitId: trailNotes.unitId, typeId: trailNotes.id, seq: events[0]?.seq ?? 0 };
  await room.act(id, staff, { kind: 'UNDO_MACHINE_OPT_OUT', of }, given);
  expect(await optedInBy(workflow, id)).toBe('CHANGED');
});

it('the migration notes the ended opt-outs of existing histories', async () => {
  const ids = await Promise.all(optOuts.map(([, acts]) => after(acts)));
  const notes = async () =>
    (await Promise.all(ids.map((id) => room.history(id)))).map((one) => one.subscriber.endedOptOuts);
  const before = await notes();
  await room.models.subscribers.collection.updateMany({}, { $unset: { endedOptOuts: '' } });
  await noteEndedOptOuts(room.models);
  expect(await notes()).toEqual(before);
  expect(before).not.toContain(undefined);
  for (const id of ids) expect(await optedInBy(workflow, id)).toBe('PREVIOUSLY_OPTED_OUT');
});
