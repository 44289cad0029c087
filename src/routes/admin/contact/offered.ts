/** The acts that the rules permit the user on an address, and short sentences for refusals. */
import { mayStaffAdd, hasParty } from '../../../domain/consent/opt-out-sets.js';
import { machineOptOutsOf, undoMachineOptOut } from '../../../domain/consent/machine-opt-outs.js';
import type { MachineOptOut } from '../../../domain/consent/machine-opt-outs.js';
import { offers, type Offer } from '../../../domain/consent/offers.js';
import type { RefusalCode } from '../../../vocabulary/refusal-codes.js';
import type { OptOut, SubscriptionStatus, SubscriptionType, Wish } from '../../../vocabulary/terms.js';
import { refusalWords } from '../../../vocabulary/words.js';
import { typesOf, type ChannelRecord, type OpenedRecord } from './open-record.js';

const wishKinds = {
  SUBSCRIBED: 'OPT_IN',
  UNSUBSCRIBED: 'OPT_OUT',
  NOT_SPECIFIED: 'SET_NOT_SPECIFIED',
} as const satisfies Record<SubscriptionStatus, Wish['kind']>;

/** The wish that gives a type this status. */
export function wishFor(to: SubscriptionStatus, { id: typeId }: Pick<SubscriptionType, 'id'>): Wish {
  return { kind: wishKinds[to], typeId };
}

/** The answer of the rules to each of these wishes, separately. */
export function offersOf(
  { catalogue, actor, now }: OpenedRecord,
  { subscriber }: ChannelRecord,
  wishes: readonly Wish[],
): Offer[] {
  return offers(
    { subscriber, catalogue, now },
    actor,
    wishes.map((wish) => [wish]),
  );
}

/** What staff may opt the contact out of: all of a unit, or everything (null). Empty if everything is opted out already. */
export function optOutsOffered(record: OpenedRecord, one: ChannelRecord): (number | null)[] {
  const unitIds = new Set(typesOf(record, one).map(({ unitId }) => unitId));
  if (unitIds.size === 0 || !mayStaffAdd(one.subscriber.optOuts.portal)) return [];
  const targets = [...unitIds, null];
  const given = offersOf(
    record,
    one,
    targets.map((unitId) => ({ kind: 'OPT_OUT_OF_ALL', unitId })),
  );
  return targets.filter((_, place) => given[place]?.isOffered);
}

/** Automated opt-outs that the user may correct. */
export function correctable(record: OpenedRecord, one: ChannelRecord): MachineOptOut[] {
  const made = machineOptOutsOf(one.subscriber, record.catalogue, record.scope);
  const given = offersOf(record, one, made.map(undoMachineOptOut));
  return made.filter((_, place) => given[place]?.isOffered);
}

/** Why staff are refused, in one sentence. @param optOuts the opt-outs that prevent the act */
export function whyNot(code: RefusalCode, optOuts: readonly OptOut[]): string {
  switch (code) {
    case 'NOT_SET_BY_STAFF':
      if (hasParty(optOuts, 'CONTACT')) return 'Only the contact can take that back.';
      return hasParty(optOuts, 'AUTOMATED')
        ? 'It looked automated: put it right first.'
        : 'Staff did not set it, so staff cannot remove it.';
    case 'NOT_ALLOWED':
      return 'Only a user who reaches all business units can change that.';
    case 'TYPE_ARCHIVED':
      return 'An archived type takes no opt-ins.';
    case 'ERASED':
      return 'This person’s data was erased.';
    default:
      return refusalWords[code];
  }
}
