/** The API of subscribers. `changeConsentInBulk` decides about every change; nothing exists outside the business units of the key. */
import type { Deps } from '../../deps.js';
import type { ConsentInput, ConsentResult } from '../../domain/consent/change.js';
import { effectiveStatus } from '../../domain/consent/effective.js';
import type { KnownAddress } from '../../domain/consent/merge-subscribers.js';
import { leadingOf } from '../../domain/consent/opt-out-sets.js';
import { readAddress } from '../../domain/consent/read-address.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { DomainError } from '../../errors.js';
import { findEventsBefore } from '../../models/archived-event.js';
import type { Subscriber, SubscriberHead } from '../../models/subscriber.js';
import type { RefusalCode } from '../../vocabulary/refusal-codes.js';
import type {
  Catalogue,
  Channel,
  Circumstances,
  ConsentEvent,
  LegalBasis,
  Standing,
  SubscriptionType,
  Wish,
} from '../../vocabulary/terms.js';
import { refusalWords } from '../../vocabulary/words.js';
import { allOf, changeAll } from './hubspot/change-statuses.js';
import { unknown } from './hubspot/statuses.js';
import { findAsked } from './hubspot/subscribers.js';

interface Evidence {
  legalBasis?: LegalBasis | undefined;
  explanation?: string | undefined;
}

export const perPage = 100;

export async function readPage(
  { models }: Pick<Deps, 'models'>,
  subscriberId: string,
  page: Parameters<typeof findEventsBefore>[2],
): Promise<ConsentEvent[]> {
  const subscriber = await models.subscribers
    .findById(subscriberId, { events: 1, seq: 1 })
    .lean<Pick<Subscriber, '_id' | 'seq' | 'events'>>();
  return subscriber ? findEventsBefore(models.archivedEvents, subscriber, page) : [];
}

export function knownAddress(
  deps: Pick<Deps, 'subscriberIds'>,
  channel: Channel,
  text: string,
  catalogue: Catalogue,
): KnownAddress {
  const address = readAddress(channel, text, catalogue);
  return { channel, address, subscriberId: deps.subscriberIds(channel, address) };
}

export async function headOf(deps: Deps, known: KnownAddress): Promise<SubscriberHead | null> {
  const [asked] = await findAsked(deps, [{ ...known, text: known.address }]);
  return asked?.head ?? null;
}

export async function changeOne(
  deps: Deps,
  act: KnownAddress & Pick<ConsentInput, 'actor' | 'wishes' | 'circumstances'>,
): Promise<ConsentResult> {
  const input = { ...act, text: act.address };
  const result = (await changeAll(deps, [input])).get(input);
  if (!result) throw new DomainError('OUTCOME_UNKNOWN');
  return result;
}

export function circumstancesOf({ legalBasis, explanation }: Evidence): Circumstances {
  return { ...(legalBasis ? { legalBasis } : {}), ...(explanation ? { explanation } : {}) };
}

/** Opt-outs of all; null for a unit that the key does not reach. */
export function wishesFor(
  caller: ApiCaller,
  { units }: Catalogue,
  unitId: number | null | undefined,
): Wish[] | null {
  if (unitId === null ? caller.scope !== null : unitId !== undefined && !units.has(unitId)) return null;
  const targets = unitId === undefined ? allOf(caller) : [unitId];
  return targets.map((target) => ({ kind: 'OPT_OUT_OF_ALL', unitId: target }));
}

export function refused(code: RefusalCode): DomainError {
  const words = refusalWords[code];
  if (code === 'UNKNOWN_TYPE') return new DomainError('NOT_FOUND', words);
  const isReasonMissing = code === 'LEGAL_BASIS_REQUIRED' || code === 'EXPLANATION_REQUIRED';
  return new DomainError(isReasonMissing ? 'INVALID_FORM' : 'CONFLICT', words, { cause: { refusal: code } });
}

export function subscriberAnswer(
  { address, channel }: KnownAddress,
  head: SubscriberHead | null,
  { units, orderedTypes }: Catalogue,
): object {
  const { portal, units: ofUnits } = (head ?? unknown).optOuts;
  const sets = [
    { businessUnitId: null, set: portal },
    ...[...units.keys()].map((id) => ({ businessUnitId: id, set: ofUnits[id] })),
  ];
  return {
    ...{ address, channel },
    subscriptions: orderedTypes
      .filter((type) => type.channel === channel)
      .map((type) => subscriptionAnswer(head, type)),
    optOutsOfAll: sets.flatMap(({ businessUnitId, set }) => {
      const standing = leadingOf(set);
      return standing ? [{ businessUnitId, ...decidedBy(standing) }] : [];
    }),
    undeliverable: head?.undeliverable
      ? { reason: head.undeliverable.reason, since: head.undeliverable.at }
      : null,
  };
}

export function subscriptionAnswer(head: SubscriberHead | null, type: SubscriptionType): object {
  const { status, level, standing } = effectiveStatus(head ?? unknown, type);
  return {
    ...{ subscriptionTypeId: type.id, name: type.name, businessUnitId: type.unitId, status, level },
    ...decidedBy(standing),
  };
}

function decidedBy(standing: Standing | undefined): object {
  return {
    ...{ since: standing?.at ?? null, by: standing?.by ?? null, isMachine: standing?.isMachine ?? false },
    ...{ legalBasis: standing?.legalBasis ?? null, explanation: standing?.explanation ?? null },
  };
}
