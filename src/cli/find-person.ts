/** The person behind an address that was typed on the command line. */
import { findByAddress } from '../domain/consent/merge-subscribers.js';
import { readAddress } from '../domain/consent/read-address.js';
import type { Deps } from '../deps.js';
import { DomainError } from '../errors.js';
import type { Channel } from '../vocabulary/terms.js';

/**
 * @returns the subscriber id, which also names the person's contact if there is one
 * @throws DomainError `INVALID_ADDRESS` for something else than an address, and for one of which nothing is recorded
 */
export async function findPersonId(deps: Deps, channel: Channel, written: string): Promise<string> {
  const address = readAddress(channel, written, await deps.catalogue());
  const subscriberId = deps.subscriberIds(channel, address);
  const head = await findByAddress(deps, { channel, address, subscriberId });
  if (!head) throw new DomainError('INVALID_ADDRESS', `Nothing is recorded of ${written}.`);
  return head._id;
}
