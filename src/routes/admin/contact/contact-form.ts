/** A new contact, and what may be changed of one: names, addresses, language, properties, basis for processing, business units. */
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import {
  identityFields,
  identityIsShared,
  type ContactFault,
  type ContactForm,
} from '../../../domain/contacts/contact-form.js';
import { createContact, editContact } from '../../../domain/contacts/save.js';
import type { Catalogue } from '../../../vocabulary/terms.js';
import { shownAddress } from '../../../domain/consent/shown-address.js';
import { staffRef } from '../../../vocabulary/access.js';
import type { Deps } from '../../../deps.js';
import { findSubscriber } from '../../../models/find-subscribers.js';
import { reading } from '../../../domain/consent/durability.js';
import type { Contact } from '../../../models/contact.js';
import type { ActionLink, AdminContactActPage } from '../../../views/admin-record-pages.js';
import { queryOf, textOf, textsOf, wholeOf, type FieldFault } from '../form.js';
import { adminFrame, saying } from '../frame.js';
import type { StaffRoute, Ask } from '../route.js';
import { noteAct } from './act.js';
import { actPage, sendAct } from './act-page.js';
import { blankDraft, identityFieldsOf, otherFieldsOf, type Draft } from './contact-fields.js';
import { catalogueWithin } from '../../../domain/consent/catalogue.js';
import { openContact, type ContactRecord } from './open-record.js';

export function contactFormRoutes(deps: Deps): StaffRoute[] {
  const making = { path: adminPatterns.newContact, may: 'contacts.change', about: 'nothing' } as const;
  const editing = { path: adminPatterns.contactEdit, may: 'contacts.change', about: 'contact' } as const;
  return [
    {
      ...making,
      method: 'GET',
      handle: async (ask, response) => {
        const [first] = (await unitsOf(deps, ask)).keys();
        const unitIds = first === undefined ? [] : [first];
        await showNew(deps, ask, response, { ...blankDraft, unitIds, ...(await lookedUp(deps, ask)) }, []);
      },
    },
    {
      ...making,
      method: 'POST',
      handle: async (ask, response) => {
        const draft = draftOf(ask);
        const by = { kind: 'STAFF', ref: staffRef(ask.user) } as const;
        const saved = await createContact(deps, { scope: ask.scope, form: formOf(draft), by });
        if ('faults' in saved) return showNew(deps, ask, response, draft, saved.faults);
        // After a repeat too: the first time may have ended before its entry.
        const more = saved.outcome === 'UNCHANGED' ? { detail: 'sent again' } : {};
        await noteAct(deps, ask, { ...saved, id: saved.contact._id }, 'CONTACT_CREATED', more);
        response.redirect(303, saying(ask, adminPaths.contact(saved.contact._id), 'created'));
      },
      showAgain: (ask, response) => showNew(deps, ask, response, draftOf(ask), []),
    },
    {
      ...editing,
      method: 'GET',
      handle: async (ask, response) => {
        const record = await openContact(deps, ask);
        showEdit(deps, ask, response, record, { draft: draftFrom(record.contact), faults: [] });
      },
    },
    {
      ...editing,
      method: 'POST',
      handle: async (ask, response) => {
        const record = await openContact(deps, ask);
        const draft = { ...draftOf(ask), ...unsentIdentity(ask, record) };
        const saved = await editContact(deps, {
          contactId: record.id,
          scope: ask.scope,
          form: formOf(draft),
          version: versionOf(ask),
        });
        if ('faults' in saved) {
          const isStale = saved.faults.some(({ field }) => field === 'version');
          // The current values, so that a second press does not overwrite another user's newer change.
          const newer = isStale ? draftFrom(record.contact) : draft;
          return showEdit(deps, ask, response, record, { draft: newer, faults: saved.faults });
        }
        await noteAct(deps, ask, record, 'CONTACT_CHANGED');
        response.redirect(303, saying(ask, adminPaths.contact(record.id), 'edited'));
      },
      showAgain: async (ask, response) => {
        const record = await openContact(deps, ask);
        const draft = { ...draftOf(ask), ...unsentIdentity(ask, record) };
        showEdit(deps, ask, response, record, { draft, faults: [], version: versionOf(ask) });
      },
    },
  ];
}

async function unitsOf(deps: Deps, { scope }: Ask): Promise<Catalogue['units']> {
  return catalogueWithin(await deps.catalogue(), scope).units;
}

/** The version of the contact that the form was filled from. */
function versionOf({ request }: Ask): number {
  return wholeOf(textOf(request, 'version', 20)) ?? -1;
}

