/** `changeConsent`: the only writer of consent. One conditional write changes state and history together. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '../../errors.js';
import type { RefusalCode } from '../../errors.js';
import type { Models } from '../../models/index.js';
import { findSubscriber, newSubscriber } from '../../models/subscriber.js';
import type { LastSave, SaveChange, SubscriberHead } from '../../models/subscriber.js';
import { confirmLifetimeHours } from '../../tokens/kinds.js';
import { applyChange, standingOf } from './apply.js';
import { asThingsStand } from './as-things-stand.js';
import { archiveOldest, eraseArchivedWords, eventCap } from './archive.js';
import { derivedOf } from './derived.js';
import { reading, writing } from './durability.js';
import { makeEvents } from './events.js';
import { optedInTogether } from './rule-changes.js';
import type { RuleContext } from './rule-changes.js';
import { decide } from './rules.js';
import { insertSubscriber, updateSubscriber } from './store.js';
import type {
  Actor,
  Catalogue,
  Change,
  Channel,
  Circumstances,
  ConsentEvent,
  ConsentState,
  Wish,
} from './terms.js';

export interface ConsentDeps {
  models: Pick<Models, 'subscribers' | 'archivedEvents'>;
  catalogue: () => Promise<Catalogue>;
  clock: () => Date;
  /** Queues the confirmation of a pending wish; called before the wish is written, so that a crash cannot lose the mail. */
  queueConfirmation: (pending: {
    subscriberId: string;
    unitId: number;
    pendingId: string;
    locale?: string;
  }) => Promise<void>;
  /** Told of every recorded act, for the metrics. */
  onChanged?: (actor: Actor, changes: Change[]) => void;
  onRefused?: (code: RefusalCode) => void;
  onConflict?: () => void;
  /** Brings a contact's facets up to what was just written of one of its addresses; it runs in the background. */
  projectSubscriber?: (subscriberId: string) => Promise<unknown>;
  /** Told of work that goes on after the answer, so that a clean stop can wait for it; it never rejects. */
  background?: (work: Promise<unknown>) => void;
}

export interface ConsentInput {
  subscriberId: string;
  /** Channel of a subscriber that the database does not know yet, such as one whose link outlived a restore. */
  channel: Channel;
  actor: Actor;
  wishes: Wish[];
  /** What the caller has just read, for the first attempt (null: nobody knows it); should it be old by now, its version says so. */
  found?: SubscriberHead | null;
  circumstances?: Circumstances;
  /** For an undo: the newest event that it takes back. Where a later one has come meanwhile, the act is void and nothing is wished. */
  onlyAfter?: number;
  /** The link's epoch, where a link acts: one that was revoked while this act waited its turn is fresh no more. */
  linkEpoch?: number;
  /** The language that the contact chose on the page; kept with the write. */
  chosenLocale?: string;
  /** Kept with the write, so that the contact's next page can say what happened; told each wish's outcome. */
  lastSave?: {
    nonce: string;
    isAsFound: boolean;
    describe: (outcomes: Outcome[], before: ConsentState) => SaveChange[];
  };
}

export type Outcome =
  | { wish: Wish; result: 'CHANGED' | 'PENDING' | 'NO_CHANGE' }
  | { wish: Wish; result: 'REFUSED'; code: RefusalCode };

export interface ConsentResult {
  outcomes: Outcome[];
  /** Events recorded; empty where nothing changed. */
  events: ConsentEvent[];
  before: ConsentState;
  subscriber: SubscriberHead;
}

const mostAttempts = 60;

/**
 * Decides on each wish and records what is allowed, in one conditional write that is durable on a majority when this returns.
 * A refusal is an outcome among the others; it never stops the other wishes.
 * @throws DomainError `DATABASE_AWAY` where nothing was written, `OUTCOME_UNKNOWN` where that is not known; both are safe to repeat
 */
