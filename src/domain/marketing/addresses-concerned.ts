/** How many addresses a change of data privacy mode, or of the purpose of a type, concerns. */
import { MongoServerError } from 'mongodb';
import type { Contact } from '../../models/contact.js';
import type { Models } from '../../models/index.js';
import type { Scope } from '../../vocabulary/scope.js';
import { channels, type Catalogue, type SubscriptionType } from '../../vocabulary/terms.js';
import { counted } from '../../vocabulary/words.js';
import { reading } from '../consent/durability.js';
import { isCoveredByAll } from '../consent/effective.js';
import { facet } from '../filters/facet.js';

/** The count stops above this number. */
const countCap = 100_000;
/** Maximum time for the count, in ms. No index covers unset statuses, so it reads the subscribers. */
const mostMs = 10_000;
const outOfTime = 50;
/** Subscribers of non-marketing contacts that are counted in one message. */
const batchLength = 1000;

/** More than `countCap` of either: the count stopped there. */
export interface AddressCounts {
  ofContacts: number;
  /** Addresses that belong to no contact. A mailing through the API may ask for them. */
  others: number;
}

interface CountDeps {
  models: Pick<Models, 'subscribers' | 'contacts'>;
  clock: () => Date;
}

/**
 * Counts the addresses that may be mailed only without privacy mode. Such an address can receive mail. For at least one
 * active marketing type it is not subscribed, not opted out at any level, and not paused, and its contact is not a non-marketing contact. It is the
 * difference between the two answers of `decideEligibility`.
 * @returns null if the count takes too long
 */
export async function countByPrivacyMode(
  { models, clock }: CountDeps,
  { units, orderedTypes }: Pick<Catalogue, 'units' | 'orderedTypes'>,
): Promise<AddressCounts | null> {
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
  if (asked.length === 0) return { ofContacts: 0, others: 0 };
  const open = { 'optOuts.portal': null, $or: asked };
  return inTime(async () => {
    const getNone = await countOfNonMarketing(models, open);
    if (getNone === null) return null;
    const ofContacts = await count(models, { ...open, ...withContact }, getNone);
    return { ofContacts: ofContacts - getNone, others: await count(models, { ...open, contactId: null }) };
  });
}

/**
 * Counts the addresses that may be sent a type only if it is transactional: those that can receive and that opted out, paused the type, in privacy mode
 * did not choose it, or belong to a non-marketing contact.
 * @returns null if the count takes too long
 */
export async function countByPurpose(
  { models, clock }: CountDeps,
  { id, unitId, channel }: Pick<SubscriptionType, 'id' | 'unitId' | 'channel'>,
  { isPrivacyMode }: Pick<Catalogue, 'isPrivacyMode'>,
): Promise<AddressCounts | null> {
  const stopped = [
    { 'optOuts.portal': { $ne: null } },
    { [`optOuts.units.${unitId}`]: { $ne: null } },
    { [`optOuts.types.${id}`]: { $ne: null } },
    { [`snoozes.${id}.until`]: { $gt: clock() } },
    ...(isPrivacyMode ? [{ [`subscriptions.${id}`]: null }] : []),
  ];
  const outOfIt = { channel, $or: stopped };
  return inTime(async () => {
    const ofNonMarketing = await countOfNonMarketing(models, { channel, $nor: stopped });
    if (ofNonMarketing === null) return null;
    const optedOut = await count(models, { ...outOfIt, ...withContact });
    return {
      ofContacts: optedOut + ofNonMarketing,
      others: await count(models, { ...outOfIt, contactId: null }),
    };
  });
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
  deps: CountDeps & { rereadCatalogue: () => Promise<Catalogue> },
  scope: Scope,
  type: SubscriptionType,
): Promise<string> {
  const whom =
    scope === null
      ? addressesInWords(await countByPurpose(deps, type, await deps.rereadCatalogue()))
      : 'addresses';
  return `“${type.name}” may then be sent to ${whom} that may not get it now. They opted out, paused it, did not choose it, or belong to non-marketing contacts.`;
}

/** "1,204 addresses of contacts and 3 addresses without a contact" */
export function addressesInWords(found: AddressCounts | null): string {
  if (!found) return 'very many addresses';
  const words = (number: number) =>
    number > countCap
      ? `more than ${counted(countCap, 'address', 'addresses')}`
      : counted(number, 'address', 'addresses');
  const others = found.others > 0 ? ` and ${words(found.others)} without a contact` : '';
  return `${words(found.ofContacts)} of contacts${others}`;
}

const withContact = { contactId: { $ne: null } };

/** The addresses that can receive and meet a condition. @param more to count above the limit */
function count({ subscribers }: CountDeps['models'], condition: object, more = 0): Promise<number> {
  const reachable = { address: { $ne: null }, undeliverable: null, ...condition };
  const limits = { limit: countCap + 1 + more, maxTimeMS: mostMs };
  return reading(() => subscribers.collection.countDocuments(reachable, limits));
}

/** The same, of the addresses of non-marketing contacts only. @returns null if it takes too long */
async function countOfNonMarketing(models: CountDeps['models'], condition: object): Promise<number | null> {
  const until = performance.now() + mostMs;
  const contacts = models.contacts.collection
    .find<Pick<Contact, 'subscribers'>>(
      { facets: facet.marketing(false) },
      { projection: { subscribers: 1 } },
    )
    .batchSize(batchLength);
  let found = 0;
  let ids: string[] = [];
  const countBatch = async () => {
    found += await count(models, { _id: { $in: ids }, ...condition });
    ids = [];
  };
  for await (const { subscribers } of contacts) {
    ids.push(...Object.values(subscribers).filter((id) => id !== null));
    if (ids.length < batchLength) continue;
    await countBatch();
    if (performance.now() > until) return null;
  }
  if (ids.length > 0) await countBatch();
  return found;
}

/** @returns null if the count takes too long */
async function inTime(counting: () => Promise<AddressCounts | null>): Promise<AddressCounts | null> {
  try {
    return await counting();
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause instanceof MongoServerError && cause.code === outOfTime) return null;
    throw error;
  }
}
