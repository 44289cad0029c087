/** A source repeats its list again and again: a contact who opts in after the list had its address stays opted in, until a list is news. */
import { expect, it } from 'vitest';
import { maySend } from '../../../src/domain/marketing/may-send.js';
import { actors } from '../../support/judge.js';
import { northwind, offers, trailNotes } from '../../support/people.js';
import { list, openSourceRoom } from '../../support/source-room.js';
import { optIn, stop } from '../../support/wishes.js';

const room = await openSourceRoom();

/** The contact does so, a moment after the last run. */
const optsIn = (address: string) => {
  room.setTime(new Date(room.jobs.clock().getTime() + 1000));
  return room.act(room.idOf(address), actors.freshContact, optIn(trailNotes));
};
const mayGet = async (address: string) =>
  (await maySend(room.imports, { address, typeId: trailNotes.id })).isEligible;

it.each(['APPEND', 'MIRROR'] as const)('while the list of mode %s only repeats the address', async (mode) => {
  const of = (name: string) => `${name}-${mode.toLowerCase()}@example.com`;
  room.server.serve(list(of('back'), of('other')));
  const one = await room.source({ mode });
  await room.run(one);
  expect(await mayGet(of('back'))).toBe(false);
  await optsIn(of('back'));
  for (const [index, name] of ['third', 'fourth'].entries()) {
    room.server.serve(list(of('back'), of('other'), of(name)));
    const { result } = await room.run(one);
    expect(result).toMatchObject({ changed: 1, unchanged: 2, optedIn: 1 });
    expect(await mayGet(of('back')), `after run ${index + 2}`).toBe(true);
  }
  const { subscriber } = await room.history(room.idOf(of('back')));
  expect(subscriber.optOuts.types[offers.id], 'other types stay opted out').toHaveLength(1);
  room.server.serve(list(of('other'), of('third')));
  await room.run(one);
  expect(await mayGet(of('back'))).toBe(true);
  room.server.serve(list(of('back'), of('other')));
  expect((await room.run(one)).result, 'it left and came back').toMatchObject({ changed: 1, unchanged: 1 });
  expect(await mayGet(of('back'))).toBe(false);
  const kept = await room.models.importParts.find({ _id: new RegExp(`^${one._id}-\\w+\\.list:`) }).lean();
  expect(kept).toHaveLength(mode === 'APPEND' ? 1 : 0);
});

it('not by an opt-in from before the list, or one that another party ended', async () => {
  const [early, ended, news] = ['early', 'ended', 'news'].map((name) => `${name}@example.com`);
  room.server.serve(list(ended ?? ''));
  const one = await room.source();
  await optsIn(early ?? '');
  await room.run(one);
  await optsIn(ended ?? '');
  await room.act(room.idOf(ended ?? ''), actors.workflow, stop(northwind.id));
  const addresses = [early ?? '', ended ?? '', news ?? ''];
  room.server.serve(list(...addresses));
  expect((await room.run(one)).result).toEqual({ changed: 2, unchanged: 1 });
  for (const address of addresses) expect(await room.parties(address)).toContain(`IMPORT:source:${one._id}`);
});
