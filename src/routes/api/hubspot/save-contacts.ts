/** Creates and changes contacts for HubSpot's API. `hs_email_optout` is an opt-out of all by the API. */
import type { Deps } from '../../../deps.js';
import { catalogueWithin } from '../../../domain/consent/catalogue.js';
import { reading } from '../../../domain/consent/durability.js';
import { addressOrNull } from '../../../domain/consent/read-address.js';
import { formOfContact, type ContactFault } from '../../../domain/contacts/contact-form.js';
import { numbersOf } from '../../../domain/contacts/numbers.js';
import type { SavedContact } from '../../../domain/contacts/save-passes.js';
import { saveContacts, type ContactRow } from '../../../domain/contacts/save.js';
import type { ApiCaller } from '../../../domain/staff/api-keys.js';
import { DomainError } from '../../../errors.js';
import { findContactById, type Contact } from '../../../models/contact.js';
import { findSubscribers } from '../../../models/find-subscribers.js';
import { isInScope } from '../../../vocabulary/scope.js';
import { allOf, optOutOfAll } from './change-statuses.js';
import { notFound, offeredFor } from './contact-answers.js';
import {
  emptyForm,
  invalidProperties,
  writeProperties,
  type Given,
  type WriteContext,
} from './contact-changes.js';
import { isOutOfAll } from './contact-values.js';

/** A contact that is to be changed, or without `contact` created. */
export interface Wanted {
  given: Given;
  contact?: Contact | undefined;
}
export type Saved = { contact: Contact; isNew: boolean } | { error: unknown };

/** So often a contact is read again that others changed in the meantime. */
const mostAttempts = 5;

/**
 * Saves contacts, and then opts out those whose `hs_email_optout` is true. A repeat completes what a crash interrupted.
 * @returns for each the contact, or the error that says why it was refused
 * @throws DomainError `DATABASE_AWAY` or `OUTCOME_UNKNOWN`; both are safe to repeat
 */
export async function saveAll(
  deps: Deps,
  caller: ApiCaller,
  wanted: readonly Wanted[],
  attempt = 1,
): Promise<Saved[]> {
  const { scope, ref } = caller;
  const names = wanted.flatMap(({ given }) => Object.keys(given));
  const catalogue = catalogueWithin(await reading(() => deps.catalogue()), scope);
  const context = { catalogue, scope, offered: await offeredFor(deps, caller, names) };
  const drafts = await withoutWaysBack(
    deps,
    caller,
    wanted.map((one) => draftOf(one, context)),
  );
  const valid = drafts.flatMap((draft) => ('error' in draft ? [] : [draft]));
  const rows = valid.map(({ row }) => row);
  const results = await saveContacts(deps, rows, { kind: 'API', ref, scope });
  const resultOf = new Map(valid.map((draft, at) => [draft, results[at]]));
  const toOptOut = valid.flatMap((draft) => {
    const result = resultOf.get(draft);
    return draft.optOut && result && 'contact' in result ? [result.contact] : [];
  });
  await optOut(deps, caller, toOptOut);
  return Promise.all(
    drafts.map(async (draft, at): Promise<Saved> => {
      if ('error' in draft) return draft;
      const { contact, given = {} } = wanted[at] ?? {};
      const result = resultOf.get(draft);
      const isStale = result && 'code' in result && result.code === 'STALE';
      if (!isStale || !contact || attempt === mostAttempts) return savedOf(deps, draft, result);
      const now = await reading(() => findContactById(deps.models.contacts, contact._id));
      if (!now) return { error: notFound(String(contact.number)) };
      const [again] = await saveAll(deps, caller, [{ given, contact: now }], attempt + 1);
      return again ?? { error: notFound(String(contact.number)) };
    }),
  );
}

interface Draft {
  row: ContactRow;
  optOut: boolean | null;
}

