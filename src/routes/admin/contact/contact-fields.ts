/** The fields of the contact form, filled with what was typed. */
import type { ContactFault, ContactForm } from '../../../domain/contacts/contact-form.js';
import type { Catalogue } from '../../../vocabulary/terms.js';
import { locales } from '../../../vocabulary/locales.js';
import type { ActField } from '../../../views/admin-record-pages.js';
import { languageOf } from '../../../vocabulary/words.js';
import { basisOptions } from '../options.js';

/** What was typed, as it was typed. */
export interface Draft {
  firstName: string;
  lastName: string;
  email: string;
  phone: string;
  locale: string;
  processingBasis: string;
  unitIds: number[];
  properties: { name: string; value: string }[];
}

export const blankDraft: Draft = {
  firstName: '',
  lastName: '',
  email: '',
  phone: '',
  locale: '',
  processingBasis: '',
  unitIds: [],
  properties: [],
};

/** Empty rows for properties that are yet to be named. */
const emptyPairs = 2;

function fieldOf(faults: readonly ContactFault[], name: keyof ContactForm, label: string, hint?: string) {
  const isInvalid = faults.some((fault) => fault.field === name);
  return { id: name, name, label, ...(hint ? { hint } : {}), isInvalid };
}

/** Name, e-mail and phone: they are the same in every unit of the contact. */
export function identityFieldsOf(draft: Draft, faults: readonly ContactFault[]): ActField[] {
  const isRequired = false;
  return [
    { ...fieldOf(faults, 'firstName', 'First name'), kind: 'text', value: draft.firstName, isRequired },
    { ...fieldOf(faults, 'lastName', 'Last name'), kind: 'text', value: draft.lastName, isRequired },
    { ...fieldOf(faults, 'email', 'E-mail'), kind: 'text', value: draft.email, isRequired },
    {
      ...fieldOf(
        faults,
        'phone',
        'Phone',
        'With its country code, such as +47 900 00 000. For text messages and WhatsApp.',
      ),
      kind: 'tel',
      value: draft.phone,
      isRequired,
    },
  ];
}

export function otherFieldsOf(
  draft: Draft,
  faults: readonly ContactFault[],
  units: Catalogue['units'],
): ActField[] {
  const field = (name: keyof ContactForm, label: string, hint?: string) => fieldOf(faults, name, label, hint);
  const isRequired = false;
  return [
    {
      ...field('locale', 'Language'),
      kind: 'select',
      isRequired,
      choices: [
        { value: '', label: 'Not known', isSelected: draft.locale === '' },
        ...locales.map((value) => ({
          value,
          label: languageOf(value),
          isSelected: value === draft.locale,
        })),
      ],
    },
    {
      ...field('processingBasis', 'Legal basis for processing', 'For keeping and using this contact’s data.'),
      kind: 'select',
      isRequired,
      choices: basisOptions(draft.processingBasis, 'None given yet'),
    },
    {
      ...field('unitIds', 'Business units'),
      kind: 'ticks',
      choices: [...units.values()].map(({ id, name }) => ({
        id: `unit-${id}`,
        value: String(id),
        label: name,
        isSelected: draft.unitIds.includes(id),
      })),
    },
    {
      ...field(
        'properties',
        'Properties',
        'A name and its value, such as “city” and “Oslo”. Empty values are removed.',
      ),
      name: 'property',
      kind: 'pairs',
      pairs: [
        ...draft.properties,
        ...Array.from({ length: emptyPairs }, () => ({ name: '', value: '' })),
      ].map((pair, at) => ({ id: `property-${at}`, ...pair })),
    },
  ];
}
