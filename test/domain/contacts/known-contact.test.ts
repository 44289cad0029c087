/** A contact that the caller has read before it saves: what happened to it since then is kept. */
import { expect, it } from 'vitest';
import { erasePerson } from '../../../src/domain/contacts/erase.js';
import { saveContacts } from '../../../src/domain/contacts/save.js';
import type { SavedContact } from '../../../src/domain/contacts/save-passes.js';
import { formOf, openContactRoom, staff } from '../../support/contact-room.js';
import { actors } from '../../support/judge.js';

const room = await openContactRoom();

const by = { ...staff, scope: null };
const outcomeOf = (saved: SavedContact) => ('code' in saved ? saved.code : saved.outcome);

it.each([
  ['refuses the edit of a version that has passed', 'STALE'],
  ['keeps what somebody else has changed meanwhile', 'CHANGED'],
] as const)('with a contact that the caller read before, it %s', async (_, outcome) => {
  const email = `${outcome}@example.com`.toLowerCase();
  const known = await room.contact({ email, properties: { City: 'Oslo' } });
  await room.edit(known, { lastName: 'Meanwhile' });
  const form = { ...formOf(known), lastName: 'Meanwhile', properties: { City: 'Bergen' } };
  const version = outcome === 'STALE' ? { version: known.version } : {};
  const saved = await saveContacts(room.contacts, [{ form, contactId: known._id, known, ...version }], by);
  expect(saved.map(outcomeOf)).toEqual([outcome]);
  const city = outcome === 'STALE' ? 'Oslo' : 'Bergen';
  expect(await room.stored(known._id)).toMatchObject({
    ...{ lastName: 'Meanwhile', properties: { City: city }, version: outcome === 'STALE' ? 2 : 3 },
  });
});

it.each([
  ['has a change', 'Bergen'],
  ['has none', 'Oslo'],
])(
  'an edit of a contact that was erased since the caller read it brings nothing back if it %s',
  async (_, city) => {
    const email = `erased-${city}@example.com`.toLowerCase();
    const known = await room.contact({ email, properties: { City: 'Oslo' } });
    await erasePerson(
      { ...room.deps, ...room.contacts, models: room.models },
      { id: known._id, actor: actors.staff },
    );
    const form = { ...formOf(known), properties: { City: city } };
    const saved = await saveContacts(room.contacts, [{ form, contactId: known._id, known }], by);
    expect(saved.map(outcomeOf)).toEqual(['NOT_FOUND']);
    const subscriber = await room.models.subscribers.findById(room.idOf(email)).lean();
    expect(subscriber).toMatchObject({ address: null, contactId: null });
  },
);
