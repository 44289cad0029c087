/** What an import would do with rows, by what the database has of their addresses: two reads for a batch, and nothing is written. */
import { isDeepStrictEqual } from 'node:util';
import { findContactsById, type Contact } from '../../models/contact.js';
import { findSubscribers } from '../../models/find-subscribers.js';
import type { SubscriberHead } from '../../models/subscriber.js';
import { isAnyInScope, isInScope } from '../../vocabulary/scope.js';
import { reading as read } from '../consent/durability.js';
import { wantedAddresses, type Claim } from '../contacts/claims.js';
import { blankContact } from '../contacts/contact-document.js';
import { formOfContact, type ContactDetails, type ContactForm } from '../contacts/contact-form.js';
import { isWhollyInScope } from '../contacts/read.js';
import { readDetails, refusalOf } from '../contacts/save-refusals.js';
import { isMarketingContact, isUntilNextUpdate } from '../marketing/status.js';
import { importRef, type ImportDeps } from './contract.js';
import { keyOf, type ListedContact, type Reading } from './contact-rows.js';

/** A row, and what happens to its contact. */
export interface PlannedContact {
  row: ListedContact;
  outcome: 'CREATED' | 'CHANGED' | 'UNCHANGED' | 'REJECTED';
  /** What to save. */
  form: ContactForm;
  /** The contact as it is; for a new one a blank with the id that it will have. */
  before: Contact;
  /** The contact as it will be; null for a rejected row. */
  details: ContactDetails | null;
  /** Whether details change. If not, a change is of the marketing contact status alone. */
  isSaved: boolean;
  /** Whether the marketing contact status of a known contact changes. */
  isMarketingChanged: boolean;
  /** Why the row is rejected, or a part of it: one sentence each. */
  reasons: string[];
}

export interface Plan {
  rows: PlannedContact[];
  /** The subscribers of the rows' addresses, by id. Unknown addresses have none. */
  heads: ReadonlyMap<string, SubscriberHead>;
}

/**
 * Plans rows that have no address in common.
 * @param importId of the import that creates contacts
 */
export async function planContacts(
  { models, subscriberIds, clock }: ImportDeps,
  importId: string,
  rows: readonly ListedContact[],
  reading: Reading,
): Promise<Plan> {
  const ids = rows.flatMap(({ addresses }) => addresses.map(({ subscriberId }) => subscriberId));
  const heads = await read(() => findSubscribers(models.subscribers, ids));
  const ownerIds = [...heads.values()].flatMap(({ contactId }) => contactId ?? []);
  const owners = new Map(
    (ownerIds.length > 0 ? await read(() => findContactsById(models.contacts, [...new Set(ownerIds)])) : [])
      .filter(({ blankUntil }) => !blankUntil)
      .map((contact) => [contact._id, contact]),
  );
  const now = clock();
  const ownerOf = (subscriberId: string) => {
    const owner = owners.get(heads.get(subscriberId)?.contactId ?? '');
    return owner && Object.values(owner.subscribers).includes(subscriberId) ? owner : undefined;
  };

  const planned = rows.map((row): PlannedContact => {
    const key = keyOf(row);
    const found = key && ownerOf(key.subscriberId);
    const known = found && isAnyInScope(reading.scope, found.unitIds) ? found : undefined;
    const before = known ?? blankContact({ kind: 'IMPORT', ref: importRef(importId) }, now);
    const form = known ? changedForm(known, row, reading) : newForm(row, reading);
    const rejected = (reasons: string[]): PlannedContact => ({
      row,
      outcome: 'REJECTED',
      form,
      before,
      details: null,
      isSaved: false,
      isMarketingChanged: false,
      reasons,
    });
    if (row.faults.length > 0) return rejected(row.faults);
    const draft = readDetails(reading, form, before);
    if ('code' in draft) return rejected(draft.faults.map(({ message }) => message));
    const { details } = draft;
    const wanted = wantedAddresses({ subscriberIds }, details);
    const claims = wanted.flatMap(({ channel, subscriberId }): Claim[] => {
      const by = ownerOf(subscriberId);
      return by && by._id !== before._id ? [{ kind: 'TAKEN', channel, by }] : [];
    });
    if (claims.length > 0)
      return rejected(refusalOf(claims, reading.scope).faults.map(({ message }) => message));
    const isSaved = !known || !isDeepStrictEqual({ ...known, ...details }, known);
    const isStatusNew =
      known !== undefined && row.isMarketing !== undefined && isMarketing(known) !== row.isMarketing;
    const mayChange = known !== undefined && isWhollyInScope(reading.scope, known);
    const isMarketingChanged = isStatusNew && mayChange;
    const outcome = !known ? 'CREATED' : isSaved || isMarketingChanged ? 'CHANGED' : 'UNCHANGED';
    const reasons = isStatusNew && !mayChange ? [statusIsShared] : [];
    return { row, outcome, form, before, details, isSaved, isMarketingChanged, reasons };
  });
  return { rows: planned, heads };
}

/** One that leaves at the next update is none. */
const isMarketing = (contact: Contact) => isMarketingContact(contact) && !isUntilNextUpdate(contact);

const statusIsShared =
  'Only somebody who reaches all business units of this contact can change its marketing contact status.';

/** The contact's form, changed only where the row says something. Units are added, and never taken away. */
function changedForm(
  contact: Contact,
  { fields, unitIds, properties }: ListedContact,
  { scope }: Reading,
): ContactForm {
  const form = formOfContact(contact);
  return {
    ...form,
    ...fields,
    unitIds: [...form.unitIds.filter((id) => isInScope(scope, id)), ...unitIds],
    properties: withProperties(form.properties, properties),
  };
}

/** Names of properties are compared without case, and keep the spelling that the contact has. */
function withProperties(
  before: ContactForm['properties'],
  changes: ListedContact['properties'],
): ContactForm['properties'] {
  const names = new Map(Object.keys(before).map((name) => [name.toLowerCase(), name]));
  const entries = Object.entries(changes).map(([name, value]) => [
    names.get(name.toLowerCase()) ?? name,
    value,
  ]);
  return { ...before, ...Object.fromEntries(entries) };
}

function newForm({ fields, unitIds, properties }: ListedContact, { choice }: Reading): ContactForm {
  return {
    ...{ firstName: '', lastName: '', email: '', phone: '', locale: '', ...fields },
    processingBasis: fields.processingBasis || choice.processingBasis || '',
    unitIds: unitIds.length > 0 ? unitIds : choice.unitIds,
    properties,
  };
}
