/**
 * `changeConsentInBulk`: the same writer for many subscribers at once, with one read, one plan each, and one message of
 * conditional writes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '../../errors.js';
import { findSubscribers, findWholeSubscribers } from '../../models/find-subscribers.js';
import {
  archiveOverflow,
  ended,
  eraseArchive,
  isErasure,
  projectAll,
  queueConfirmations,
} from './consent-effects.js';
import type { ConsentDeps, ConsentInput, ConsentResult } from './contract.js';
import { reading } from './durability.js';
import { findEarlierAct } from './earlier-acts.js';
import { planOf, plansLike, type PendingIds, type Plan } from './plan.js';
import { writePlans, type PlannedWrite } from './store.js';
import type { Catalogue, ConsentEvent } from '../../vocabulary/terms.js';

/** An act of the batch, with its progress. */
interface Row {
  input: ConsentInput;
  /** Its position in the batch. */
  place: number;
  /** Absent until an attempt has asked the rules. */
  pendingIds?: PendingIds;
}

export interface BulkOptions {
  /** Awaited right before each message of writes. If it throws, the batch ends and nothing more is written. */
  beforeWrite?: () => void | Promise<void>;
  /**
   * True if some of these acts may have been done already. A subscriber with events by the same actor's `ref` is not
   * changed again, and counts as done.
   */
  isRepeat?: boolean;
}

const mostAttempts = 60;

/**
 * Does for each input what `changeConsent` does, with the same rules, events and conditions, in about a thousandth of
 * the messages. Where a write meets a newer version, the input is read and decided again. Pass a few hundred inputs at
 * a time, since all are held in memory.
 * @returns the results, in the order of the inputs
 * @throws DomainError `DATABASE_AWAY`, `OUTCOME_UNKNOWN`, as `changeConsent`. Some inputs may be done then; all are
 *   safe to repeat.
 */
export async function changeConsentInBulk(
  deps: ConsentDeps,
  inputs: ConsentInput[],
  options: BulkOptions = {},
): Promise<ConsentResult[]> {
  const catalogue = await reading(() => deps.catalogue());
  const results: ConsentResult[] = [];
  let waiting: Row[] = inputs.map((input, place) => ({ input, place }));
  for (let attempt = 0; waiting.length > 0; attempt++) {
    const { left, later } = await attemptAll(deps, waiting, catalogue, results, options);
    if (left.length > 0) {
      if (attempt >= mostAttempts) throw tooBusy();
      await sleep(Math.random() * Math.min(40, 2 + attempt * 2));
    } else attempt = 0;
    waiting = [...left, ...later].sort((a, b) => a.place - b.place);
  }
  return results;
}

/**
 * One round: stores the results of finished inputs, and returns the others. Several acts on one subscriber are done one after the other, in their order:
 * once one of them is to write, those behind it are for a later round. Acts that change nothing need no round of their own.
 */
async function attemptAll(
  deps: ConsentDeps,
  rows: Row[],
  catalogue: Catalogue,
  results: ConsentResult[],
  { beforeWrite, isRepeat }: BulkOptions,
): Promise<Record<'left' | 'later', Row[]>> {
  const unread = isRepeat ? rows : rows.filter(({ input }) => input.found === undefined);
  const ids = [...new Set(unread.map(({ input }) => input.subscriberId))];
  const whole = isRepeat ? await reading(() => findWholeSubscribers(deps.models.subscribers, ids)) : null;
  const found = whole ?? (await reading(() => findSubscribers(deps.models.subscribers, ids)));
  const at = { now: deps.clock(), catalogue };
  const toWrite: { row: Row; write: PlannedWrite }[] = [];
  /** Contacts whose facets must be updated. */
  const contactIds: string[] = [];
  const changing = new Set<string>();
  const later: Row[] = [];
  let alike: Reusable | undefined;
  for (const row of rows) {
    const { input } = row;
    const head = found.get(input.subscriberId) ?? input.found ?? null;
    // Acts may name one subscriber by the id of a merged spelling too.
    const subscriberId = head?._id ?? input.subscriberId;
    if (changing.has(subscriberId)) {
      later.push(row);
      continue;
    }
    const known = whole?.get(input.subscriberId);
    const earlier = known && (await findEarlierAct(deps.models, input, known, catalogue));
    if (earlier) {
      results[row.place] = earlier;
      if (known.contactId) contactIds.push(known.contactId);
      continue;
    }
    const plan =
      head === null && alike?.isFor(input)
        ? alike.planOf(input)
        : planOf(input, head, at, (row.pendingIds ??= new Map()));
    if (head === null) alike ??= reusable(input, plan);
    if (plan.events.length > 0) {
      changing.add(subscriberId);
      toWrite.push({ row, write: { plan, isNew: head === null } });
      continue;
    }
    if (plan.head.erasedAt && isErasure(input)) await eraseArchive(deps, plan.head);
    results[row.place] = ended(deps, input, plan, plan.head);
  }
  for (const { row, write } of toWrite)
    if (write.plan.events.some(isPending)) await queueConfirmations(deps, row.input, write.plan.events);
  const isWritten = await writePlans(
    deps.models,
    toWrite.map(({ write }) => write),
    beforeWrite,
  );
  const left: Row[] = [];
  for (const [index, { row, write }] of toWrite.entries()) {
    if (!isWritten[index]) {
      deps.onConflict?.();
      // What the caller had read is out of date.
      const { found: _, ...input } = row.input;
      left.push({ ...row, input });
      continue;
    }
    const { next } = write.plan;
    if (isErasure(row.input)) await eraseArchive(deps, next);
    archiveOverflow(deps, next);
    if (next.contactId) contactIds.push(next.contactId);
    results[row.place] = ended(deps, row.input, write.plan, next);
  }
  await projectAll(deps, contactIds);
  return { left, later };
}

const isPending = ({ change }: ConsentEvent) => change.op === 'PENDING';

/** The plans of an act on unknown subscribers, and for which inputs they hold. */
interface Reusable {
  planOf: (input: ConsentInput) => Plan;
  isFor: (input: ConsentInput) => boolean;
}

/** For acts with the same objects as actor, wishes and circumstances, as an import has them. */
function reusable(of: ConsentInput, plan: Plan): Reusable | undefined {
  const isPlain = (input: ConsentInput) =>
    (input.lastSave ?? input.chosenLocale ?? input.onlyAfter ?? input.linkEpoch) === undefined;
  const [event, ...others] = plan.events;
  if (!isPlain(of) || !event || others.length > 0 || isPending(event)) return undefined;
  const { actor, wishes, circumstances, channel } = of;
  return {
    planOf: plansLike(plan, event),
    isFor: (input) =>
      isPlain(input) &&
      input.actor === actor &&
      input.wishes === wishes &&
      input.circumstances === circumstances &&
      input.channel === channel,
  };
}

const tooBusy = () =>
  new DomainError(
    'DATABASE_AWAY',
    'Others kept changing some of these records. Those were not saved; the rest were.',
  );
