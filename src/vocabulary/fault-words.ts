/** Plain words for the faults that zod finds. Loading this file sets them for the whole process; a message of a schema goes first. */
import { z } from 'zod';

const types: Readonly<Record<string, string>> = {
  ...{ string: 'text', number: 'a number', int: 'a whole number', date: 'a date', array: 'a list' },
  ...{ object: 'an object', record: 'an object', null: 'null' },
};

const formats: Readonly<Record<string, string>> = {
  ...{ email: 'an email address', url: 'a URL', uuid: 'a UUID' },
  ...{ date: 'a date such as 2026-01-31', time: 'a time such as 09:30' },
  datetime: 'a time such as 2026-01-31T09:30:00Z',
};

/** What texts and lists are measured in. */
const units: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
};

/** The fault as the end of a sentence that begins with the name of the field. It never repeats the value, which could be an address. */
function faultWords(issue: z.core.$ZodRawIssue): string {
  const input = issue.code === 'invalid_union' && issue.discriminator ? at(issue) : issue.input;
  if (input === undefined) return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      if (issue.expected === 'boolean') return 'is neither true nor false';
      return `is not ${types[issue.expected] ?? 'of the right kind'}`;
    case 'invalid_value':
      return noneOf(issue.values);
    case 'too_big':
      return measured('is above', 'has more than', issue.origin, issue.maximum);
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return 'is empty';
      return measured('is below', 'has fewer than', issue.origin, issue.minimum);
    case 'not_multiple_of':
      return `is not a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return formats[issue.format] ? `is not ${formats[issue.format]}` : 'does not have the right form';
    case 'unrecognized_keys':
      return `has unknown fields: ${issue.keys.join(', ')}`;
    case 'invalid_union':
      return Array.isArray(issue.options) ? noneOf(issue.options) : 'has none of the allowed forms';
    default:
      return 'is not allowed';
  }
}

const at = ({ input, discriminator }: { input?: unknown; discriminator?: unknown }): unknown =>
  Object(input)[String(discriminator)];

const noneOf = (values: readonly unknown[]) =>
  values.length === 1 ? `is not ${String(values[0])}` : `is none of ${values.map(String).join(', ')}`;

function measured(number: string, size: string, origin: string, limit: number | bigint): string {
  const unit = units[origin];
  return unit ? `${size} ${limit} ${unit[limit === 1 ? 0 : 1]}` : `${number} ${limit}`;
}

z.config({ localeError: faultWords });

/** A fault as a sentence. A message with a capital letter is one already; any other follows the name of the field. */
export function faultSentence(name: string, message: string): string {
  return /^\p{Lu}/u.test(message) ? message : `${name} ${message}.`;
}

/** The faults of a request, as an answer of the API lists them. */
export function faultList(issues: readonly { path: unknown[]; message: string; code: string }[]): object[] {
  return issues.map(({ path, message, code }) => {
    const name = path.join('.');
    return { message: faultSentence(name, message), code, in: name };
  });
}
