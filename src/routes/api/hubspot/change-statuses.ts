/** Changes statuses for HubSpot's API. `changeConsent` decides; this file only translates. */
import type { Deps } from '../../../deps.js';
import { decomposedAddress } from '../../../domain/consent/address.js';
import { changeConsentInBulk } from '../../../domain/consent/change-in-bulk.js';
import { changeConsent, refusalOf } from '../../../domain/consent/change.js';
import type { ConsentInput, ConsentResult } from '../../../domain/consent/contract.js';
import { effectiveStatus } from '../../../domain/consent/effective.js';
import type { ApiCaller } from '../../../domain/staff/api-keys.js';
import { DomainError } from '../../../errors.js';
import type { Actor, Catalogue, LegalBasis, SubscriptionType, Wish } from '../../../vocabulary/terms.js';
import { refusedStatus } from './refuse.js';
import type { StatusChange } from './status-shapes.js';
import { addressOf, findAsked, type Asked } from './subscribers.js';
import type { SuccessReason } from './statuses.js';

export const wishKinds = {
  SUBSCRIBED: 'OPT_IN',
  UNSUBSCRIBED: 'OPT_OUT',
  NOT_SPECIFIED: 'SET_NOT_SPECIFIED',
} as const satisfies Record<StatusChange['statusState'], Wish['kind']>;

/** A type after its change, and what the change did. */
export interface Changed {
  asked: Asked;
  type: SubscriptionType;
  reason: SuccessReason;
}

/**
 * Changes one status each, in their order.
 * @returns for each what it did, or the error that says why it was refused
 * @throws DomainError `DATABASE_AWAY` or `OUTCOME_UNKNOWN`; both are safe to repeat
 */
export async function changeStatuses(
  deps: Deps,
  { caller, version, catalogue }: { caller: ApiCaller; version: 3 | 4; catalogue: Catalogue },
  wanted: readonly StatusChange[],
): Promise<(Changed | { error: unknown })[]> {
  const actor = actorOf(caller, version);
  const inputs = wanted.map((one) =>
    attempt<Input>(() => ({
      ...addressOf(deps, { channel: one.channel, text: one.subscriberIdString }, catalogue),
      actor: evidencedActor(deps, actor, one.consentedAt),
      wishes: [{ kind: wishKinds[one.statusState], typeId: one.subscriptionId }],
      circumstances: reasonsOf(one),
    })),
  );
  const valid = inputs.flatMap((input) => ('error' in input ? [] : [input]));
  const results = await changeAll(deps, valid);
  return wanted.map(({ subscriberIdString: address, subscriptionId: typeId }, at) => {
    const input = inputs[at];
    const result = input && !('error' in input) ? results.get(input) : undefined;
    if (!input || 'error' in input || !result)
      return { error: input && 'error' in input ? input.error : null };
    const type = catalogue.types.get(typeId);
    const refusal = refusalOf(result) ?? (type ? null : 'UNKNOWN_TYPE');
    if (refusal || !type) return { error: refusedStatus(refusal ?? 'UNKNOWN_TYPE', { address, typeId }) };
    return { asked: { ...input, head: result.subscriber }, type, reason: reasonOf(result, type) };
  });
}

type Input = ConsentInput & { text: string; address: string };

/**
 * Opts addresses out of all of these units; null is the whole account.
 * @returns for each the address after it, and whether anything changed
 */
export async function optOutOfAll(
  deps: Deps,
  caller: ApiCaller,
  { asked, unitIds }: { asked: readonly Omit<Asked, 'head'>[]; unitIds: readonly (number | null)[] },
): Promise<{ asked: Asked; isChanged: boolean }[]> {
  const actor = actorOf(caller, 4);
  const wishes = unitIds.map((unitId): Wish => ({ kind: 'OPT_OUT_OF_ALL', unitId }));
  const inputs = asked.map((one): Input => ({ ...one, actor, wishes }));
  const results = await changeAll(deps, inputs);
  return inputs.flatMap((input) => {
    const result = results.get(input);
    if (!result) return [];
    return [{ asked: { ...input, head: result.subscriber }, isChanged: result.events.length > 0 }];
  });
}

/** The targets of "all" for a key: the account, or each of its business units. */
export function allOf({ scope }: ApiCaller, unitId?: number): readonly (number | null)[] {
  return unitId === undefined ? (scope ?? [null]) : [unitId];
}

export async function changeAll(deps: Deps, inputs: readonly Input[]): Promise<Map<object, ConsentResult>> {
  // An opt-out may be stored under another spelling. Looking for it merges the two.
  await findAsked(
    deps,
    inputs.filter(({ channel, address }) => decomposedAddress(channel, address) !== null),
  );
  const [first] = inputs;
  // Single calls at the same time share their reads and writes.
  const results =
    first && inputs.length === 1
      ? [await changeConsent(deps, first)]
      : await changeConsentInBulk(deps, [...inputs]);
  return new Map(inputs.flatMap((input, at) => (results[at] ? [[input, results[at]]] : [])));
}

export function actorOf({ ref, scope }: ApiCaller, version: 3 | 4): Actor & { kind: 'API' } {
  return { kind: 'API', version, ref, scope };
}

/**
 * The actor of a request that may say when the person consented.
 * @param consentedAt ISO 8601
 * @throws DomainError `INVALID_FORM` for a time in the future
 */
export function evidencedActor(
  { clock }: Pick<Deps, 'clock'>,
  actor: Actor & { kind: 'API' },
  consentedAt: string | null | undefined,
): Actor {
  if (!consentedAt) return actor;
  const laterConsentAt = new Date(consentedAt);
  if (laterConsentAt > clock()) throw new DomainError('INVALID_FORM', 'consentedAt is in the future.');
  return { ...actor, laterConsentAt };
}

function reasonsOf({ legalBasis, legalBasisExplanation }: Reasons): ConsentInput['circumstances'] & object {
  return {
    ...(legalBasis ? { legalBasis } : {}),
    ...(legalBasisExplanation ? { explanation: legalBasisExplanation } : {}),
  };
}
interface Reasons {
  legalBasis?: LegalBasis | null | undefined;
  legalBasisExplanation?: string | null | undefined;
}

/** Compares statuses, not events: an opt-out of a party that joins another's changes no status. */
function reasonOf({ before, subscriber }: ConsentResult, type: SubscriptionType): SuccessReason {
  const from = effectiveStatus(before, type).status;
  const to = effectiveStatus(subscriber, type).status;
  if (from === to) return 'NO_STATUS_CHANGE';
  return from === 'UNSUBSCRIBED' && to === 'SUBSCRIBED'
    ? 'RESUBSCRIBE_OCCURRED'
    : 'REQUESTED_CHANGE_OCCURRED';
}

function attempt<T extends object>(make: () => T): T | { error: unknown } {
  try {
    return make();
  } catch (error) {
    return { error };
  }
}