function draftOf({ request }: Ask): Draft {
  const values = textsOf(request, 'property-value', 200);
  return {
    firstName: textOf(request, 'firstName'),
    lastName: textOf(request, 'lastName'),
    email: textOf(request, 'email'),
    phone: textOf(request, 'phone'),
    locale: textOf(request, 'locale', 20),
    processingBasis: textOf(request, 'processingBasis', 60),
    unitIds: textsOf(request, 'unitIds', 1000).flatMap((text) => wholeOf(text) ?? []),
    properties: textsOf(request, 'property-name', 200).map((name, at) => ({ name, value: values[at] ?? '' })),
  };
}

/** The address of a record without a contact, for the new contact that shall have it. */
async function lookedUp({ models }: Deps, { request }: Ask): Promise<Partial<Draft>> {
  const subscriberId = queryOf(request, 'address', 40);
  const head = subscriberId ? await reading(() => findSubscriber(models.subscribers, subscriberId)) : null;
  if (!head?.address) return {};
  return head.channel === 'EMAIL' ? { email: head.address } : { phone: head.address };
}

/** The form of a contact that the user does not reach wholly has no fields for its identity: what was not sent stays. */
function unsentIdentity({ request }: Ask, { contact, isWhole }: ContactRecord): Partial<Draft> {
  if (isWhole) return {};
  const unsent = identityFields.filter((name) => !Object.hasOwn(Object(request.body), name));
  return Object.fromEntries(unsent.map((name) => [name, contact[name] ?? '']));
}

function draftFrom(contact: Contact): Draft {
  return {
    firstName: contact.firstName,
    lastName: contact.lastName,
    email: shownAddress(contact.email ?? ''),
    phone: contact.phone ?? '',
    locale: contact.locale ?? '',
    processingBasis: contact.processingBasis ?? '',
    unitIds: contact.unitIds,
    properties: Object.entries(contact.properties).map(([name, value]) => ({ name, value })),
  };
}

function formOf({ properties, ...draft }: Draft): ContactForm {
  const named = properties.filter(({ name, value }) => name.trim() !== '' || value.trim() !== '');
  return { ...draft, properties: Object.fromEntries(named.map(({ name, value }) => [name, value])) };
}

async function showNew(
  deps: Deps,
  ask: Ask,
  response: Response,
  draft: Draft,
  faults: readonly ContactFault[],
): Promise<void> {
  const units = await unitsOf(deps, ask);
  const page: AdminContactActPage = {
    ...adminFrame(ask, 'contacts', 'New contact'),
    crumbs: [{ href: adminPaths.contacts(), label: 'Contacts' }],
    heading: 'A new contact',
    sentences: [
      'What an address decided before, it has decided still: a contact who opted out stays opted out.',
    ],
    stands: [],
    links: knownContacts(faults),
    cancelUrl: adminPaths.contacts(),
    faults: faults.map(faultOf),
    form: {
      action: adminPaths.newContact(),
      hidden: [],
      fields: [...identityFieldsOf(draft, faults), ...otherFieldsOf(draft, faults, units)],
      button: 'Add the contact',
      isStop: false,
    },
  };
  sendAct(deps, response, page);
}

function showEdit(
  deps: Deps,
  ask: Ask,
  response: Response,
  record: ContactRecord,
  {
    draft,
    faults,
    version = record.contact.version,
  }: { draft: Draft; faults: readonly ContactFault[]; version?: number },
): void {
  const { contact, name, catalogue, isWhole } = record;
  const page = actPage(ask, record, {
    title: 'Edit',
    heading: `Edit ${name}`,
    sentences: [
      isWhole
        ? 'Preferences belong to the address: where it changes, those of the new one are shown.'
        : identityIsShared,
    ],
    faults: faults.map(faultOf),
    links: knownContacts(faults),
    form: {
      action: adminPaths.contactEdit(contact._id),
      hidden: [{ name: 'version', value: String(version) }],
      fields: [
        ...(isWhole ? identityFieldsOf(draft, faults) : []),
        ...otherFieldsOf(draft, faults, catalogue.units),
      ],
      button: 'Save',
      isStop: false,
    },
  });
  sendAct(deps, response, page);
}

const faultOf = ({ field, message }: ContactFault): FieldFault => ({
  text: message,
  href: field === 'version' ? '#firstName' : `#${field}`,
});

/** Leads to the contact that has the address already. */
function knownContacts(faults: readonly ContactFault[]): ActionLink[] {
  return faults.flatMap(({ contactId }) =>
    contactId ? [{ href: adminPaths.contact(contactId), label: 'Open the contact that has it' }] : [],
  );
}
