/** Counts the addresses that a change of data privacy mode affects. */
import { MongoServerError } from 'mongodb';
import type { Models } from '../../models/index.js';
import { channels } from '../../vocabulary/terms.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import { reading } from './durability.js';
import { isCoveredByAll } from './effective.js';

/** The count stops above this number. */
const countCap = 100_000;
/** Maximum time for the count, in ms. No index covers unset statuses, so it reads the subscribers. */
const mostMs = 10_000;
const outOfTime = 50;

export interface PrivacyModeCount {
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
): Promise<PrivacyModeCount | null> {
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
  const condition = { address: { $ne: null }, undeliverable: null, 'optOuts.portal': null, $or: asked };
  try {
    const count = await reading(() =>
      models.subscribers.collection.countDocuments(condition, { limit: countCap + 1, maxTimeMS: mostMs }),
    );
    return { count: Math.min(count, countCap), isCapped: count > countCap };
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause instanceof MongoServerError && cause.code === outOfTime) return null;
    throw error;
  }
}
