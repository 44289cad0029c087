/** The fields of units and types: one set of checks for the staff pages and `sayso catalogue import`. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { oneLine } from '../../clean-text.js';
import { largestId } from '../../tokens/claims.js';
import { locales } from '../../vocabulary/locales.js';
import { phoneCountries } from '../consent/phone-library.js';
import { addressOrNull } from '../consent/read-address.js';
import { channels, typePurposes } from '../../vocabulary/terms.js';
import { isTimeZone } from '../../vocabulary/time-zones.js';

/** An id of a unit. A link cannot carry a larger one, so contacts of such a unit could not opt out. */
export const unitId = z
  .int('is not a whole number')
  .min(0, 'is below 0')
  .max(largestId, `is above ${largestId}`);
/** An id of a type; 0 means no type in links. */
export const typeId = unitId.min(1, 'is below 1');
/** Cleaned, on one line: names and senders become headers of mails. */
export const line = (most: number) =>
  z
    .string('is not text')
    .overwrite(oneLine)
    .min(1, 'is empty')
    .max(most, `is longer than ${most} characters`);
const locale = z.enum(locales, `is none of ${locales.join(', ')}`);
/** A country whose phone numbers can be read. */
export const country = z
  .string('is not text')
  .refine((code) => phoneCountries().some((one) => one === code), 'is not a country code such as NO');
/** IANA name of a time zone. */
export const timeZone = z.string('is not text').refine(isTimeZone, 'is not a time zone such as Europe/Oslo');
/** An address as people write it, normalised: mail needs the domain in ASCII. */
export const emailAddress = z.string('is not text').transform((text, context) => {
  const address = addressOrNull('EMAIL', text);
  if (address === null) context.addIssue('is not an e-mail address');
  return address ?? z.NEVER;
});
export const yesOrNo = z.boolean('is neither true nor false');

/** A URL that the one HTTP client may ask. */
export const urlText = z
  .string()
  .trim()
  .max(2000, 'is longer than 2,000 characters')
  .refine((text) => URL.canParse(text) && isAllowed(new URL(text)), 'is not an https URL without a password');

/** The client refuses http too, except for addresses that PRIVATE_SOURCES names. */
function isAllowed({ protocol, hostname, username, password }: URL): boolean {
  const isHttp = protocol === 'http:' && isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
  return (protocol === 'https:' || isHttp) && username === '' && password === '';
}

/** All fields of a unit except its id and its logo. The accent is one colour, from which two are made. */
export const unitFields = z.strictObject({
  name: line(80),
  accent: z.string('is not text').regex(/^#([\da-f]{3}|[\da-f]{6})$/i, 'is not a colour such as #2f5d50'),
  senderName: line(80).optional(),
  senderAddress: emailAddress,
  postalAddress: line(300),
  privacyPolicyUrl: z.url({
    protocol: /^https$/,
    hostname: z.regexes.domain,
    error: 'is not an https:// URL',
  }),
  defaultLocale: locale.default('en'),
  hasDoubleOptIn: yesOrNo.default(false),
  translations: z
    .partialRecord(
      locale,
      z.strictObject({ name: line(80).exactOptional(), postalAddress: line(300).exactOptional() }),
    )
    .default({}),
});
export type UnitFields = z.infer<typeof unitFields>;

/** All fields of a type except its id, unit, position and archived state. */
export const typeFields = z.strictObject({
  channel: z.enum(channels, `is none of ${channels.join(', ')}`).default('EMAIL'),
  name: line(80),
  description: line(300),
  /** Also reads `Marketing`, as older catalogue files have it. */
  purpose: z
    .string()
    .toUpperCase()
    .pipe(z.enum(typePurposes, `is none of ${typePurposes.join(', ')}`))
    .default('MARKETING'),
  communicationMethod: line(80).or(z.literal('')).default(''),
  isInternal: yesOrNo.default(false),
  isDefault: yesOrNo.default(false),
  translations: z
    .partialRecord(locale, z.strictObject({ name: line(80), description: line(300) }))
    .default({}),
});
export type TypeFields = z.infer<typeof typeFields>;

/** The fault, as the end of a sentence that begins with the field's name. */
export function saidOf(issue: z.core.$ZodIssue): string {
  if ('input' in issue && issue.input === undefined) return 'is missing';
  return issue.message;
}
