/** How many addresses a change of data privacy mode, or of the purpose of a type, concerns. */
import { MongoServerError } from 'mongodb';
import type { Models } from '../../models/index.js';
import type { Scope } from '../../vocabulary/scope.js';
import { channels, type Catalogue, type SubscriptionType } from '../../vocabulary/terms.js';
import { counted } from '../../vocabulary/words.js';
import { reading } from './durability.js';
import { isCoveredByAll } from './effective.js';

/** The count stops above this number. */
const countCap = 100_000;
/** Maximum time for the count, in ms. No index covers unset statuses, so it reads the subscribers. */
const mostMs = 10_000;
const outOfTime = 50;

export interface AddressCount {
  count: number;
  /** True if there are more, since the count stopped at its limit. */
  isCapped: boolean;
}

/**
 * Counts the addresses that may be mailed only without privacy mode. Such an address can receive mail. For at least one
 * active marketing type it is not subscribed, not opted out at any level, and not paused. It is the difference between
 * the two answers of `decideEligibility`.
 * @returns null if the count takes too long
 */
export async function countByPrivacyMode(
  { models, clock }: { models: Pick<Models, 'subscribers'>; clock: () => Date },
  { units, orderedTypes }: Pick<Catalogue, 'units' | 'orderedTypes'>,
): Promise<AddressCount | null> {
  const now = clock();
  const types = orderedTypes.filter((type) => type.isActive && isCoveredByAll(type));
  const asked = channels.flatMap((channel) =>
    [...units.keys()].flatMap((unitId) => {
      const own = types.filter((type) => type.channel === channel && type.unitId === unitId);
      if (own.length === 0) return [];
      const isOpen = own.map(({ id }) => ({
        [`subscriptions.${id}`]: null,
        [`optOuts.types.${id}`]: null,
        $or: [{ [`snoozes.${id}`]: null }, { [`snoozes.${id}.until`]: { $lte: now } }],
      }));
      return [{ channel, [`optOuts.units.${unitId}`]: null, $or: isOpen }];
    }),
  );
  if (asked.length === 0) return { count: 0, isCapped: false };
  return countReachable(models, { 'optOuts.portal': null, $or: asked });
}

/**
 * Counts the addresses that may be sent a type only if it is transactional: those that can receive and that opted out, paused the type, or in privacy
 * mode did not choose it.
 * @returns null if the count takes too long
 */
export async function countByPurpose(
  { models, clock }: { models: Pick<Models, 'subscribers'>; clock: () => Date },
  { id, unitId, channel }: Pick<SubscriptionType, 'id' | 'unitId' | 'channel'>,
  { isPrivacyMode }: Pick<Catalogue, 'isPrivacyMode'>,
): Promise<AddressCount | null> {
  const stopped = [
    { 'optOuts.portal': { $ne: null } },
    { [`optOuts.units.${unitId}`]: { $ne: null } },
    { [`optOuts.types.${id}`]: { $ne: null } },
    { [`snoozes.${id}.until`]: { $gt: clock() } },
    ...(isPrivacyMode ? [{ [`subscriptions.${id}`]: null }] : []),
  ];
  return countReachable(models, { channel, $or: stopped });
}

/** Whether another purpose of a type lets it be sent to addresses that opted out. */
export function isWidened(
  type: Pick<SubscriptionType, 'purpose'>,
  purpose: SubscriptionType['purpose'],
): boolean {
  return type.purpose === 'MARKETING' && purpose === 'TRANSACTIONAL';
}

/**
 * Says which addresses may be sent a type once it is transactional. The count is of the whole account, so users and keys that are limited to some units
 * do not see it.
 */
export async function saidOfWidening(
  deps: { models: Pick<Models, 'subscribers'>; clock: () => Date; rereadCatalogue: () => Promise<Catalogue> },
  scope: Scope,
  type: SubscriptionType,
): Promise<string> {
  const number =
    scope === null
      ? addressesCounted(await countByPurpose(deps, type, await deps.rereadCatalogue()))
      : 'Addresses';
  return `${number} that opted out, paused it or did not choose it may then be sent “${type.name}”.`;
}

/** "1,204 addresses", "More than 100,000 addresses" */
export function addressesCounted(found: AddressCount | null): string {
  if (!found) return 'Very many addresses';
  return `${found.isCapped ? 'More than ' : ''}${counted(found.count, 'address', 'addresses')}`;
}

async function countReachable(
  models: Pick<Models, 'subscribers'>,
  condition: Record<string, unknown>,
): Promise<AddressCount | null> {
  const reachable = { address: { $ne: null }, undeliverable: null, ...condition };
  try {
    const count = await reading(() =>
      models.subscribers.collection.countDocuments(reachable, { limit: countCap + 1, maxTimeMS: mostMs }),
    );
    return { count: Math.min(count, countCap), isCapped: count > countCap };
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause instanceof MongoServerError && cause.code === outOfTime) return null;
    throw error;
  }
}
