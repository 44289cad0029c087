/** The plan of an act: the decision on each wish, the resulting events, and the resulting subscriber. It writes nothing. */
import type { RefusalCode } from '../../vocabulary/refusal-codes.js';
import { bucketOf } from '../../models/change.js';
import {
  newSubscriber,
  type LastSave,
  type Subscriber,
  type SubscriberHead,
} from '../../models/subscriber.js';
import { confirmLifetimeHours } from '../../tokens/kinds.js';
import { rowOf } from './actors.js';
import { applyEvent } from './apply.js';
import type { ConsentInput, Outcome } from './contract.js';
import { machineMadeOf } from './machine-opt-outs.js';
import { Drafts } from './drafts.js';
import { eventsLike, makeEvents } from './events.js';
import { optedInTogether } from './decide-opt-in.js';
import type { RuleContext } from './rule-context.js';
import { rules } from './rules.js';
import { decide } from './decide.js';
import type {
  Actor,
  Catalogue,
  Change,
  Circumstances,
  ConsentEvent,
  ConsentState,
  Wish,
} from '../../vocabulary/terms.js';
import { newId } from '../../new-id.js';

/** Ids of pending wishes, by the type that each begins with. */
export type PendingIds = Map<number, string>;

/** An act that is decided but not yet written. Without events there is nothing to write. */
export interface Plan {
  head: SubscriberHead;
  before: ConsentState;
  after: ConsentState;
  outcomes: Outcome[];
  events: ConsentEvent[];
  /** The subscriber as it will be stored; the head itself if nothing changes. */
  next: SubscriberHead;
}

/** Time and catalogue of the decision, and why no confirmation can be mailed, if none can. */
export interface Moment {
  now: Date;
  catalogue: Catalogue;
  unconfirmable?: RefusalCode | null;
}

/**
 * Decides on each wish of an act, one after the other, and creates the events of allowed wishes. It reads and writes nothing.
 * @param found what the database has of the subscriber; null for an unknown one
 * @param pendingIds ids for wishes that become pending; the same in every attempt, so that a conflict never mails a
 *   second link
 */
export function planOf(
  input: ConsentInput,
  found: SubscriberHead | null,
  moment: Moment,
  pendingIds: PendingIds = new Map(),
): Plan {
  const head: SubscriberHead = found ?? newSubscriber(input.subscriberId, input.channel, null, moment.now);
  const act = onCurrentState(input, head);
  const circumstances = input.circumstances ?? {};
  const isUndoable = input.lastSave !== undefined && act.wishes.every(({ kind }) => kind !== 'UNDO_SAVE');
  const events: ConsentEvent[] = [];
  const drafts = new Drafts();
  let after: ConsentState = head;
  let chain = { seq: head.seq, chainHead: head.chainHead };
  const record = (_: ConsentState, { changes }: { changes: Change[] }) => {
    const made = makeEvents(chain, changes, {
      at: moment.now,
      channel: head.channel,
      actor: act.actor,
      circumstances,
      ...(isUndoable ? { save: head.seq + 1 } : {}),
    });
    for (const event of made) {
      after = applyEvent(after, event, drafts);
      chain = { seq: event.seq, chainHead: event.hash };
    }
    events.push(...made);
    return after;
  };
  const outcomes = outcomesOf({ ...act, circumstances }, head, { ...moment, pendingIds, record });
  const plan = { head, before: head, after, outcomes, events };
  return { ...plan, next: nextOf(input, plan, moment.catalogue) };
}

/**
 * Makes the plans of the same act on other unknown subscribers: only the ids, the address and the hashes differ. The rules are not asked again, since
 * they see neither (an import of a million addresses takes half the time).
 * @param plan of an act with the same actor, wishes and circumstances on an unknown subscriber; it has one event, and no pending wish
 */
export function plansLike(plan: Plan, event: ConsentEvent): (input: ConsentInput) => Plan {
  const { unpublished } = plan.next;
  const makeEvent = eventsLike(event);
  return ({ subscriberId: _id, address = null }) => {
    const made = makeEvent();
    const mark = unpublished ? { unpublished: { ...unpublished, bucket: bucketOf(_id) } } : {};
    return {
      ...{ ...plan, head: { ...plan.head, _id }, events: [made] },
      next: { ...plan.next, _id, address, chainHead: made.hash, ...mark },
    };
  };
}

/**
 * Decides on each wish of an act, one after the other.
 * @param at `record` receives the verdict on each allowed wish, and returns the state for the next wish
 */
