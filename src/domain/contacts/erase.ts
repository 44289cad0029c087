/**
 * Erasing a person: the record, the contact's own page, the command line and the API call the same function. It erases every address of the person,
 * drops its queued mails, and deletes the contact. Opt-outs stay.
 */
import { DomainError } from '../../errors.js';
import { dropQueuedMails } from '../../models/mail.js';
import type { Contact } from '../../models/contact.js';
import type { Models } from '../../models/index.js';
import { isInScope } from '../../vocabulary/scope.js';
import { scopeOf } from '../consent/actors.js';
import { changeConsent, refusalOf } from '../consent/change.js';
import type { ConsentDeps } from '../consent/contract.js';
import { writing } from '../consent/durability.js';
import { channels, type Actor, type Channel, type Circumstances } from '../../vocabulary/terms.js';
import type { SubscriberIds } from '../consent/address.js';
import { removeContact } from './delete.js';
import { readRecord } from './record.js';

export interface ErasureDeps extends ConsentDeps {
  models: Pick<Models, 'subscribers' | 'archivedEvents' | 'contacts' | 'mails'>;
  subscriberIds: SubscriberIds;
}

export interface Erasure {
  /** The id of a contact, or the subscriber id of any of its addresses, or of an address without a contact. */
  id: string;
  /** Must reach all units, since erasing opts out of all of the account. */
  actor: Actor;
  circumstances?: Circumstances;
  /** The link that acts: the subscriber that it names, and its epoch. A link that was revoked erases nothing. */
  link?: { subscriberId: string; channel: Channel; epoch: number };
}

/**
 * Erases. The contact goes last, so that an interrupted erasure can be repeated. It is marked, so that the sweep does not remove it once one address
 * is done.
 * @returns the subscriber ids that were erased, for the receipt
 * @throws DomainError `NOT_FOUND`, `NOT_PERMITTED`, `LINK_EXPIRED`; `DATABASE_AWAY` or `OUTCOME_UNKNOWN`, which are safe to repeat
 */
export async function erasePerson(deps: ErasureDeps, wanted: Erasure): Promise<string[]> {
  const { id, actor, circumstances, link } = wanted;
  const scope = scopeOf(actor);
  // The subscriber of a link may be unknown: the link has outlived a restore. It is opted out all the same.
  const { contact, channels: found } = await readRecord(deps, { scope, id }).catch((error: unknown) => {
    if (link && error instanceof DomainError && error.code === 'NOT_FOUND')
      return { contact: null, channels: [] };
    throw error;
  });
  // Before anything is written. Without an address, no rule is asked.
  if (!isInScope(scope, null))
    throw new DomainError('NOT_PERMITTED', 'Erasing a person changes all business units.');
  const erase = async (subscriberId: string, channel: Channel, linkEpoch?: number) => {
    const result = await changeConsent(deps, {
      ...{ subscriberId, channel, actor, wishes: [{ kind: 'ERASE' }] },
      ...(circumstances ? { circumstances } : {}),
      ...(linkEpoch === undefined ? {} : { linkEpoch }),
    });
    const refusal = refusalOf(result);
    if (refusal) throw new DomainError(refusal, 'This person could not be erased.');
    await writing(() => dropQueuedMails(deps.models.mails, subscriberId, 'erased'));
  };
  const own = found.find(({ subscriberId }) => subscriberId === link?.subscriberId);
  if (link && own && link.epoch < own.subscriber.epoch)
    throw new DomainError('LINK_EXPIRED', 'This link was revoked.');
  // Addresses that the contact got since it was read are erased too. A save that has read it without the mark is refused, and reads it again.
  const marked = contact ? await markErasure(deps, contact._id) : null;
  if (link) await erase(link.subscriberId, link.channel, link.epoch);
  const known = new Map(found.map(({ subscriberId, channel }) => [subscriberId, channel]));
  for (const channel of channels) {
    const subscriberId = marked?.subscribers[channel];
    if (subscriberId) known.set(subscriberId, channel);
  }
  const others = [...known].filter(([subscriberId]) => subscriberId !== link?.subscriberId);
  for (const [subscriberId, channel] of others) await erase(subscriberId, channel);
  if (contact) await removeContact(deps, marked ?? contact);
  return [...(link ? [link.subscriberId] : []), ...others.map(([subscriberId]) => subscriberId)];
}

/** Raises the number that every write of a contact is conditional on. @returns the contact with the mark; null if it is gone */
async function markErasure({ models }: ErasureDeps, id: string): Promise<Contact | null> {
  const mark = { $set: { isBeingErased: true as const }, $inc: { projection: 1 } };
  return writing(() =>
    models.contacts.collection.findOneAndUpdate({ _id: id as never }, mark, { returnDocument: 'after' }),
  ) as Promise<Contact | null>;
}