function draftOf({ given, contact }: Wanted, context: WriteContext): Draft | { error: unknown } {
  const { scope } = context;
  const before = contact
    ? { ...formOfContact(contact), unitIds: contact.unitIds.filter((id) => isInScope(scope, id)) }
    : emptyForm(context);
  try {
    const { form, optOut } = writeProperties(given, before, context);
    return {
      row: { form, ...(contact ? { contactId: contact._id, version: contact.version, known: contact } : {}) },
      optOut,
    };
  } catch (error) {
    return { error };
  }
}

/** Refuses `hs_email_optout` false for an address that is opted out: opting in needs a type. Elsewhere false changes nothing. */
async function withoutWaysBack(
  deps: Deps,
  { scope }: ApiCaller,
  drafts: readonly (Draft | { error: unknown })[],
): Promise<(Draft | { error: unknown })[]> {
  const idOf = (draft: Draft | { error: unknown }) => {
    if ('error' in draft || draft.optOut !== false) return '';
    const address = addressOrNull('EMAIL', draft.row.form.email);
    return address === null ? '' : deps.subscriberIds('EMAIL', address);
  };
  const ids = drafts.map(idOf).filter(Boolean);
  if (ids.length === 0) return [...drafts];
  const heads = await reading(() => findSubscribers(deps.models.subscribers, ids));
  const message = '"hs_email_optout" can only be set to true: an opt-out cannot be removed with it.';
  return drafts.map((draft) => {
    const head = heads.get(idOf(draft));
    if (!head || !isOutOfAll(head, scope)) return draft;
    return { error: invalidProperties([{ name: 'hs_email_optout', error: 'READ_ONLY_VALUE', message }]) };
  });
}

async function optOut(deps: Deps, caller: ApiCaller, contacts: readonly Contact[]): Promise<void> {
  const asked = contacts.flatMap(({ email, subscribers: { EMAIL: subscriberId } }) =>
    email && subscriberId ? [{ text: email, address: email, channel: 'EMAIL' as const, subscriberId }] : [],
  );
  if (asked.length > 0) await optOutOfAll(deps, caller, { asked, unitIds: allOf(caller) });
}

async function savedOf(deps: Deps, { row }: Draft, result: SavedContact | undefined): Promise<Saved> {
  if (!result) return { error: notFound(row.contactId ?? '') };
  if ('contact' in result) {
    const { contact, outcome } = result;
    if (row.contactId === undefined && outcome === 'UNCHANGED')
      return { error: await conflict(deps, contact) };
    return { contact, isNew: outcome === 'CREATED' };
  }
  const [first] = result.faults;
  switch (result.code) {
    case 'NOT_FOUND':
      return { error: notFound('it') };
    case 'ADDRESS_TAKEN': {
      const id = result.faults.find(({ contactId }) => contactId)?.contactId;
      const other = id ? await reading(() => findContactById(deps.models.contacts, id)) : null;
      return { error: await conflict(deps, other) };
    }
    case 'ADDRESS_BUSY':
    case 'STALE':
      return { error: new DomainError('DATABASE_AWAY', first?.message) };
    case 'INVALID_FORM':
    case 'IDENTITY_SHARED':
      return { error: invalidProperties(result.faults.map(faultOf)) };
  }
}

/** HubSpot's words: integrations read the number from them. */
async function conflict(deps: Deps, contact: Contact | null): Promise<DomainError> {
  const number = contact && (await numbersOf(deps, [contact])).get(contact._id);
  return new DomainError('CONFLICT', `Contact already exists.${number ? ` Existing ID: ${number}` : ''}`);
}

const namesOfFields: Readonly<Record<ContactFault['field'], string>> = {
  ...{ email: 'email', firstName: 'firstname', lastName: 'lastname', phone: 'phone', locale: 'hs_language' },
  ...{ processingBasis: 'hs_legal_basis', unitIds: 'hs_all_assigned_business_unit_ids' },
  ...{ properties: 'properties', version: 'lastmodifieddate' },
};

function faultOf({ field, message }: ContactFault) {
  return {
    name: namesOfFields[field],
    message,
    error: field === 'email' ? 'INVALID_EMAIL' : 'INVALID_VALUE',
  };
}
