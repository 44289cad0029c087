/** The dry run of the rules: what an actor may do about a subscriber, for pages and previews. Nothing is written. */
import { findSubscribers } from '../../models/find-subscribers.js';
import type { SubscriberHead } from '../../models/subscriber.js';
import type { RefusalCode } from '../../vocabulary/refusal-codes.js';
import type {
  Actor,
  ActorKind,
  Catalogue,
  Circumstances,
  ConsentState,
  SubscriptionStatus,
  Wish,
} from '../../vocabulary/terms.js';
import { refusalOf } from './change.js';
import type { ConsentDeps, ConsentInput, Outcome } from './contract.js';
import { reading } from './durability.js';
import { effectiveStatus } from './effective.js';
import { outcomesOf, planOf, type Moment } from './plan.js';

/** The result that one act would have. */
export interface Offer {
  /** The outcome of each wish, once the reasons that the act needs are given. */
  outcomes: Outcome[];
  /** True if something would change, or wait for the contact's confirmation. */
  isOffered: boolean;
  /** Why the first refused wish is refused. */
  refusal: RefusalCode | null;
  /** True if the act is refused without a legal basis, or without an explanation. */
  needs: (reason: 'legalBasis' | 'explanation') => boolean;
  /** The state after the act. */
  after: () => ConsentState;
}

/** Reasons that satisfy every rule; they are never recorded. */
const assumed = { legalBasis: 'CONSENT_WITH_NOTICE', explanation: 'assumed' } as const;
const lacking = { legalBasis: 'LEGAL_BASIS_REQUIRED', explanation: 'EXPLANATION_REQUIRED' } as const;

/** The subscriber in the database, and the catalogue and time of the decision. */
type OfferSubject = Moment & { subscriber: SubscriberHead };

/**
 * Asks the rules about several acts, each separately and on the same state. @returns an offer for each act, in their
 * order
 */
export function offers(subject: OfferSubject, actor: Actor, acts: readonly Wish[][]): Offer[] {
  return acts.map((wishes) => offerOf(subject, actor, wishes));
}

function offerOf({ subscriber, ...moment }: OfferSubject, actor: Actor, wishes: Wish[]): Offer {
  const input = { subscriberId: subscriber._id, channel: subscriber.channel, actor, wishes };
  // Only a later wish needs the state after the one before it, and a page asks about many single wishes.
  const dryRun = (circumstances: Circumstances) =>
    wishes.length > 1
      ? planOf({ ...input, circumstances }, subscriber, moment).outcomes
      : outcomesOf({ actor, wishes, circumstances }, subscriber, { ...moment, record: (state) => state });
  const outcomes = dryRun(assumed);
  return {
    outcomes,
    isOffered: outcomes.some(({ result }) => result === 'CHANGED' || result === 'PENDING'),
    refusal: refusalOf({ outcomes }),
    needs: (reason) =>
      dryRun({ ...assumed, [reason]: undefined }).some(
        (outcome) => outcome.result === 'REFUSED' && outcome.code === lacking[reason],
      ),
    after: () => planOf({ ...input, circumstances: assumed }, subscriber, moment).after,
  };
}

/** What an act overrides: the status of its type, or the actor whose opt-out decides. */
export type Overridden = SubscriptionStatus | ActorKind;

export interface Preview {
  outcomes: Outcome[];
  /** What each wish overrides; null if it changes nothing, or no status. */
  overrides: (Overridden | null)[];
}

/**
 * The result that `changeConsentInBulk` would have at this moment.
 * @returns a preview of each input, in their order
 */
export async function previewConsent(
  deps: Pick<ConsentDeps, 'models' | 'catalogue' | 'clock'>,
  inputs: readonly ConsentInput[],
): Promise<Preview[]> {
  const catalogue = await reading(() => deps.catalogue());
  const ids = inputs.map(({ subscriberId }) => subscriberId);
  const found = await reading(() => findSubscribers(deps.models.subscribers, ids));
  const at = { now: deps.clock(), catalogue };
  return inputs.map((input) => {
    const { outcomes, before } = planOf(input, found.get(input.subscriberId) ?? null, at);
    return { outcomes, overrides: outcomes.map((outcome) => overriddenBy(before, outcome, catalogue)) };
  });
}

function overriddenBy(
  before: ConsentState,
  { wish, result }: Outcome,
  { types }: Pick<Catalogue, 'types'>,
): Overridden | null {
  if (result !== 'CHANGED' && result !== 'PENDING') return null;
  if (wish.kind === 'LIFT_OPT_OUT_OF_ALL') return 'STAFF';
  const type = 'typeId' in wish ? types.get(wish.typeId) : undefined;
  if (!type) return null;
  const { status, standing } = effectiveStatus(before, type);
  return status === 'UNSUBSCRIBED' && standing ? standing.by : status;
}
