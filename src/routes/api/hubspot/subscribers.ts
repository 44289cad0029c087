/** Addresses of HubSpot's API: found with their statuses, within the business units of the key. */
import type { Deps } from '../../../deps.js';
import { catalogueWithin, requireUnit } from '../../../domain/consent/catalogue.js';
import { decomposedAddress } from '../../../domain/consent/address.js';
import { reading } from '../../../domain/consent/durability.js';
import { findOtherSpelling, type KnownAddress } from '../../../domain/consent/merge-subscribers.js';
import { addressOrNull } from '../../../domain/consent/read-address.js';
import type { ApiCaller } from '../../../domain/staff/api-keys.js';
import { findSubscribers } from '../../../models/find-subscribers.js';
import type { SubscriberHead } from '../../../models/subscriber.js';
import type { Catalogue, Channel } from '../../../vocabulary/terms.js';
import { invalid } from './refuse.js';

/** An address of a request; `head` is null for one that nothing is known about. */
export interface Asked extends KnownAddress {
  /** As the caller wrote it. */
  text: string;
  head: SubscriberHead | null;
}

/** @throws DomainError `INVALID_FORM` */
export function addressOf(
  deps: Pick<Deps, 'subscriberIds'>,
  { channel, text }: { channel: Channel; text: string },
  catalogue: Catalogue,
): KnownAddress & { text: string } {
  const address = addressOrNull(channel, text, catalogue);
  if (address === null)
    throw invalid(
      channel === 'EMAIL' ? `Email address ${text} is invalid` : `Phone number ${text} is invalid: use E.164`,
    );
  return { text, channel, address, subscriberId: deps.subscriberIds(channel, address) };
}

/** Reads several addresses in one query. Only a spelling of an older release needs another one. */
export async function findAsked(
  deps: Deps,
  wanted: readonly (KnownAddress & { text: string })[],
): Promise<Asked[]> {
  const ids = [...new Set(wanted.map(({ subscriberId }) => subscriberId))];
  const heads = await reading(() => findSubscribers(deps.models.subscribers, ids));
  return Promise.all(
    wanted.map(async (one) => {
      const head = heads.get(one.subscriberId) ?? null;
      const isOther = head === null && decomposedAddress(one.channel, one.address) !== null;
      return { ...one, head: isOther ? await findOtherSpelling(deps, one) : head };
    }),
  );
}

/**
 * The catalogue of the key, or that of one of its business units. Outside it nothing exists.
 * @throws DomainError `UNKNOWN_UNIT` for a unit outside it
 */
export async function catalogueOf(deps: Deps, { scope }: ApiCaller, unitId?: number): Promise<Catalogue> {
  const within = catalogueWithin(await reading(() => deps.catalogue()), scope);
  if (unitId === undefined) return within;
  return catalogueWithin(within, [requireUnit(within, unitId).id]);
}
