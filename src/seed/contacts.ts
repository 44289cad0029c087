/** The people of the demonstration world as contacts: names, languages, brands, and other data. */
import type { ContactForm } from '../domain/contacts/contact-form.js';
import { alice, bob, charlie, dana, erin, fjell, northwind, type Person } from './world.js';

/** Only Alice also has a phone number. */
export const phoneOfAlice = '+4790000001';

const forms = new Map<Person, Partial<ContactForm>>([
  [
    alice,
    {
      lastName: 'Holm',
      phone: phoneOfAlice,
      locale: 'en',
      unitIds: [northwind.id, fjell.id],
      properties: { City: 'Oslo', Company: 'Holm & Daughters' },
    },
  ],
  [bob, { lastName: 'Nygaard', locale: 'nb', unitIds: [fjell.id], properties: { City: 'Bergen' } }],
  [
    charlie,
    {
      lastName: 'Berg',
      locale: 'nb',
      processingBasis: 'PERFORMANCE_OF_CONTRACT',
      unitIds: [northwind.id],
      properties: { City: 'Oslo', Company: 'Bergs Sport' },
    },
  ],
  [
    dana,
    {
      lastName: 'Vik',
      locale: 'sv',
      processingBasis: 'LEGITIMATE_INTEREST_CLIENT',
      unitIds: [northwind.id, fjell.id],
      properties: { City: 'Göteborg' },
    },
  ],
  [erin, { lastName: 'Moe', locale: 'de', unitIds: [northwind.id], properties: { City: 'Hamburg' } }],
]);

/** The form of a person's record. */
export function formOfPerson(person: Person): ContactForm {
  return {
    firstName: person.name,
    lastName: '',
    email: person.address,
    phone: '',
    locale: '',
    processingBasis: 'PROCESS_AND_STORE',
    unitIds: [northwind.id],
    properties: {},
    ...forms.get(person),
  };
}
