/** Conditions on who a contact is: name, addresses, language. */
import { channels } from '../../../vocabulary/terms.js';
import { channelNames, languageOptions } from '../../../vocabulary/words.js';
import { aboutContact, type ComparedValue } from '../condition-kind.js';

const personalText = {
  kind: 'TEXT',
  isOptional: true,
  isPersonal: true,
} as const satisfies Partial<ComparedValue>;

export const name = aboutContact('name', { ...personalText, label: 'Name', source: { facets: 'name:' } });

export const email = aboutContact('email', { ...personalText, label: 'E-mail', source: { field: 'email' } });

export const emailDomain = aboutContact('email-domain', {
  label: 'E-mail domain',
  kind: 'TEXT',
  isOptional: true,
  source: { facets: 'domain:' },
  fold: (text) => text.trim().toLowerCase().replace(/^@/, ''),
});

export const phone = aboutContact('phone', {
  ...personalText,
  label: 'Phone',
  source: { field: 'phone' },
  fold: (text) => text.replace(/[^+\d]/g, '').replace(/^00/, '+'),
});

// Made at the first use: names of languages cost time and memory, and every process loads this file.
export const language = aboutContact('language', () => ({
  label: 'Language',
  kind: 'CHOICE',
  isOptional: true,
  source: { facets: 'locale:' },
  options: languageOptions(),
}));

export const hasAddress = aboutContact('has-address', {
  label: 'Has an address for',
  kind: 'CHOICE',
  isOptional: false,
  source: { facets: '' },
  options: channels.map((value) => ({ value, label: channelNames[value] })),
});