export async function changeConsent(deps: ConsentDeps, input: ConsentInput): Promise<ConsentResult> {
  const catalogue = await reading(() => deps.catalogue());
  const pendingIds = new Map<number, string>();
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const given = attempt === 0 ? input.found : undefined;
    const found = given === undefined ? await findHead(deps, input) : given;
    const plan = planOf(deps, input, found, catalogue, pendingIds);
    if (plan.events.length === 0) {
      // An erasure that broke off is ended by asking again.
      if (plan.head.erasedAt && isErasure(input)) await eraseArchive(deps, plan.head._id);
      return ended(deps, input, plan, plan.head);
    }
    await queueConfirmations(deps, input, plan.events);
    const written = await write(deps, input, plan, catalogue, found === null);
    if (written) {
      if (isErasure(input)) await eraseArchive(deps, written._id);
      archiveOverflow(deps, written);
      project(deps, written);
      return ended(deps, input, plan, written);
    }
    deps.onConflict?.();
    await sleep(Math.random() * Math.min(40, 2 + attempt * 2));
  }
  throw new DomainError(
    'DATABASE_AWAY',
    'This record was being changed by others all the while; nothing was saved.',
  );
}

const findHead = (deps: ConsentDeps, { subscriberId }: ConsentInput) =>
  reading(() => findSubscriber(deps.models.subscribers, subscriberId));

/** For callers with a single wish: a refusal is thrown as its code. */
export function refusalOf(result: ConsentResult): RefusalCode | null {
  for (const outcome of result.outcomes) if (outcome.result === 'REFUSED') return outcome.code;
  return null;
}

interface Plan {
  head: SubscriberHead;
  before: ConsentState;
  after: ConsentState;
  outcomes: Outcome[];
  events: ConsentEvent[];
}

function planOf(
  deps: ConsentDeps,
  input: ConsentInput,
  found: SubscriberHead | null,
  catalogue: Catalogue,
  pendingIds: Map<number, string>,
): Plan {
  const now = deps.clock();
  const head: SubscriberHead = found ?? newSubscriber(input.subscriberId, input.channel, null, now);
  const { actor, wishes } = asThingsStand(input, head);
  const circumstances = input.circumstances ?? {};
  const context: RuleContext = {
    catalogue,
    channel: head.channel,
    now,
    circumstances,
    hasAddress: head.address !== null,
    // The same in every attempt, so that a conflict never mails a second link.
    newPendingId: (typeId) => {
      const id = pendingIds.get(typeId) ?? randomBytes(9).toString('base64url');
      pendingIds.set(typeId, id);
      return id;
    },
    pendingLifetimeMs: confirmLifetimeHours * 3_600_000,
  };
  const companions = optedInTogether(head, { actor, wishes }, context);
  const outcomes: Outcome[] = [];
  const events: ConsentEvent[] = [];
  let state: ConsentState = head;
  let chain = { seq: head.seq, chainHead: head.chainHead };
  for (const wish of wishes) {
    const verdict = decide(state, wish, actor, { ...context, companions, before: head });
    if (verdict.kind === 'REFUSED') outcomes.push({ wish, result: 'REFUSED', code: verdict.code });
    if (verdict.kind === 'NO_CHANGE')
      outcomes.push({ wish, result: isWaiting(state, wish) ? 'PENDING' : 'NO_CHANGE' });
    if (verdict.kind !== 'CHANGE') continue;
    const made = makeEvents(chain, verdict.changes, {
      at: now,
      channel: head.channel,
      actor,
      circumstances,
    });
    for (const event of made) {
      state = applyChange(state, event.change, standingOf(event));
      chain = { seq: event.seq, chainHead: event.hash };
    }
    events.push(...made);
    outcomes.push({
      wish,
      result: made.some(({ change }) => change.op === 'PENDING') ? 'PENDING' : 'CHANGED',
    });
  }
  return { head, before: head, after: state, outcomes, events };
}

