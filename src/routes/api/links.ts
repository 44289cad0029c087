/** The API of links, one by one and as a stream of lines. */
import type { z } from 'zod';
import type { Deps } from '../../deps.js';
import type { LinkSet } from '../../domain/links/link-set.js';
import { mintLink, mintLinks } from '../../domain/links/mint-links.js';
import type { Recipient } from '../../domain/links/recipient.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { DomainError } from '../../errors.js';
import { faultSentence } from '../../vocabulary/fault-words.js';
import { within } from './eligibility.js';
import type { Answer, Handler } from './operation.js';
import { linkRequest } from './schemas.js';

type LinkRequest = z.output<typeof linkRequest>;
interface Choice {
  query: { footer: boolean };
}

/** @throws DomainError as `mintLink`; outside the key's business units nothing exists */
export const createLinks: Handler<Choice & { body: LinkRequest }> = async (deps, caller, { query, body }) => {
  const set = await mintLink(within(deps, caller), recipientOf(body), { hasFooter: query.footer });
  return { body: shown(set) };
};

/** Lines in, lines out, as fast as the caller reads them. A line that cannot be read gets an error, and the rest goes on. */
export function createLinksInBatch(
  deps: Deps,
  caller: ApiCaller,
  { query, bytes }: Choice & { bytes: AsyncIterable<Uint8Array> },
): Promise<Answer> {
  return Promise.resolve({
    stream: linesOf(within(deps, caller), bytes, query.footer),
    type: 'application/x-ndjson',
  });
}

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

/** `mintLinks` refuses it, so that the answers stay in order. */
const unreadable: Recipient = { address: '', unitId: -1 };

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

/** Far longer than any request. */
const longestLine = 10_000;

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
