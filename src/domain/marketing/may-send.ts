/** "May we send?" for addresses: reads their consent and the marketing status of their contacts. */
import { DomainError } from '../../errors.js';
import { findManyOwned, findOwned, type OwnedHead } from '../../models/find-subscribers.js';
import type { Models } from '../../models/index.js';
import type { Catalogue, SubscriptionType } from '../../vocabulary/terms.js';
import { decomposedAddress, type SubscriberIds } from '../consent/address.js';
import { requireType } from '../consent/catalogue.js';
import { reading } from '../consent/durability.js';
import { decideEligibility, type Eligibility, type Purpose } from '../consent/eligibility.js';
import { findOtherSpelling, type KnownAddress } from '../consent/merge-subscribers.js';
import { readAddress } from '../consent/read-address.js';
import { isMarketingContact } from './status.js';

interface MaySendDeps {
  models: Pick<Models, 'subscribers'>;
  /** The types that the caller reaches; others do not exist. */
  catalogue: () => Promise<Catalogue>;
  subscriberIds: SubscriberIds;
  clock: () => Date;
}

export interface MaySendQuestion {
  /** As typed, in the type's channel. */
  address: string;
  typeId: number;
  /** If absent, the type's own purpose. */
  purpose?: Purpose | undefined;
}

/**
 * Answers for one address. An unknown address gets the answer of a contact without any status.
 * @throws DomainError `UNKNOWN_TYPE` or `INVALID_ADDRESS`, with the value
 */
export async function maySend(deps: MaySendDeps, question: MaySendQuestion): Promise<Eligibility> {
  const [answer] = await maySendEach(deps, [question]);
  if (!answer) throw new Error('no answer');
  if (answer instanceof DomainError) throw answer;
  return answer;
}

/**
 * Answers for several addresses. One query reads them with their contacts, whose marketing status decides as well. A contact counts only if it
 * belongs to a business unit that the caller reaches.
 * @returns an answer for each question, in their order; an error of `maySend` for one that cannot be answered
 */
export async function maySendEach(
  deps: MaySendDeps,
  questions: readonly MaySendQuestion[],
): Promise<(Eligibility | DomainError)[]> {
  const { subscribers } = deps.models;
  const catalogue = await reading(() => deps.catalogue());
  const asked = questions.map((question) => askedOrError(deps, question, catalogue));
  const ids = asked.flatMap((one) => (one instanceof DomainError ? [] : one.subscriberId));
  const heads = await reading(() => headsOf(deps, [...new Set(ids)]));
  const now = deps.clock();
  return Promise.all(
    asked.map(async (one) => {
      if (one instanceof DomainError) return one;
      const { subscriberId, purpose } = one;
      const known = heads.get(subscriberId) ?? null;
      const isOther = known === null && decomposedAddress(one.channel, one.address) !== null;
      const other = isOther ? await findOtherSpelling(deps, one) : null;
      const state = other ? await reading(() => findOwned(subscribers, subscriberId)) : known;
      const owner = state?.owners.find(({ unitIds }) => unitIds.some((id) => catalogue.units.has(id)));
      const about = owner ? { isMarketingContact: isMarketingContact(owner) } : {};
      return decideEligibility(state, one.type, { purpose, now, ...about }, catalogue);
    }),
  );
}

/** One read shares its command with concurrent requests. */
async function headsOf({ models }: MaySendDeps, ids: string[]): Promise<Map<string, OwnedHead>> {
  const [id = ''] = ids;
  if (ids.length !== 1) return findManyOwned(models.subscribers, ids);
  const head = await findOwned(models.subscribers, id);
  return new Map(head ? [[id, head]] : []);
}

interface Asked extends KnownAddress {
  type: SubscriptionType;
  purpose: Purpose;
}

function askedOrError(
  { subscriberIds }: MaySendDeps,
  { address: given, typeId, purpose }: MaySendQuestion,
  catalogue: Catalogue,
): Asked | DomainError {
  let words = '';
  try {
    const type = requireType(catalogue, typeId);
    const { channel } = type;
    words = ` (${given}; this type is sent by ${channel})`;
    const address = readAddress(channel, given, catalogue);
    const subscriberId = subscriberIds(channel, address);
    return { channel, address, subscriberId, type, purpose: purpose ?? type.purpose };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return new DomainError(error.code, error.message + words, { cause: error });
  }
}
