/** The form of a new contact that is sent several times makes one contact. */
import { expect, it } from 'vitest';
import { createContact } from '../../../src/domain/contacts/save.js';
import { blankForm, made, openContactRoom, staff } from '../../support/contact-room.js';

const room = await openContactRoom();

it('answers each time with the contact of the first, also at once, and refuses other details or another user', async () => {
  const form = { ...blankForm, firstName: 'Twice', email: 'twice@example.com', phone: '+47 900 00 077' };
  const create = (more = {}, ref: string = staff.ref) =>
    createContact(room.contacts, { scope: null, form: { ...form, ...more }, by: { ...staff, ref } });
  const all = await Promise.all([create(), create(), create()]);
  const [first, ...others] = [...all, await create()].map((one) => made(one)._id);
  expect(others).toEqual([first, first, first]);
  expect(all.filter((one) => 'outcome' in one && one.outcome === 'UNCHANGED')).toHaveLength(2);
  expect(await room.models.contacts.countDocuments({ email: form.email })).toBe(1);
  expect(await create({ lastName: 'Other' })).toMatchObject({ faults: [{ contactId: first }, {}] });
  expect(await create({}, 'user:somebody-else')).toHaveProperty('faults');
});
