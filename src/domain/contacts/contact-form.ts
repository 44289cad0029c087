/** Reads the form of a contact. It returns all faults at once, one sentence per field. */
import { oneLine } from '../../clean-text.js';
import { DomainError } from '../../errors.js';
import { propertyName } from '../../models/contact-property.js';
import type { Contact } from '../../models/contact.js';
import { isInScope, type Scope } from '../../vocabulary/scope.js';
import { locales } from '../../vocabulary/locales.js';
import { readAddress } from '../consent/read-address.js';
import { readValue, valueHints } from '../filters/values.js';
import { legalBases, type Catalogue, type Channel } from '../../vocabulary/terms.js';

/** As typed; an empty text means none. */
export interface ContactForm {
  firstName: string;
  lastName: string;
  email: string;
  phone: string;
  locale: string;
  processingBasis: string;
  unitIds: readonly number[];
  /** By name; a property with an empty value is removed. */
  properties: Readonly<Record<string, string>>;
}

/** The form as filled from a contact. */
export function formOfContact(contact: Contact): ContactForm {
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

/** A fault: the field of the form, and one sentence. `contactId` names the contact that already has the address. */
export interface ContactFault {
  field: keyof ContactForm | 'version';
  message: string;
  contactId?: string;
}

export type ContactDetails = Pick<
  Contact,
  'firstName' | 'lastName' | 'email' | 'phone' | 'locale' | 'processingBasis' | 'unitIds' | 'properties'
>;

/** What tells one contact from another. It is the same in every unit of the contact. */
export const identityFields = ['firstName', 'lastName', 'email', 'phone'] as const;
export const identityIsShared =
  'Only somebody who reaches all business units of this contact can change its name, e-mail or phone.';

const mostProperties = 30;
/** Properties without a definition. */
const text = { kind: 'TEXT', choices: [] } as const;

/**
 * Reads a form.
 * @param about `unitsBeyond` are the contact's units outside the scope: the form did not show them, and they stay. `properties` are the contact's
 *   own: an unchanged value stays, even if its property was given a type since
 */
export function readContactForm(
  form: ContactForm,
  about: {
    catalogue: Pick<Catalogue, 'units' | 'defaultCountry' | 'properties'>;
    scope: Scope;
    unitsBeyond: readonly number[];
    properties?: Contact['properties'];
  },
): { details: ContactDetails } | { faults: ContactFault[] } {
  const faults: ContactFault[] = [];
  const fault = (field: ContactFault['field'], message: string) => void faults.push({ field, message });
  const named = (field: 'firstName' | 'lastName') => {
    const text = oneLine(form[field]);
    if (text.length > 100) fault(field, 'A name has at most 100 characters.');
    return text;
  };
  const address = (field: 'email' | 'phone', channel: Channel) => {
    if (!form[field].trim()) return null;
    try {
      return readAddress(channel, form[field], about.catalogue);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      fault(field, error.message);
      return null;
    }
  };
  const details: ContactDetails = {
    firstName: named('firstName'),
    lastName: named('lastName'),
    email: address('email', 'EMAIL'),
    phone: address('phone', 'SMS'),
    locale: locales.find((locale) => locale === form.locale) ?? null,
    processingBasis: legalBases.find((basis) => basis === form.processingBasis) ?? null,
    unitIds: [...new Set([...about.unitsBeyond, ...form.unitIds])].sort((a, b) => a - b),
    properties: {},
  };
  if (!form.email.trim() && !form.phone.trim())
    fault('email', 'Enter an e-mail address or a phone number, so that the contact can be identified.');
  if (form.locale && !details.locale) fault('locale', 'Choose one of the languages in the list.');
  if (form.processingBasis && !details.processingBasis)
    fault('processingBasis', 'Choose one of the legal bases in the list.');
  if (form.unitIds.length === 0) fault('unitIds', 'Choose at least one business unit.');
  else if (!form.unitIds.every((id) => about.catalogue.units.has(id) && isInScope(about.scope, id)))
    fault('unitIds', 'Choose among the business units in the list.');
  const wrong = readProperties(form.properties, details.properties, about);
  if (wrong) fault('properties', wrong);
  return faults.length > 0 ? { faults } : { details };
}

/** @returns the fault, if any */
function readProperties(
  typed: ContactForm['properties'],
  into: Record<string, string>,
  {
    catalogue,
    properties: before = {},
  }: Pick<Parameters<typeof readContactForm>[1], 'catalogue' | 'properties'>,
): string | null {
  for (const [key, written] of Object.entries(typed)) {
    const name = oneLine(key);
    const value = oneLine(written);
    if (!value) continue;
    if (!propertyName.test(name))
      return `“${name.slice(0, 40)}” cannot name a property: a name begins with a letter and has at most 40 letters, digits, spaces or dashes.`;
    if (value.length > 200) return `The value of “${name}” is longer than 200 characters.`;
    const same = Object.keys(into).find((known) => known.toLowerCase() === name.toLowerCase());
    if (same) return `The property “${name}” is there twice.`;
    const { kind, choices } = catalogue.properties.get(name.toLowerCase()) ?? text;
    const read = before[name] === value ? value : readValue(kind, value, choices);
    if (read === null) return `The value of “${name}” is not ${valueHints[kind]}.`;
    into[name] = read;
  }
  return Object.keys(into).length > mostProperties
    ? `A contact has at most ${mostProperties} properties.`
    : null;
}
