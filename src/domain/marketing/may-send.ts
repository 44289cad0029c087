/** "May we send?" for addresses: reads their consent and, where it matters, the marketing status of their contacts. */
import { DomainError } from '../../errors.js';
import { findOwner, readOwners, type Owner } from '../../models/contact.js';
import { findSubscriber, findSubscribers } from '../../models/find-subscribers.js';
import type { Models } from '../../models/index.js';
import type { SubscriberHead } from '../../models/subscriber.js';
import type { Catalogue, SubscriptionType } from '../../vocabulary/terms.js';
import { decomposedAddress, type SubscriberIds } from '../consent/address.js';
import { requireType } from '../consent/catalogue.js';
import { reading } from '../consent/durability.js';
import { decideEligibility, type Eligibility, type Purpose } from '../consent/eligibility.js';
import { findOtherSpelling, type KnownAddress } from '../consent/merge-subscribers.js';
import { readAddress } from '../consent/read-address.js';
import { isMarketingContact } from './status.js';

interface MaySendDeps {
  models: Pick<Models, 'subscribers' | 'contacts'>;
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
 * Answers for several addresses. One query reads them. A second one reads the contacts of those that may get the mail unless their contact is a
 * non-marketing contact, which it may be. A contact counts only if it belongs to a business unit that the caller reaches.
 * @returns an answer for each question, in their order; an error of `maySend` for one that cannot be answered
 */
export async function maySendEach(
  deps: MaySendDeps,
  questions: readonly MaySendQuestion[],
): Promise<(Eligibility | DomainError)[]> {
  const catalogue = await reading(() => deps.catalogue());
  const asked = questions.map((question) => askedOrError(deps, question, catalogue));
  const ids = asked.flatMap((one) => (one instanceof DomainError ? [] : one.subscriberId));
  const heads = await reading(() => headsOf(deps, [...new Set(ids)]));
  const now = deps.clock();
  const judged = await Promise.all(
    asked.map(async (one) => {
      if (one instanceof DomainError) return one;
      const { type, purpose } = one;
      const state = heads.get(one.subscriberId) ?? (await otherSpelling(deps, one));
      const decide = (isMarketingContact?: boolean) =>
        decideEligibility(
          state,
          type,
          { purpose, now, ...(isMarketingContact !== undefined && { isMarketingContact }) },
          catalogue,
        );
      const isUpToContact =
        state?.mayBeNonMarketing === true && decide(false).rule === 'NOT_A_MARKETING_CONTACT';
      return { decide, contactId: isUpToContact ? state.contactId : null };
    }),
  );
  const contactIds = judged.flatMap((one) => (one instanceof DomainError ? [] : (one.contactId ?? [])));
  const owners = await reading(() => ownersOf(deps, [...new Set(contactIds)]));
  return judged.map((one) => {
    if (one instanceof DomainError) return one;
    const owner = owners.get(one.contactId ?? '');
    const counts = owner?.unitIds.some((id) => catalogue.units.has(id));
    return one.decide(owner && counts ? isMarketingContact(owner) : undefined);
  });
}

/** One read shares its command with concurrent requests. */
async function headsOf({ models }: MaySendDeps, ids: string[]): Promise<Map<string, SubscriberHead>> {
  const [id = ''] = ids;
  if (ids.length !== 1) return findSubscribers(models.subscribers, ids);
  const head = await findSubscriber(models.subscribers, id);
  return new Map(head ? [[id, head]] : []);
}

async function ownersOf({ models: { contacts } }: MaySendDeps, ids: string[]): Promise<Map<string, Owner>> {
  const [id] = ids;
  if (id === undefined) return new Map();
  const found = ids.length === 1 ? [await findOwner(contacts, id)] : await readOwners(contacts, ids);
  return new Map(found.flatMap((owner) => (owner ? [[owner._id, owner]] : [])));
}

async function otherSpelling(deps: MaySendDeps, asked: Asked): Promise<SubscriberHead | null> {
  if (decomposedAddress(asked.channel, asked.address) === null) return null;
  const other = await findOtherSpelling(deps, asked);
  return other ? reading(() => findSubscriber(deps.models.subscribers, asked.subscriberId)) : null;
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
