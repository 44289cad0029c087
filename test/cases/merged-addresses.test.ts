/** Two addresses of an older release that the migration merged: their history in order of time, and spellings with a quotation mark. */
import { expect, it } from 'vitest';
import { maySend } from '../../src/domain/marketing/may-send.js';
import { changeConsent } from '../../src/domain/consent/change.js';
import { readEvents } from '../../src/domain/consent/newest-events.js';
import { composeAddresses } from '../../src/domain/contacts/compose-addresses.js';
import { newSubscriber } from '../../src/models/subscriber.js';
import { openTestPortal } from '../support/app.js';
import { actors } from '../support/judge.js';
import { productNews, trailNotes, weekendLetters } from '../support/people.js';

const portal = await openTestPortal();

/** An address as an older release stored it. @returns its subscriber id */
async function kept(address: string): Promise<string> {
  const id = portal.deps.subscriberIds('EMAIL', address);
  await portal.deps.models.subscribers.create(newSubscriber(id, 'EMAIL', address, portal.deps.clock()));
  return id;
}

const act = (subscriberId: string, kind: 'OPT_IN' | 'OPT_OUT', typeId: number, at = portal.deps.clock()) =>
  changeConsent(
    { ...portal.deps, clock: () => at },
    { subscriberId, channel: 'EMAIL', actor: actors.freshContact, wishes: [{ kind, typeId }] },
  );

it('the merged history of two spellings is in the order of time', async () => {
  const composed = 'müller@example.com';
  const id = await kept(composed);
  const oldId = await kept(composed.normalize('NFD'));
  const year = (one: number) => new Date(Date.UTC(one, 0, 1));
  await act(oldId, 'OPT_IN', trailNotes.id, year(2020));
  await act(oldId, 'OPT_IN', productNews.id, year(2021));
  await act(id, 'OPT_OUT', weekendLetters.id, year(2022));
  await composeAddresses(portal.deps);
  const events = await readEvents(portal.deps.models, id);
  expect(events.map(({ at }) => at.getUTCFullYear())).toEqual([2020, 2021, 2022]);
});

it.each(['ann@example.com', "'ann@example.com"])(
  'an opt-out of a spelling that begins with a quotation mark counts for %s',
  async (address) => {
    await act(await kept("'ann@example.com"), 'OPT_OUT', trailNotes.id);
    await composeAddresses(portal.deps);
    const question = { address, typeId: trailNotes.id, purpose: 'MARKETING' } as const;
    expect(await maySend(portal.deps, question)).toMatchObject({ isEligible: false });
    await portal.deps.models.subscribers.deleteMany({});
  },
);
