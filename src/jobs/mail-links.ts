/** Mints the links of a mail just before it is sent, so that the queue never stores a link. */
import type { Config } from '../config.js';
import type { BusinessUnit, Catalogue, PendingWish } from '../vocabulary/terms.js';
import { makeLinkSet } from '../domain/links/link-set.js';
import type { MailLinks } from '../mail/compose.js';
import type { Mail } from '../models/mail.js';
import type { SubscriberHead } from '../models/subscriber.js';
import { paths } from '../paths.js';
import type { Tokens } from '../tokens/contract.js';
import type { Views } from '../views/contract.js';

export interface MailLinkDeps {
  config: Pick<Config, 'baseUrl' | 'unsubscribeMailto'>;
  tokens: Pick<Tokens, 'mint'>;
  views: Pick<Views, 'footer'>;
  clock: () => Date;
}

/** The records that a mail refers to. */
export interface MailSubject {
  mail: Mail;
  subscriber: SubscriberHead;
  to: string;
  pending: PendingWish | null;
  catalogue: Catalogue;
  unit: BusinessUnit;
}

/** @throws DomainError `INVALID_KEYS` if this process may not sign */
export async function mintMailLinks(deps: MailLinkDeps, subject: MailSubject): Promise<MailLinks> {
  const { mail, subscriber, to, catalogue, unit } = subject;
  const now = deps.clock();
  const type = mail.typeId === null ? undefined : catalogue.types.get(mail.typeId);
  const destination = {
    subscriberId: subscriber._id,
    channel: subscriber.channel,
    address: to,
    unit,
    // A type that was archived while the mail waited is not named.
    type: type?.isActive && !type.isInternal ? type : null,
    locale: mail.locale,
    campaign: null,
    copiedBy: null,
  };
  const set = await makeLinkSet(deps, destination, subscriber, { now, hasFooter: false });
  return {
    manageUrl: set.managePreferencesUrl,
    unsubscribeAllUrl: set.unsubscribeAllUrl,
    headers: set.headers,
    ...(mail.pendingId === null ? {} : { confirmUrl: await confirmUrl(deps, subject, mail.pendingId, now) }),
  };
}

async function confirmUrl(
  deps: MailLinkDeps,
  { mail, subscriber }: MailSubject,
  pendingId: string,
  now: Date,
): Promise<string> {
  const claims = {
    subscriberId: subscriber._id,
    unitId: mail.unitId,
    epoch: subscriber.epoch,
    pendingId,
    ...(mail.locale === null ? {} : { locale: mail.locale }),
  };
  return `${deps.config.baseUrl}${paths.confirm(await deps.tokens.mint('confirm', claims, now))}`;
}
