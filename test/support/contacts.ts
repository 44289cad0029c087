/** Contacts of a portal under test: created as staff create them. */
import { expect } from 'vitest';
import type { ContactForm } from '../../src/domain/contacts/contact-form.js';
import { createContact } from '../../src/domain/contacts/save.js';
import type { Contact } from '../../src/models/contact.js';
import type { TestPortal } from './app.js';
import { blankForm } from './contact-room.js';

/** Creates a contact, or finds the one with this e-mail address. */
export async function contactIn(
  { deps }: Pick<TestPortal, 'deps'>,
  form: Partial<ContactForm>,
): Promise<Contact> {
  const by = { kind: 'STAFF', ref: 'a test' } as const;
  const saved = await createContact(deps, { scope: null, by, form: { ...blankForm, ...form } });
  if ('contact' in saved) return saved.contact;
  const [fault] = saved.faults;
  expect(fault?.contactId, fault?.message).toBeDefined();
  const known = await deps.models.contacts.findById(fault?.contactId ?? '').lean<Contact>();
  if (!known) throw new Error('The contact that has this address is not there.');
  return known;
}
