/** Facets after work in bulk: written from what was just decided, and right however others write at the same time. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeConsentInBulk } from '../../../src/domain/consent/change-in-bulk.js';
import { channels } from '../../../src/vocabulary/terms.js';
import { facetsAfter, facetsOf } from '../../../src/domain/contacts/facets.js';
import { facet } from '../../../src/domain/filters/facet.js';
import { followWrites, refreshMarked } from '../../../src/domain/contacts/follow.js';
import { projectSubscriber } from '../../../src/domain/contacts/project.js';
import type { Contact } from '../../../src/models/contact.js';
import { findSubscriber } from '../../../src/models/find-subscribers.js';
import { openContactRoom } from '../../support/contact-room.js';
import type { ContactRoom } from '../../support/contact-room.js';
import { actors, given } from '../../support/judge.js';
import { offers, trailNotes } from '../../support/people.js';

let room: ContactRoom;
beforeAll(async () => {
  room = await openContactRoom();
});
afterAll(() => room.close());
const optedOut = facet.status('EMAIL', trailNotes.id, 'UNSUBSCRIBED');
const optedIn = facet.status('EMAIL', trailNotes.id, 'SUBSCRIBED');

/** Opts a contact out as a bulk edit does, without a mark; the head as it was written. */
async function optOutUnmarked({ _id, subscribers }: Contact) {
  const subscriberId = subscribers.EMAIL ?? '';
  const [result] = await changeConsentInBulk(room.deps, [
    {
      ...{ subscriberId, channel: 'EMAIL', actor: actors.bulkStaff, circumstances: given },
      wishes: [{ kind: 'OPT_OUT', typeId: trailNotes.id }],
      followedContactId: _id,
    },
  ]);
  if (!result) throw new Error('There is no result.');
  return result.subscriber;
}
const optIn = (subscriberId: string) =>
  room.act(subscriberId, actors.freshContact, { kind: 'OPT_IN', typeId: trailNotes.id });

/** The facets are what the truth gives, and nothing is left to be swept. */
async function expectTruth(contactId: string): Promise<void> {
  const contact = await room.stored(contactId);
  if (!contact) throw new Error('There is no such contact.');
  const heads = await Promise.all(
    channels.map((channel) => findSubscriber(room.models.subscribers, contact.subscribers[channel] ?? '')),
  );
  const [EMAIL = null, WHATSAPP = null, SMS = null] = heads;
  expect(contact.facets).toEqual(facetsOf(contact, { EMAIL, WHATSAPP, SMS }, await room.deps.catalogue()));
  for (const head of heads) expect(head?.isUnprojected).toBeUndefined();
}

describe('following work in bulk', () => {
  it('the facets of one channel are rewritten, those of the others stay as they are', async () => {
    const contact = await room.contact({ email: 'both@example.com', phone: '+4790000011', locale: 'nb' });
    const head = await optOutUnmarked(contact);
    expect(head.isUnprojected).toBeUndefined();
    expect(facetsAfter(contact, 'EMAIL', head, await room.deps.catalogue())).toContain(optedOut);
    await followWrites(room.contacts, 'EMAIL', [{ contact, head }]);
    expect((await room.stored(contact._id))?.facets).toContain(optedOut);
    await expectTruth(contact._id);
  });

  it('a contact that is edited meanwhile keeps the edit, and follows', async () => {
    const contact = await room.contact({ email: 'edited@example.com' });
    const head = await optOutUnmarked(contact);
    await room.edit(contact, { locale: 'de' });
    await followWrites(room.contacts, 'EMAIL', [{ contact, head }]);
    expect((await room.stored(contact._id))?.facets).toEqual(
      expect.arrayContaining([optedOut, facet.locale('de')]),
    );
    await expectTruth(contact._id);
  });

  it('an older decision never replaces a newer one, even where that changed no facet and its mark is gone', async () => {
    const contact = await room.contact({ email: 'back@example.com' });
    const id = contact.subscribers.EMAIL ?? '';
    await optIn(id);
    await projectSubscriber(room.contacts, id);
    const asRead = (await room.stored(contact._id)) ?? contact;
    const head = await optOutUnmarked(asRead);
    // Back again before our facets are written: theirs are as they were, so nothing but the mark tells.
    await optIn(id);
    await projectSubscriber(room.contacts, id);
    await followWrites(room.contacts, 'EMAIL', [{ contact: asRead, head }]);
    expect((await room.stored(contact._id))?.facets).toContain(optedIn);
    await expectTruth(contact._id);
  });

  it('whatever the order of many writers, what stands in the end is the truth', async () => {
    const contacts = await Promise.all(
      Array.from({ length: 25 }, (_, index) => room.contact({ email: `many-${index}@example.com` })),
    );
    const written = await Promise.all(
      contacts.map(async (contact) => ({ contact, head: await optOutUnmarked(contact) })),
    );
    const others = contacts.map(async ({ subscribers }) => {
      const id = subscribers.EMAIL ?? '';
      await optIn(id);
      await projectSubscriber(room.contacts, id);
      await room.act(id, actors.oneClick, { kind: 'OPT_OUT', typeId: offers.id });
      await projectSubscriber(room.contacts, id);
    });
    await Promise.all([followWrites(room.contacts, 'EMAIL', written), ...others]);
    for (const { _id } of contacts) await expectTruth(_id);
  });

  it('what broke off is brought up from the truth', async () => {
    const contact = await room.contact({ email: 'broken@example.com' });
    await optOutUnmarked(contact);
    await refreshMarked(room.contacts, [contact]);
    expect((await room.stored(contact._id))?.facets).toContain(optedOut);
    await expectTruth(contact._id);
  });

  it('an address that another contact has by now is left to that one', async () => {
    const contact = await room.contact({ email: 'moved@example.com' });
    const head = await optOutUnmarked(contact);
    await followWrites(room.contacts, 'EMAIL', [{ contact, head: { ...head, contactId: 'another' } }]);
    expect((await room.stored(contact._id))?.facets).not.toContain(optedOut);
  });
});