function isWaiting(state: ConsentState, wish: Wish): boolean {
  return (
    wish.kind === 'OPT_IN' &&
    state.pending.some(({ typeIds, confirmedAt }) => !confirmedAt && typeIds.includes(wish.typeId))
  );
}

async function queueConfirmations(
  deps: ConsentDeps,
  input: ConsentInput,
  events: ConsentEvent[],
): Promise<void> {
  for (const { change, locale } of events) {
    if (change.op !== 'PENDING') continue;
    const { unitId, pendingId } = change;
    await writing(() =>
      deps.queueConfirmation({
        subscriberId: input.subscriberId,
        unitId,
        pendingId,
        ...(locale ? { locale } : {}),
      }),
    );
  }
}

/** The conditional write. Returns the subscriber as written, or null where somebody else was quicker. */
async function write(
  deps: ConsentDeps,
  input: ConsentInput,
  plan: Plan,
  catalogue: Catalogue,
  isNew: boolean,
): Promise<SubscriberHead | null> {
  const { head, after, events } = plan;
  const last = events[events.length - 1];
  if (!last) return head;
  const isErased = events.some(({ change }) => change.op === 'ERASED');
  const next: SubscriberHead = {
    ...head,
    statuses: after.statuses,
    optOuts: after.optOuts,
    snoozes: after.snoozes,
    pending: after.pending,
    undeliverable: after.undeliverable,
    epoch: after.epoch,
    erasedAt: after.erasedAt,
    address: isErased ? null : head.address,
    locale: isErased ? null : (input.chosenLocale ?? head.locale),
    version: head.version + 1,
    seq: last.seq,
    chainHead: last.hash,
    eventCount: head.eventCount + events.length,
    lastSave: isErased ? null : (lastSaveOf(input, plan, last) ?? head.lastSave),
    ...derivedOf(head, after, catalogue),
    updatedAt: last.at,
  };
  const isWritten = isNew
    ? await insertSubscriber(deps.models, { ...next, events })
    : await updateSubscriber(deps.models, { head, next, events, isErased });
  return isWritten ? next : null;
}

function lastSaveOf(input: ConsentInput, plan: Plan, last: ConsentEvent): LastSave | null {
  if (!input.lastSave) return null;
  const { nonce, isAsFound, describe } = input.lastSave;
  return { nonce, isAsFound, at: last.at, seq: last.seq, changes: describe(plan.outcomes, plan.before) };
}

function isErasure({ wishes }: ConsentInput): boolean {
  return wishes.some(({ kind }) => kind === 'ERASE');
}

/** After the document, never before: state and history agree at each moment between, and success means that all words are gone. */
async function eraseArchive(deps: ConsentDeps, subscriberId: string): Promise<void> {
  await writing(() => eraseArchivedWords(deps.models, subscriberId));
}

/** Outside the answer, which must not wait for it: the change is durable already, and where this fails the next write does it again. */
function archiveOverflow(deps: ConsentDeps, written: SubscriberHead): void {
  if (written.eventCount <= eventCap) return;
  const archiving = archiveOldest(deps.models, written._id).catch(() => undefined);
  deps.background?.(archiving);
}

/** Where this fails, the mark that the write left is found by the worker. */
function project(deps: ConsentDeps, { contactId, _id }: SubscriberHead): void {
  if (!contactId || !deps.projectSubscriber) return;
  const projecting = deps.projectSubscriber(_id).catch(() => undefined);
  deps.background?.(projecting);
}

function ended(
  deps: ConsentDeps,
  input: ConsentInput,
  plan: Plan,
  subscriber: SubscriberHead,
): ConsentResult {
  if (plan.events.length > 0)
    deps.onChanged?.(
      input.actor,
      plan.events.map(({ change }) => change),
    );
  for (const outcome of plan.outcomes) if (outcome.result === 'REFUSED') deps.onRefused?.(outcome.code);
  return { outcomes: plan.outcomes, events: plan.events, before: plan.before, subscriber };
}
