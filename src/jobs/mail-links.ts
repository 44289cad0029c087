/** Mints the links of a mail that is about to go out. */
import type { Config } from '../config.js';
import type { PendingWish } from '../domain/consent/terms.js';
import type { MailLinks } from '../mail/compose.js';
import type { Mail } from '../models/mail.js';
import type { SubscriberHead } from '../models/subscriber.js';
import { paths } from '../paths.js';
import type { Tokens } from '../tokens/contract.js';

export async function mintMailLinks(
  deps: { tokens: Tokens; config: Pick<Config, 'baseUrl' | 'unsubscribeMailto'>; clock: () => Date },
  mail: Mail,
  subscriber: SubscriberHead,
  pending: PendingWish | null,
): Promise<MailLinks> {
  const { tokens, config } = deps;
  const now = deps.clock();
  const claims = {
    subscriberId: subscriber._id,
    unitId: mail.unitId,
    epoch: subscriber.epoch,
    ...(mail.locale ? { locale: mail.locale } : {}),
  };
  const typed = mail.typeId === null ? claims : { ...claims, typeId: mail.typeId };
  const [manage, unsubscribeAll, header, confirm] = await Promise.all([
    tokens.mint('preferences', typed, now),
    tokens.mint('unsubscribe', claims, now),
    tokens.mint('unsubscribe', typed, now),
    pending ? tokens.mint('confirm', { ...claims, pendingId: pending.id }, now) : undefined,
  ]);
  const url = (path: string) => `${config.baseUrl}${path}`;
  return {
    manageUrl: url(paths.preferences(manage)),
    unsubscribeAllUrl: url(paths.unsubscribe(unsubscribeAll)),
    ...(confirm ? { confirmUrl: url(paths.confirm(confirm)) } : {}),
    headers: {
      'List-Unsubscribe': `<${url(paths.oneClick(header))}>, <mailto:${config.unsubscribeMailto}?subject=${header}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
  };
}
