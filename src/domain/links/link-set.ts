/** The links of one recipient: their URLs, the header set and, on request, a footer to paste. */
import type { Config } from '../../config.js';
import { paths } from '../../paths.js';
import type { Tokens } from '../../tokens/contract.js';
import type { Views } from '../../views/contract.js';
import type { KnownSubscriber } from './known-subscribers.js';
import type { Destination } from './recipient.js';
import { shortToken } from '../../tokens/short-token.js';

export interface Footer {
  html: string;
  text: string;
}

export interface LinkSet {
  /** Normalised. */
  address: string;
  subscriberId: string;
  /** "Manage your preferences". */
  managePreferencesUrl: string;
  /** "Unsubscribe": from all of the unit. */
  unsubscribeAllUrl: string;
  /** "Unsubscribe": from the type, if one was named. */
  unsubscribeSingleUrl?: string;
  /** For the type if one was named, otherwise for all of the unit. */
  headers: HeaderSet;
  footer?: Footer;
}

export interface LinkSetDeps {
  config: Pick<Config, 'baseUrl' | 'unsubscribeMailto'>;
  tokens: Pick<Tokens, 'mint'>;
  views: Pick<Views, 'footer'>;
}

/**
 * Signs the two or three tokens of one recipient and assembles the set.
 * @throws DomainError `INVALID_KEYS` if this process may not sign
 */
export async function makeLinkSet(
  deps: LinkSetDeps,
  destination: Destination,
  known: KnownSubscriber,
  { now, hasFooter }: { now: Date; hasFooter: boolean },
): Promise<LinkSet> {
  const { subscriberId, address, unit, type, copiedBy } = destination;
  const ofUnit = claimsOf(destination, known);
  const ofType = type ? { ...ofUnit, typeId: type.id } : null;
  const [preferences, all, single] = await Promise.all([
    deps.tokens.mint('preferences', { ...(ofType ?? ofUnit), ...(copiedBy && { copiedBy }) }, now),
    deps.tokens.mint('unsubscribe', ofUnit, now),
    ofType && deps.tokens.mint('unsubscribe', ofType, now),
  ]);
  const { baseUrl } = deps.config;
  const set: LinkSet = {
    address,
    subscriberId,
    managePreferencesUrl: `${baseUrl}${paths.preferences(preferences)}`,
    unsubscribeAllUrl: `${baseUrl}${paths.unsubscribe(all)}`,
    ...(single && { unsubscribeSingleUrl: `${baseUrl}${paths.unsubscribe(single)}` }),
    headers: unsubscribeHeaders(deps.config, single ?? all),
  };
  if (hasFooter)
    set.footer = footerOf(deps, destination, set, destination.locale ?? known.locale ?? unit.defaultLocale);
  return set;
}

function claimsOf({ subscriberId, unit, locale, campaign }: Destination, { epoch }: KnownSubscriber) {
  return {
    subscriberId,
    unitId: unit.id,
    epoch,
    ...(locale !== null && { locale }),
    ...(campaign !== null && { campaign }),
  };
}

function footerOf(
  deps: Pick<LinkSetDeps, 'views'>,
  { unit, type }: Destination,
  set: LinkSet,
  locale: string,
): Footer {
  const translation = unit.translations[locale];
  return deps.views.footer({
    unitName: translation?.name ?? unit.name,
    postalAddress: translation?.postalAddress ?? unit.postalAddress,
    locale,
    manageUrl: set.managePreferencesUrl,
    unsubscribeAllUrl: set.unsubscribeAllUrl,
    ...(type && { typeName: type.translations[locale]?.name ?? type.name }),
    ...(set.unsubscribeSingleUrl && { unsubscribeOneUrl: set.unsubscribeSingleUrl }),
  });
}

export interface HeaderSet {
  'List-Unsubscribe': string;
  'List-Unsubscribe-Post': string;
}

/**
 * Makes the header set of one mail.
 * @param config `baseUrl` is where the POST goes, `unsubscribeMailto` the inbox whose mails are read
 * @param token a token of the kind `unsubscribe`; the subject of the mail has it in its short spelling (decision 0532)
 * @returns each value in one line; the sender of the mail folds it after the comma, and signs both (RFC 8058, section 4)
 */
export function unsubscribeHeaders(
  config: Pick<Config, 'baseUrl' | 'unsubscribeMailto'>,
  token: string,
): HeaderSet {
  const url = `${config.baseUrl}${paths.oneClick(token)}`;
  const subject = encodeURIComponent(`opt-out ${shortToken(token)}`);
  const mailto = `mailto:${encodedAddress(config.unsubscribeMailto)}?subject=${subject}`;
  return {
    'List-Unsubscribe': `<${url}>, <${mailto}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  };
}

/** RFC 6068, section 2: the "@" stays, and what the URL syntax or the comma of the header needs is escaped. */
function encodedAddress(address: string): string {
  return address.split('@').map(encodeURIComponent).join('@');
}
