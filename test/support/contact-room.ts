/** Setup for contacts: the consent setup, with forms to fill in and contacts to create. */
import { expect } from 'vitest';
import type { ContactFault, ContactForm } from '../../src/domain/contacts/contact-form.js';
import type { ContactSort, Cursor, Direction } from '../../src/domain/contacts/selection.js';
import { noFilter } from '../../src/domain/filters/filter.js';
import type { Filter } from '../../src/domain/filters/filter.js';
import { createContact, editContact } from '../../src/domain/contacts/save.js';
import type { ContactDeps, SavedContact } from '../../src/domain/contacts/save-passes.js';
import { findContactById } from '../../src/models/contact.js';
import type { Contact } from '../../src/models/contact.js';
import type { Scope } from '../../src/vocabulary/scope.js';
import { openConsentRoom } from './consent-room.js';
import type { ConsentRoom } from './consent-room.js';
import { openMigratedDatabase } from './connection.js';

export interface ContactRoom extends ConsentRoom {
  contacts: ContactDeps & Pick<ConsentRoom, 'models'>;
  /** Creates a contact as staff who reach everything. The test fails when the form is refused. */
  contact: (form: Partial<ContactForm>) => Promise<Contact>;
  edit: (contact: Contact, form: Partial<ContactForm>) => Promise<Contact>;
  stored: (contactId: string) => Promise<Contact | null>;
}

export const blankForm: ContactForm = {
  firstName: '',
  lastName: '',
  email: '',
  phone: '',
  locale: '',
  processingBasis: '',
  unitIds: [0],
  properties: {},
};

/** The form as filled from a contact. */
export function formOf(contact: Contact): ContactForm {
  const { firstName, lastName, email, phone, locale, processingBasis, unitIds, properties } = contact;
  return {
    ...{ firstName, lastName, unitIds, properties },
    ...{
      email: email ?? '',
      phone: phone ?? '',
      locale: locale ?? '',
      processingBasis: processingBasis ?? '',
    },
  };
}

export async function openContactRoom(): Promise<ContactRoom> {
  const room = await openConsentRoom(await openMigratedDatabase());
  const contacts: ContactRoom['contacts'] = {
    models: room.models,
    clock: room.deps.clock,
    catalogue: room.deps.catalogue,
    subscriberIds: room.subscriberIds,
  };
  return {
    ...room,
    contacts,
    contact: async (form) =>
      made(await createContact(contacts, { scope: null, form: { ...blankForm, ...form }, by: staff })),
    edit: async (contact, form) =>
      made(
        await editContact(contacts, {
          contactId: contact._id,
          scope: null,
          form: { ...formOf(contact), ...form },
        }),
      ),
    stored: (contactId) => findContactById(room.models.contacts, contactId),
  };
}

export const staff = { kind: 'STAFF', ref: 'user:1' } as const;

/** The contact. The test fails when the form was refused. */
export function made(saved: SavedContact): Contact {
  if ('faults' in saved) expect.fail(saved.faults.map(({ message }) => message).join(' '));
  return saved.contact;
}

/** The faults. The test fails when there are none. */
export function faultsOf(saved: SavedContact): ContactFault[] {
  if (!('faults' in saved)) expect.fail('the form was taken');
  return saved.faults;
}

/** The default view of the index, with the given changes. */
export const viewOf = (wanted: {
  scope?: Scope;
  filter?: Filter;
  search?: string;
  sort?: ContactSort;
  direction?: Direction;
  cursor?: Cursor | null;
}) => ({
  scope: null,
  filter: noFilter,
  search: '',
  sort: 'name' as const,
  direction: 'asc' as const,
  cursor: null,
  ...wanted,
});
