/** Reads the properties that a HubSpot client writes into the form of a contact. */
import type { ContactForm } from '../../../domain/contacts/contact-form.js';
import type { OfferedProperty } from '../../../domain/contacts/properties.js';
import { isInScope, type Scope } from '../../../vocabulary/scope.js';
import { legalBases, type Catalogue, type LegalBasis } from '../../../vocabulary/terms.js';
import { basisLabels, hubspotName, propertyNamed } from './contact-values.js';
import { invalid } from './refuse.js';
import { localeOf } from './v4.js';

/** Properties as a request writes them; null and an empty text remove a value. */
export type Given = Readonly<Record<string, string | number | boolean | null>>;

export interface WriteContext {
  catalogue: Catalogue;
  scope: Scope;
  /** Names of own properties that contacts have, also without a type. */
  offered: readonly OfferedProperty[];
}

/** The form after the request; `optOut` is what it says of `hs_email_optout`. */
export interface Written {
  form: ContactForm;
  optOut: boolean | null;
}

/** A contact that has nothing yet. It belongs to the default unit, or to those of the key. */
export function emptyForm({
  catalogue: { units },
  scope,
}: Pick<WriteContext, 'catalogue' | 'scope'>): ContactForm {
  const [first = 0] = units.keys();
  const none = { firstName: '', lastName: '', email: '', phone: '', locale: '', processingBasis: '' };
  return { ...none, properties: {}, unitIds: scope ?? [units.has(0) ? 0 : first] };
}

/**
 * Writes properties into a form.
 * @param before the form of the contact, or an empty one
 * @throws DomainError `INVALID_FORM` in HubSpot's words: unknown and derived properties, and values that are no option
 */
export function writeProperties(given: Given, before: ContactForm, context: WriteContext): Written {
  const faults: Fault[] = [];
  const form = { ...before, properties: { ...before.properties } };
  let optOut: boolean | null = null;
  for (const [name, value] of Object.entries(given)) {
    const text = value === null ? '' : String(value);
    const fault = (error: string, message: string) => faults.push({ name, error, message });
    if (name === 'hs_email_optout') {
      if (!['true', 'false', ''].includes(text)) fault('INVALID_OPTION', notOption(text, 'true, false'));
      optOut = text === 'true';
      continue;
    }
    const plan = propertyNamed(name, context.catalogue);
    if (!plan) fault('PROPERTY_DOESNT_EXIST', `Property "${name}" does not exist`);
    else if (plan.isReadOnly)
      fault('READ_ONLY_VALUE', `"${name}" is a read only property; its value cannot be set.`);
    else if (Object.hasOwn(plainFields, name)) form[plainFields[name] ?? 'email'] = text;
    else if (name === 'hs_language') {
      const locale = localeOf(text) ?? '';
      if (text && !locale) fault('INVALID_OPTION', notOption(text, 'the languages of the pages'));
      form.locale = locale;
    } else if (name === 'hs_legal_basis') {
      const basis = basisOf(text);
      if (basis === null) fault('INVALID_OPTION', notOption(text, 'one legal basis'));
      form.processingBasis = basis ?? '';
    } else if (name === 'hs_all_assigned_business_unit_ids') {
      const ids = text.split(';').filter(Boolean).map(Number);
      if (!ids.every((id) => context.catalogue.units.has(id) && isInScope(context.scope, id)))
        fault('INVALID_OPTION', notOption(text, 'the business units of the key'));
      form.unitIds = ids;
    } else setOwn(form.properties, name, text, context);
  }
  if (faults.length > 0) throw invalidProperties(faults);
  return { form, optOut };
}

const plainFields: Readonly<Record<string, 'email' | 'firstName' | 'lastName' | 'phone'>> = {
  ...{ email: 'email', firstname: 'firstName', lastname: 'lastName', phone: 'phone' },
};

const notOption = (text: string, options: string) =>
  `${text} was not one of the allowed options: [${options}]`;

/** @returns null for more than one basis, and for one that HubSpot does not have; an empty text for none */
function basisOf(text: string): LegalBasis | '' | null {
  const [label = '', ...others] = text.split(';').filter(Boolean);
  if (!label) return '';
  return others.length > 0 ? null : (legalBases.find((basis) => basisLabels[basis] === label) ?? null);
}

/** The account's own property: under the name that it has already, if HubSpot's name for that is the same. */
function setOwn(
  properties: Record<string, string>,
  name: string,
  text: string,
  { catalogue, offered }: WriteContext,
): void {
  const known = [
    ...Object.keys(properties),
    ...[...catalogue.properties.values(), ...offered].map((one) => one.name),
  ].find((one) => hubspotName(one) === name);
  const kind = catalogue.properties.get((known ?? name).toLowerCase())?.kind;
  // HubSpot writes a day also as milliseconds since 1970, at midnight UTC.
  const isMoment = kind === 'DATE' && /^-?\d{9,14}$/.test(text);
  properties[known ?? name] = isMoment ? new Date(Number(text)).toISOString().slice(0, 10) : text;
}

interface Fault {
  name: string;
  error: string;
  message: string;
}

/** HubSpot puts the faults of properties into the message as JSON, and integrations read them there. */
export function invalidProperties(faults: readonly Fault[]) {
  const list = faults.map(({ name, error, message }) => ({ isValid: false, message, error, name }));
  return invalid(
    `Property values were not valid: ${JSON.stringify(list)}`,
    faults.map(({ name, error, message }) => ({ message, code: error, context: { propertyName: [name] } })),
  );
}
