/** Explains to a contact why an act was refused, in sentences: a refused opt-in, or a mail that will not be sent. */
import type { Outcome } from '../../domain/consent/change.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import type { RefusalCode } from '../../vocabulary/refusal-codes.js';
import { dailyCapOf, type Unmailable } from '../../mail/mailable.js';
import type { Config } from '../../config.js';
import type { Words } from '../../views/contract.js';
import { typeNames } from '../../domain/wordings/naming.js';

/** A refused opt-in. Saves of older releases do not store why. */
export interface RefusedOptIn {
  /** The type, in the reader's language. */
  name: string;
  code: RefusalCode | undefined;
}

const keys: Partial<Record<RefusalCode, string>> = {
  LINK_EXPIRED: 'refusedOptIn',
  TYPE_ARCHIVED: 'refusedGone',
  NO_ADDRESS: 'refusedUnmailable',
  UNDELIVERABLE: 'refusedUnmailable',
  TOO_MANY_CONFIRMATIONS: 'refusedTooMany',
};

/** One sentence per reason, with its types. */
export function refusalSentences(
  refused: readonly RefusedOptIn[],
  words: Pick<Words, 't' | 'list'>,
): string[] {
  const namesByKey = new Map<string, string[]>();
  for (const { name, code } of refused) {
    const key = code === undefined ? 'refusedOptIn' : (keys[code] ?? 'refusedOther');
    namesByKey.set(key, [...(namesByKey.get(key) ?? []), name]);
  }
  return [...namesByKey].map(([key, names]) => words.t(key, { names: words.list(names) }));
}

/** The same for one outcome, as a fault of the form that links to the type's switch; none if it was not refused. */
export function refusalFaults(
  outcome: Outcome,
  { catalogue, words }: { catalogue: Pick<Catalogue, 'types'>; words: Words },
): { text: string; href: string }[] {
  if (outcome.result !== 'REFUSED' || !('typeId' in outcome.wish)) return [];
  const { typeId } = outcome.wish;
  const [name = ''] = typeNames(catalogue, [typeId], words.locale);
  const sentences = refusalSentences([{ name, code: outcome.code }], words);
  return sentences.map((text) => ({ text, href: `#type-${typeId}` }));
}

/** The text in place of "we have mailed a fresh link". */
export function noFreshLink(
  why: Unmailable,
  { t }: Pick<Words, 't'>,
  config: Pick<Config, 'mailsPerAddressPerDay'>,
): { heading: string; sentences: string[] } {
  return why === 'TOO_MANY_MAILS'
    ? {
        heading: t('freshLinkSentHeading'),
        sentences: [t('freshLinkTooMany', { most: dailyCapOf(config, 'FRESH_LINK') })],
      }
    : { heading: t('freshLinkUnmailableHeading'), sentences: [t('freshLinkUnmailable')] };
}