export function outcomesOf(
  { actor, wishes, circumstances }: { actor: Actor; wishes: Wish[]; circumstances: Circumstances },
  head: SubscriberHead,
  at: Moment & {
    pendingIds?: PendingIds;
    record: (state: ConsentState, verdict: { changes: Change[] }) => ConsentState;
  },
): Outcome[] {
  const { now, catalogue, unconfirmable = null, pendingIds = new Map<number, string>(), record } = at;
  const context: RuleContext = {
    catalogue,
    channel: head.channel,
    now,
    circumstances,
    hasAddress: head.address !== null,
    newPendingId: (typeId) => {
      const id = pendingIds.get(typeId) ?? newId();
      pendingIds.set(typeId, id);
      return id;
    },
    unconfirmable,
    pendingLifetimeMs: confirmLifetimeHours * 3_600_000,
  };
  const companions = optedInTogether(head, { actor, row: rules[rowOf(actor)], wishes }, context);
  let state: ConsentState = head;
  return wishes.map((wish): Outcome => {
    const verdict = decide(state, wish, actor, { ...context, companions, before: head });
    if (verdict.kind === 'REFUSED') return { wish, result: 'REFUSED', code: verdict.code };
    if (verdict.kind === 'NO_CHANGE') return unchanged(state, wish, context);
    state = record(state, verdict);
    return { wish, result: verdict.waits ? 'PENDING' : 'CHANGED' };
  });
}

/** A repeated wish that is still pending promises another mail, so it is refused if none can be sent. */
function unchanged(state: ConsentState, wish: Wish, { unconfirmable }: RuleContext): Outcome {
  if (!isWaiting(state, wish)) return { wish, result: 'NO_CHANGE' };
  return unconfirmable ? { wish, result: 'REFUSED', code: unconfirmable } : { wish, result: 'PENDING' };
}

function isWaiting(state: ConsentState, wish: Wish): boolean {
  return (
    wish.kind === 'OPT_IN' &&
    state.pending.some(({ typeIds, confirmedAt }) => !confirmedAt && typeIds.includes(wish.typeId))
  );
}

function nextOf(input: ConsentInput, plan: Omit<Plan, 'next'>, catalogue: Catalogue): SubscriberHead {
  const { head, after, events } = plan;
  const last = events[events.length - 1];
  if (!last) return head;
  const isErased = hasErasure(events);
  return {
    ...head,
    subscriptions: after.subscriptions,
    optOuts: after.optOuts,
    snoozes: after.snoozes,
    pending: after.pending,
    undeliverable: after.undeliverable,
    undoable: after.undoable,
    ...(after.endedOptOuts ? { endedOptOuts: after.endedOptOuts } : {}),
    epoch: after.epoch,
    erasedAt: after.erasedAt,
    address: isErased ? null : (head.address ?? (head.erasedAt ? null : (input.address ?? null))),
    locale: isErased ? null : (input.chosenLocale ?? head.locale),
    version: head.version + 1,
    seq: last.seq,
    chainHead: last.hash,
    eventCount: head.eventCount + events.length,
    lastSave: isErased ? null : (lastSaveOf(input, plan, last) ?? head.lastSave),
    ...derivedOf(head, after, catalogue, { events, now: last.at }),
    updatedAt: last.at,
  };
}

function lastSaveOf(
  input: ConsentInput,
  plan: Pick<Plan, 'outcomes' | 'before' | 'head'>,
  last: ConsentEvent,
): LastSave | null {
  if (!input.lastSave) return null;
  const { nonce, isAsFound, describe } = input.lastSave;
  return {
    nonce,
    isAsFound,
    at: last.at,
    seq: last.seq,
    from: plan.head.seq + 1,
    changes: describe(plan.outcomes, plan.before),
  };
}

/** True if this write removes the address and the free text of every event. */
export function hasErasure(events: ConsentEvent[]): boolean {
  return events.some(({ change }) => change.op === 'ERASED');
}

/**
 * The part of the act that the current record still allows.
 * @param act `linkEpoch` is that of the link that acts: a link that was revoked in the meantime counts as expired.
 *   `onlyAfter` is the newest event that the act has seen: after a later event, the act has no wishes.
 */
function onCurrentState(
  { actor, wishes, linkEpoch, onlyAfter }: ConsentInput,
  { epoch, seq }: SubscriberHead,
): { actor: Actor; wishes: Wish[] } {
  const isRevoked = linkEpoch !== undefined && linkEpoch < epoch;
  const isOvertaken = onlyAfter !== undefined && onlyAfter !== seq;
  return {
    actor: actor.kind === 'CONTACT' && isRevoked ? { ...actor, isLinkFresh: false } : actor,
    wishes: isOvertaken ? [] : wishes,
  };
}

/**
 * The fields that follow from a state. A field is absent if it has no value and never had one.
 * @param written the events in the same write, and its time
 */
export function derivedOf(
  head: SubscriberHead,
  after: ConsentState,
  catalogue: Catalogue,
  { events, now }: { events: readonly ConsentEvent[]; now: Date },
): Pick<Subscriber, 'unpublished' | 'machineMade'> {
  const [first] = events;
  const machineMade =
    after.optOuts === head.optOuts ? (head.machineMade ?? null) : machineMadeOf(after, catalogue);
  return {
    ...(first && {
      unpublished: head.unpublished ?? { bucket: bucketOf(head._id), since: now, from: first.seq },
    }),
    ...(machineMade || head.machineMade ? { machineMade } : {}),
  };
}
