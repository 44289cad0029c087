/** The API of subscribers. `changeConsentInBulk` decides about every change; nothing exists outside the business units of the key. */
import type { Deps } from '../../deps.js';
import { publicEventsOf } from '../../domain/changes/public-event.js';
import { requireType } from '../../domain/consent/catalogue.js';
import { refusalOf, type ConsentInput, type ConsentResult } from '../../domain/consent/change.js';
import { reading } from '../../domain/consent/durability.js';
import { effectiveStatus } from '../../domain/consent/effective.js';
import type { KnownAddress } from '../../domain/consent/merge-subscribers.js';
import { leadingOf } from '../../domain/consent/opt-out-sets.js';
import { addressOrNull, readAddress } from '../../domain/consent/read-address.js';
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
  SubscriptionStatus,
  SubscriptionType,
  Wish,
} from '../../vocabulary/terms.js';
import { refusalWords } from '../../vocabulary/words.js';
import { actorOf, allOf, changeAll, evidencedActor, wishKinds } from './hubspot/change-statuses.js';
import { unknown } from './hubspot/statuses.js';
import { catalogueOf, findAsked } from './hubspot/subscribers.js';
import type { Handler } from './operation.js';

interface OfAddress {
  params: { address: string };
}
interface Evidence {
  legalBasis?: LegalBasis | undefined;
  explanation?: string | undefined;
}
interface StatusChange {
  params: { address: string; typeId: number };
  body: Evidence & { status: SubscriptionStatus; consentedAt?: string | undefined };
}
interface OptOut extends Evidence {
  channel: Channel;
  /** Undefined: all units of the key; null: the whole account. */
  businessUnitId?: number | null | undefined;
}

const perPage = 100;

export const showSubscriber: Handler<OfAddress & { query: { channel: Channel } }> = async (
  deps,
  caller,
  { params, query: { channel } },
) => {
  const catalogue = await catalogueOf(deps, caller);
  const known = knownAddress(deps, channel, params.address, catalogue);
  return { body: subscriberAnswer(known, await headOf(deps, known), catalogue) };
};

/** @throws DomainError `NOT_FOUND` for an unknown type, `INVALID_FORM` without the reasons that the rules ask for, `CONFLICT` if they refuse it */
export const changeSubscription: Handler<StatusChange> = async (
  deps,
  caller,
  { params, body: { status, consentedAt, ...evidence } },
) => {
  const catalogue = await catalogueOf(deps, caller);
  const type = requireType(catalogue, params.typeId);
  const known = knownAddress(deps, type.channel, params.address, catalogue);
  const wish: Wish = { kind: wishKinds[status], typeId: type.id };
  const circumstances = circumstancesOf(evidence);
  const actor = evidencedActor(deps, actorOf(caller, 4), consentedAt);
  const result = await changeOne(deps, { ...known, actor, wishes: [wish], circumstances });
  const code = refusalOf(result);
  if (code) throw refused(code);
  const outcome = result.outcomes[0]?.result ?? 'NO_CHANGE';
  return { body: { outcome, subscription: subscriptionAnswer(result.subscriber, type) } };
};

/** @throws DomainError `NOT_FOUND` for a unit that the key does not reach, and for the account if the key reaches only some units */
export const optOutAddress: Handler<OfAddress & { body: OptOut }> = async (
  deps,
  caller,
  { params, body: { channel, businessUnitId, ...evidence } },
) => {
  const catalogue = await catalogueOf(deps, caller);
  const known = knownAddress(deps, channel, params.address, catalogue);
  const wishes = wishesFor(caller, catalogue, businessUnitId);
  if (!wishes) throw new DomainError('NOT_FOUND', 'This business unit does not exist.');
  const circumstances = circumstancesOf(evidence);
  const result = await changeOne(deps, { ...known, actor: actorOf(caller, 4), wishes, circumstances });
  const code = refusalOf(result);
  if (code) throw refused(code);
  return { body: subscriberAnswer(known, result.subscriber, catalogue) };
};

/** Opts many addresses out, each of all or of one type. @returns an outcome for each, in their order */
export const optOutMany: Handler<{
  body: {
    inputs: readonly (OptOut & { address: string; subscriptionTypeId?: number | undefined })[];
  };
}> = async (deps, caller, { body: { inputs } }) => {
  const catalogue = await catalogueOf(deps, caller);
  const drafts = inputs.map(({ address: text, channel, businessUnitId, subscriptionTypeId, ...evidence }) => {
    const type = subscriptionTypeId === undefined ? null : catalogue.types.get(subscriptionTypeId);
    const isOfBoth = type !== null && businessUnitId !== undefined;
    if (type === undefined || isOfBoth || (type && type.channel !== channel)) return 'UNKNOWN_TYPE';
    const wishes: Wish[] | null = type
      ? [{ kind: 'OPT_OUT', typeId: type.id }]
      : wishesFor(caller, catalogue, businessUnitId);
    if (!wishes) return 'UNKNOWN_UNIT';
    const address = addressOrNull(channel, text, catalogue);
    if (address === null) return 'INVALID_ADDRESS';
    const subscriberId = deps.subscriberIds(channel, address);
    const circumstances = circumstancesOf(evidence);
    return { text, channel, address, subscriberId, wishes, circumstances, actor: actorOf(caller, 4) };
  });
  const acts = drafts.flatMap((draft) => (typeof draft === 'string' ? [] : [draft]));
  const results = await changeAll(deps, acts);
  const outcomeOf = (result: ConsentResult | undefined) => {
    if (!result || refusalOf(result)) return 'REFUSED';
    return result.events.length > 0 ? 'CHANGED' : 'NO_CHANGE';
  };
  return {
    body: {
      results: drafts.map((draft) => ({
        outcome: typeof draft === 'string' ? draft : outcomeOf(results.get(draft)),
      })),
    },
  };
};

