/** The English names of channels, statuses and legal bases, sentences for refusals, and formats of counts and times. */
import { locales } from './locales.js';
import type { Channel, LegalBasis, SubscriptionStatus, SubscriptionType } from './terms.js';
import { refusalCodes, rowRefusals } from './refusal-codes.js';
import type { RefusalCode, RowRefusal } from './refusal-codes.js';

export const channelNames: Readonly<Record<Channel, string>> = {
  EMAIL: 'E-mail',
  WHATSAPP: 'WhatsApp',
  SMS: 'Text message',
};
export const statusNames: Readonly<Record<SubscriptionStatus, string>> = {
  SUBSCRIBED: 'Subscribed',
  UNSUBSCRIBED: 'Opted out',
  NOT_SPECIFIED: 'Not specified',
};

export const basisNames: Readonly<Record<LegalBasis, string>> = {
  LEGITIMATE_INTEREST_PQL: 'Legitimate interest: showed interest',
  LEGITIMATE_INTEREST_CLIENT: 'Legitimate interest: existing customer',
  LEGITIMATE_INTEREST_OTHER: 'Legitimate interest: other',
  PERFORMANCE_OF_CONTRACT: 'Performance of a contract',
  CONSENT_WITH_NOTICE: 'Freely given consent',
  NON_GDPR: 'Not applicable: outside the GDPR',
  PROCESS_AND_STORE: 'Consent to process and store',
};

/** "Trail notes", "Trail notes (archived)". */
export function typeName({ name, isActive }: Pick<SubscriptionType, 'name' | 'isActive'>): string {
  return isActive ? name : `${name} (archived)`;
}

/** Why a wish, or a row of a job, was refused, as one sentence. */
export const refusalWords: Readonly<Record<RefusalCode | RowRefusal, string>> = {
  PREVIOUSLY_OPTED_OUT: 'Opted out, and there is no later consent.',
  OPTED_OUT_OF_ALL: 'Opted out of all, which an opt-in in bulk does not remove.',
  LEGAL_BASIS_REQUIRED: 'Needs a legal basis.',
  EXPLANATION_REQUIRED: 'Needs an explanation of the consent.',
  NOT_SET_BY_STAFF: 'The opt-out of all was not set by staff, so staff cannot lift it.',
  LINK_EXPIRED: 'The link had expired.',
  TYPE_ARCHIVED: 'The subscription type is archived.',
  UNKNOWN_TYPE: 'The subscription type does not exist.',
  ERASED: 'The person was erased, so only they themselves can opt in again.',
  NOT_ALLOWED: 'The rules do not allow this.',
  NO_ADDRESS: 'Has no address in this channel.',
  UNDELIVERABLE: 'Cannot receive mail: it bounced, or it was reported as spam.',
  TOO_MANY_CONFIRMATIONS: 'The daily limit of confirmations for this address is reached.',
  NO_CONTACT: 'Was deleted or erased in the meantime.',
  OTHER_UNIT: 'Does not belong to the business unit of the mail, the list or the workflow.',
  SHARED_CONTACT: 'Also belongs to business units that the user does not reach.',
  TOO_MANY_LISTS: 'Is on 200 static lists already.',
  UNDER_WAY: 'Is in the workflow already.',
  ENROLLED_BEFORE: 'Was in the workflow before, which enrols a contact once.',
  SUPPRESSED: 'Is on a list whose members this workflow never enrols.',
  GOAL: 'Meets the goal of the workflow already.',
  INACTIVE: 'The workflow is not active.',
};

/** The sentence of a stored refusal code; the code itself if this release does not know it. */
export function reasonWords(code: string): string {
  const known = [...refusalCodes, ...rowRefusals].find((one) => one === code);
  return known ? refusalWords[known] : code;
}

const whole = new Intl.NumberFormat('en-GB');
const dated = { day: 'numeric', month: 'short', year: 'numeric' } as const;
const timed = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' } as const;
/** Creating a format takes longer than using it, and a page writes many times in one zone. */
const formats = new Map<string, { day: Intl.DateTimeFormat; moment: Intl.DateTimeFormat }>();
const listFormat = new Intl.ListFormat('en-GB', { style: 'long', type: 'conjunction' });

/** "1,240" */
export function figure(count: number): string {
  return whole.format(count);
}

/** "Admin", "All business units" */
export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** "1 contact", "1,240 contacts". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${figure(count)} ${count === 1 ? one : many}`;
}

/** "14 Mar 2025". @param zone IANA name of a time zone */
export function dayOf(at: Date, zone: string): string {
  return formatsOf(zone).day.format(at);
}

/** "14 Mar 2025, 09:30 CET". @param zone IANA name of a time zone */
export function momentOf(at: Date, zone: string): string {
  // The zone stays beside its time, also in a narrow column.
  return formatsOf(zone)
    .moment.format(at)
    .replace(/ (?=\S+$)/, '\u00a0');
}

function formatsOf(timeZone: string) {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = {
    day: new Intl.DateTimeFormat('en-GB', { ...dated, timeZone }),
    moment: new Intl.DateTimeFormat('en-GB', { ...dated, ...timed, timeZone }),
  };
  formats.set(timeZone, made);
  return made;
}

/** "A, B and C" */
export function listOf(names: readonly string[]): string {
  return listFormat.format(names);
}

/** Languages by their English names, such as "Norwegian Bokmål"; the tag itself if it has none. */
export function languageOf(locale: string): string {
  try {
    return new Intl.DisplayNames('en', { type: 'language' }).of(locale) ?? locale;
  } catch {
    return locale;
  }
}

/** The languages of the pages, for a choice. A function, since the names of languages cost time and memory when a process starts. */
export function languageOptions(): { value: string; label: string }[] {
  return locales.map((value) => ({ value, label: languageOf(value) }));
}
