/**
 * Erasing a person: the record, the contact's own page, the command line and the API call the same function. It erases every address of the person,
 * drops its queued mails, and deletes the contact. Opt-outs stay.
 */
import { DomainError } from '../../errors.js';
import type { Contact } from '../../models/contact.js';
import { findSubscribers } from '../../models/find-subscribers.js';
import { dropQueuedMails } from '../../models/mail.js';
import type { Models } from '../../models/index.js';
import { isInScope, type Scope } from '../../vocabulary/scope.js';
import { scopeOf } from '../consent/actors.js';
import { changeConsent, refusalOf } from '../consent/change.js';
import type { ConsentDeps } from '../consent/contract.js';
import { reading, writing } from '../consent/durability.js';
import type { Actor, Channel, Circumstances } from '../../vocabulary/terms.js';
import type { SubscriberIds } from '../consent/address.js';
import { removeContact } from './delete.js';
import { readRecord, type ChannelRecord, type FoundRecord } from './record.js';

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
  const record = contact ? await markErasure(deps, { scope, id: contact._id }) : null;
  if (link) await erase(link.subscriberId, link.channel, link.epoch);
  const known = contact ? await addressesOf(deps, { contact, found, record }) : found;
  const others = known.filter(({ subscriberId }) => subscriberId !== link?.subscriberId);
  for (const { subscriberId, channel } of others) await erase(subscriberId, channel);
  if (contact) await removeContact(deps, record?.contact ?? contact);
  return [...(link ? [link.subscriberId] : []), ...others.map(({ subscriberId }) => subscriberId)];
}

/** Those that the contact has with the mark, and those that it had when it was read, without any that another contact has got since. */
async function addressesOf(
  { models }: ErasureDeps,
  read: { contact: Contact; found: readonly ChannelRecord[]; record: FoundRecord | null },
): Promise<ChannelRecord[]> {
  const now = read.record?.channels ?? [];
  const before = read.found.filter((one) =>
    now.every(({ subscriberId }) => subscriberId !== one.subscriberId),
  );
  const ids = before.map(({ subscriberId }) => subscriberId);
  const heads = await reading(() => findSubscribers(models.subscribers, ids));
  const ownerOf = ({ subscriberId }: ChannelRecord) => heads.get(subscriberId)?.contactId ?? null;
  return [...now, ...before.filter((one) => [null, read.contact._id].includes(ownerOf(one)))];
}

/**
 * Marks the contact, and raises the number that every write of it is conditional on: a save that has read it without the mark is refused.
 * @returns the record as it is with the mark, with addresses that the contact got since it was read; null if it is gone
 */
async function markErasure(
  deps: ErasureDeps,
  wanted: { scope: Scope; id: string },
): Promise<FoundRecord | null> {
  const mark = { $set: { isBeingErased: true }, $inc: { projection: 1 } };
  await writing(() => deps.models.contacts.collection.updateOne({ _id: wanted.id as never }, mark));
  return readRecord(deps, wanted).catch((error: unknown) => {
    if (error instanceof DomainError && error.code === 'NOT_FOUND') return null;
    throw error;
  });
}