/** Events of the key's units and of the whole account. */
export const showHistory: Handler<
  OfAddress & { query: { channel: Channel; before?: number | undefined } }
> = async (deps, caller, { params, query: { channel, before = Infinity } }) => {
  const catalogue = await catalogueOf(deps, caller);
  const head = await headOf(deps, knownAddress(deps, channel, params.address, catalogue));
  const unitIds = [...catalogue.units.keys()];
  const seen = head
    ? await reading(() => readPage(deps, head._id, { before, unitIds, most: perPage + 1 }))
    : [];
  const page = seen.slice(0, perPage);
  const events = await publicEventsOf(
    deps.models,
    page.map((event) => ({
      ...{ kind: 'CONSENT', subscriberId: head?._id ?? '', contactId: head?.contactId ?? null, event },
      // The same id as in the list of changes.
      ...{ key: `subscriber:${head?._id}:${event.seq}`, _id: '', publishedAt: event.at },
    })),
    caller.scope,
  );
  const results = page.map(({ detail, actor, consentedAt, locale, wording, hash, previous }, at) => ({
    ...events[at],
    evidence: {
      ...{ explanation: detail?.explanation ?? null, consentedAt: consentedAt ?? null },
      ...{ language: locale ?? null, startedBy: actor.by ?? null, wording: wording ?? null, hash, previous },
    },
  }));
  return { body: { results, before: seen.length > perPage ? (page.at(-1)?.seq ?? null) : null } };
};

async function readPage(
  { models }: Pick<Deps, 'models'>,
  subscriberId: string,
  page: Parameters<typeof findEventsBefore>[2],
): Promise<ConsentEvent[]> {
  const subscriber = await models.subscribers
    .findById(subscriberId, { events: 1, seq: 1 })
    .lean<Pick<Subscriber, '_id' | 'seq' | 'events'>>();
  return subscriber ? findEventsBefore(models.archivedEvents, subscriber, page) : [];
}

function knownAddress(
  deps: Pick<Deps, 'subscriberIds'>,
  channel: Channel,
  text: string,
  catalogue: Catalogue,
): KnownAddress {
  const address = readAddress(channel, text, catalogue);
  return { channel, address, subscriberId: deps.subscriberIds(channel, address) };
}

async function headOf(deps: Deps, known: KnownAddress): Promise<SubscriberHead | null> {
  const [asked] = await findAsked(deps, [{ ...known, text: known.address }]);
  return asked?.head ?? null;
}

async function changeOne(
  deps: Deps,
  act: KnownAddress & Pick<ConsentInput, 'actor' | 'wishes' | 'circumstances'>,
): Promise<ConsentResult> {
  const input = { ...act, text: act.address };
  const result = (await changeAll(deps, [input])).get(input);
  if (!result) throw new DomainError('OUTCOME_UNKNOWN');
  return result;
}

function circumstancesOf({ legalBasis, explanation }: Evidence): Circumstances {
  return { ...(legalBasis ? { legalBasis } : {}), ...(explanation ? { explanation } : {}) };
}

/** Opt-outs of all; null for a unit that the key does not reach. */
function wishesFor(
  caller: ApiCaller,
  { units }: Catalogue,
  unitId: number | null | undefined,
): Wish[] | null {
  if (unitId === null ? caller.scope !== null : unitId !== undefined && !units.has(unitId)) return null;
  const targets = unitId === undefined ? allOf(caller) : [unitId];
  return targets.map((target) => ({ kind: 'OPT_OUT_OF_ALL', unitId: target }));
}

function refused(code: RefusalCode): DomainError {
  const words = refusalWords[code];
  if (code === 'UNKNOWN_TYPE') return new DomainError('NOT_FOUND', words);
  const isReasonMissing = code === 'LEGAL_BASIS_REQUIRED' || code === 'EXPLANATION_REQUIRED';
  return new DomainError(isReasonMissing ? 'INVALID_FORM' : 'CONFLICT', words, { cause: { refusal: code } });
}

function subscriberAnswer(
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

function subscriptionAnswer(head: SubscriberHead | null, type: SubscriptionType): object {
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
