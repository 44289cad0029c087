/** Releases addresses: a contact gives up its claim, and the preferences stay with the address. */
import { findSubscriber } from '../../models/find-subscribers.js';
import type { Models } from '../../models/index.js';
import type { SubscriberHead } from '../../models/subscriber.js';
import { reading, writing } from '../consent/durability.js';

export interface ClaimDeps {
  models: Pick<Models, 'subscribers' | 'contacts'>;
  clock: () => Date;
}

const mostAttempts = 60;

/**
 * Releases an address if the contact still has it. Its preferences are not changed.
 * @param to the contact that gets it back, if it was taken from one
 */
export async function release(
  { models }: ClaimDeps,
  contactId: string,
  subscriberId: string,
  to: string | null = null,
): Promise<void> {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const head = await reading(() => findSubscriber(models.subscribers, subscriberId));
    if (head?.contactId !== contactId) return;
    const freed = to ? {} : { $unset: { claimedAt: '' } };
    if (await updateHead(models, head, { $set: { contactId: to }, ...freed, $inc: { version: 1 } })) return;
  }
}

/** @returns false if the subscriber was written since it was read */
export async function updateHead(
  models: ClaimDeps['models'],
  { _id, version }: SubscriberHead,
  update: Record<string, unknown>,
): Promise<boolean> {
  const outcome = await writing(() =>
    models.subscribers.collection.updateOne({ _id: _id as never, version }, update as never),
  );
  return outcome.matchedCount === 1;
}
