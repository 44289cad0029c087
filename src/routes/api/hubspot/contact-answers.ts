/** Finds contacts for HubSpot's API, and shows them in its shape. */
import type { Deps } from '../../../deps.js';
import { catalogueWithin } from '../../../domain/consent/catalogue.js';
import { reading } from '../../../domain/consent/durability.js';
import { findByEmails, findByNumbers, numbersOf } from '../../../domain/contacts/numbers.js';
import { findOfferedProperties, type OfferedProperty } from '../../../domain/contacts/properties.js';
import type { ApiCaller } from '../../../domain/staff/api-keys.js';
import { DomainError } from '../../../errors.js';
import type { Contact } from '../../../models/contact.js';
import { findSubscribers } from '../../../models/find-subscribers.js';
import { propertyNamed, usualProperties } from './contact-values.js';
import type { IdProperty } from './contact-shapes.js';

/** A contact as an answer has it. */
export interface ContactAnswer {
  id: string;
  properties: Record<string, string | null>;
  createdAt: Date;
  updatedAt: Date;
  archived: boolean;
}

/** Names of properties as queries write them: repeated, or with commas between. */
export function namesIn(names: readonly string[] | null | undefined): readonly string[] {
  const all = (names ?? []).flatMap((name) => name.split(',')).map((name) => name.trim());
  return all.filter(Boolean);
}

/** Shows contacts with the usual properties and those that were asked for. Names that HubSpot does not have are left out. */
export async function showContacts(
  deps: Deps,
  { scope }: ApiCaller,
  contacts: readonly Contact[],
  asked: readonly string[],
): Promise<ContactAnswer[]> {
  const catalogue = catalogueWithin(await reading(() => deps.catalogue()), scope);
  const names = [
    ...new Set([
      ...(asked.length > 0 ? ['createdate', 'hs_object_id', 'lastmodifieddate'] : usualProperties),
      ...asked,
    ]),
  ];
  const plans = names.flatMap((name) => {
    const plan = propertyNamed(name, catalogue);
    return plan ? [{ name, plan }] : [];
  });
  const numbers = await numbersOf(deps, contacts);
  const ids = plans.some(({ plan }) => plan.isOfAddress)
    ? contacts.flatMap(({ subscribers }) => subscribers.EMAIL ?? [])
    : [];
  const heads =
    ids.length > 0
      ? await reading(() => findSubscribers(deps.models.subscribers, ids))
      : new Map<string, never>();
  return contacts.map((contact) => {
    const number = numbers.get(contact._id) ?? 0;
    const head = heads.get(contact.subscribers.EMAIL ?? '') ?? null;
    const shown = { contact, number, head, catalogue, scope };
    return {
      id: String(number),
      properties: Object.fromEntries(plans.map(({ name, plan }) => [name, plan.value(shown)])),
      ...{ createdAt: contact.createdAt, updatedAt: contact.updatedAt, archived: false },
    };
  });
}

/** Shows one contact. */
export async function showContact(
  deps: Deps,
  caller: ApiCaller,
  contact: Contact,
  asked: readonly string[] = [],
): Promise<ContactAnswer> {
  const [shown] = await showContacts(deps, caller, [contact], asked);
  if (!shown) throw notFound(contact._id);
  return shown;
}

/** Contacts by the ids, or the addresses, that were asked for. */
export function findRefs(
  deps: Deps,
  { scope }: ApiCaller,
  refs: readonly string[],
  idProperty: IdProperty,
): Promise<Map<string, Contact>> {
  return idProperty === 'email' ? findByEmails(deps, scope, refs) : findByNumbers(deps, scope, refs);
}

/** @throws DomainError `NOT_FOUND` */
export async function getByRef(
  deps: Deps,
  caller: ApiCaller,
  ref: string,
  idProperty: IdProperty,
): Promise<Contact> {
  const contact = (await findRefs(deps, caller, [ref], idProperty)).get(ref);
  if (!contact) throw notFound(ref);
  return contact;
}

export function notFound(ref: string): DomainError {
  return new DomainError('NOT_FOUND', `Contact ${ref} was not found`);
}

/** The names of own properties, read only if a request names one that is not HubSpot's. */
export async function offeredFor(
  deps: Deps,
  { scope }: ApiCaller,
  names: readonly string[],
): Promise<OfferedProperty[]> {
  const catalogue = await reading(() => deps.catalogue());
  const hasOwn = names.some((name) => propertyNamed(name, catalogue)?.isOwn);
  return hasOwn ? findOfferedProperties(deps, scope) : [];
}
