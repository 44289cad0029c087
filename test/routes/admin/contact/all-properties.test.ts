/** All properties of a record: those of the contact, those that follow from consent, and the search by name. */
import { expect, it } from 'vitest';
import { adminPaths } from '../../../../src/admin-paths.js';
import { fjell, northwind, trailNotes } from '../../../support/people.js';
import { openRecordRoom } from '../../../support/record-room.js';
import { signedIn } from '../../../support/staff.js';

const room = await openRecordRoom();

it('lists the contact’s own and the derived ones, and leads there from the record', async () => {
  const guro = await room.somebody({ properties: { City: 'Oslo' } });
  await room.decided(guro, [{ kind: 'OPT_OUT', typeId: trailNotes.id }]);
  const path = adminPaths.contactProperties(guro._id);
  expect((await room.ida.open(adminPaths.contact(guro._id))).html).toContain(path);
  const { text } = await room.ida.open(path);
  expect(text).toContain('City Oslo Contact');
  expect(text).toContain('Phone None Contact');
  expect(text).toContain('Opted out of email: Trail notes (Northwind Outdoors) Yes Consent, read-only');
  expect(text).toContain('Opted out of email: Product news (Northwind Outdoors) No');
});

it('is searched by a part of the name, without a script', async () => {
  const guro = await room.somebody({ properties: { City: 'Oslo' } });
  const page = await room.ida.open(adminPaths.contactProperties(guro._id));
  expect(page.html).toMatch(/<input[^>]* type="search" id="name"/);
  const found = await room.ida.open(adminPaths.contactProperties(guro._id, { name: 'OPTED out' }));
  expect(found.text).toContain('Opted out of email: Trail notes');
  expect(found.text).not.toContain('City');
  const none = await room.ida.open(adminPaths.contactProperties(guro._id, { name: 'no such' }));
  expect(none.text).toContain('No property has this name');
});

it('shows a user who is limited to one unit nothing of the others', async () => {
  const guro = await room.somebody();
  await room.decided(guro, [{ kind: 'OPT_OUT_OF_ALL', unitId: northwind.id }]);
  const kari = await signedIn(room.portal, 'support', [fjell.id]);
  const { text } = await kari.open(adminPaths.contactProperties(guro._id));
  expect(text).toContain('Opted out of email: Weekend letters');
  expect(text).not.toMatch(/Northwind|Trail notes|any business unit|Yes/);
});
