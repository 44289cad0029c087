/** Declares the API of links: URLs, headers and footers for mails. */
import { z } from 'zod';
import type { Deps } from '../../../deps.js';
import type { LinkSet } from '../../../domain/links/link-set.js';
import { mintLink, mintLinks } from '../../../domain/links/mint-links.js';
import type { Recipient } from '../../../domain/links/recipient.js';
import { DomainError } from '../../../errors.js';
import { apiPaths } from '../../../paths.js';
import { faultSentence } from '../../../vocabulary/fault-words.js';
import { operation } from '../operation.js';
import { linkRequest } from '../schemas.js';
import { within } from './eligibility.js';

const links = z
  .strictObject({
    address: z.string().meta({ description: 'In its normal form.' }),
    managePreferencesUrl: z.url(),
    unsubscribeAllUrl: z.url(),
    unsubscribeSingleUrl: z.url().nullable().meta({ description: 'Null without a type.' }),
    headers: z.strictObject({ 'List-Unsubscribe': z.string(), 'List-Unsubscribe-Post': z.string() }),
    footer: z.strictObject({ html: z.string(), text: z.string() }).nullable(),
  })
  .meta({ id: 'Links' });

const query = z.strictObject({
  footer: z.stringbool().default(false).meta({ description: 'true: with a footer in HTML and in text.' }),
});
const about = { tag: 'Links', scopes: ['links'], query } as const;
const ndjson = ['application/x-ndjson'] as const;

type LinkRequest = z.output<typeof linkRequest>;
/** `mintLinks` refuses it, so that the answers stay in order. */
const unreadable: Recipient = { address: '', unitId: -1 };

/** Far longer than any request. */
const longestLine = 10_000;

export const linkOperations = [
  operation({
    ...{ ...about, id: 'createLinks', method: 'POST', path: '/api/v1/links' },
    summary: 'Mint the links and headers of one mail',
    body: linkRequest,
    answers: { 200: links },
    faults: [404, 409],
    /** @throws DomainError as `mintLink`; outside the key's business units nothing exists */
    run: async (deps, caller, { query, body }) => {
      const set = await mintLink(within(deps, caller), recipientOf(body), { hasFooter: query.footer });
      return { body: shown(set) };
    },
  }),
  operation({
    ...{ ...about, id: 'createLinksInBatch', method: 'POST', path: apiPaths.linksInBatch },
    summary: 'Mint the links of any number of mails',
    description:
      'Each line of the body is a LinkRequest. The answer has one line for each of them, in their order: Links, or an error. It begins before the body ends, so read it while you write.',
    upload: { types: ndjson, line: linkRequest },
    answers: { 200: { types: ndjson, line: links } },
    /** Lines in, lines out, as fast as the caller reads them. A line that cannot be read gets an error, and the rest goes on. */
    run: async (deps, caller, { query, bytes }) => ({
      stream: linesOf(within(deps, caller), bytes, query.footer),
      type: 'application/x-ndjson',
    }),
  }),
];

async function* linesOf(
  deps: Deps,
  bytes: AsyncIterable<Uint8Array>,
  hasFooter: boolean,
): AsyncGenerator<string> {
  // For each line under way: null, or what is wrong with it. `mintLinks` answers in order.
  const faults: (string | null)[] = [];
  async function* recipients(): AsyncGenerator<Recipient> {
    for await (const line of textLines(bytes)) {
      const read = line === null ? null : linkRequest.safeParse(jsonIn(line));
      faults.push(read?.success ? null : faultOf(read?.error));
      yield read?.success ? recipientOf(read.data) : unreadable;
    }
  }
  for await (const result of mintLinks(deps, recipients(), { hasFooter })) {
    const fault = faults.shift() ?? null;
    const refusal = 'refusal' in result ? result.refusal : null;
    const error = fault === null ? refusal : { code: 'INVALID_FORM', message: fault };
    yield `${JSON.stringify(error || 'refusal' in result ? { error } : shown(result))}\n`;
  }
}

function recipientOf({ businessUnitId: unitId, address, ...rest }: LinkRequest): Recipient {
  const { typeId, channel, locale, campaign } = rest;
  return {
    ...{ address, unitId },
    ...(typeId === undefined ? {} : { typeId }),
    ...(channel === undefined ? {} : { channel }),
    ...(locale === undefined ? {} : { locale }),
    ...(campaign === undefined ? {} : { campaign }),
  };
}

function shown(set: LinkSet): object {
  const { address, managePreferencesUrl, unsubscribeAllUrl, unsubscribeSingleUrl, headers, footer } = set;
  return {
    ...{ address, managePreferencesUrl, unsubscribeAllUrl },
    ...{ unsubscribeSingleUrl: unsubscribeSingleUrl ?? null, headers, footer: footer ?? null },
  };
}

function faultOf(error: z.ZodError | undefined): string {
  const [issue] = error?.issues ?? [];
  if (!issue) return `The line is longer than ${longestLine} characters.`;
  if (issue.path.length === 0 && issue.code === 'invalid_type') return 'The line is not a JSON object.';
  return faultSentence(issue.path.join('.') || 'The line', issue.message);
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Lines that are not empty; null for one that is too long, which is not held in memory. @throws DomainError `INVALID_FORM` */
async function* textLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string | null> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (part?: Uint8Array) => {
    try {
      return part ? decoder.decode(part, { stream: true }) : decoder.decode();
    } catch {
      throw new DomainError('INVALID_FORM', 'The body is not UTF-8.');
    }
  };
  let rest = '';
  let isLong = false;
  for await (const part of bytes) {
    const lines = (rest + decode(part)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (isLong || line.length > longestLine) yield null;
      else if (line.trim() !== '') yield line;
      isLong = false;
    }
    if (rest.length > longestLine) {
      isLong = true;
      rest = '';
    }
  }
  rest += decode();
  if (isLong) yield null;
  else if (rest.trim() !== '') yield rest;
}
