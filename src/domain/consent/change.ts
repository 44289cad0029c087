/** `changeConsent`: the only writer of consent. One conditional write changes state and history together. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '../../errors.js';
import type { RefusalCode } from '../../vocabulary/refusal-codes.js';
import { findSubscriber } from '../../models/find-subscribers.js';
import type { SubscriberHead } from '../../models/subscriber.js';
import {
  archiveOverflow,
  ended,
  eraseArchive,
  isErasure,
  project,
  queueConfirmations,
} from './consent-effects.js';
import type { ConsentDeps, ConsentInput, ConsentResult } from './contract.js';
import { reading } from './durability.js';
import { planOf, type PendingIds } from './plan.js';
import { writePlan } from './store.js';

export type { ConsentDeps, ConsentInput, ConsentResult, Outcome } from './contract.js';

const mostAttempts = 60;

/**
 * Decides on each wish and records what is allowed, in one conditional write that is durable on a majority when this returns.
 * A refusal is one of the outcomes and never stops the other wishes.
 * @throws DomainError `DATABASE_AWAY` if nothing was written, `OUTCOME_UNKNOWN` if the result is unknown; both are safe
 *   to repeat
 */
export async function changeConsent(deps: ConsentDeps, input: ConsentInput): Promise<ConsentResult> {
  const catalogue = await reading(() => deps.catalogue());
  const pendingIds: PendingIds = new Map();
  let unconfirmable: RefusalCode | null | undefined;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const given = attempt === 0 ? input.found : undefined;
    const found = given === undefined ? await findHead(deps, input) : given;
    const at = { now: deps.clock(), catalogue };
    let plan = planOf(input, found, { ...at, unconfirmable: unconfirmable ?? null }, pendingIds);
    if (unconfirmable === undefined && plan.outcomes.some(({ result }) => result === 'PENDING')) {
      // Once per act: the mails that its first attempt queues must not count against its second.
      unconfirmable = await whyUnconfirmable(deps, plan.head);
      if (unconfirmable) plan = planOf(input, found, { ...at, unconfirmable }, pendingIds);
    }
    if (plan.events.length === 0) {
      // Repeating the request completes an interrupted erasure.
      if (plan.head.erasedAt && isErasure(input)) await eraseArchive(deps, plan.head);
      return ended(deps, input, plan, plan.head);
    }
    await queueConfirmations(deps, input, plan.events);
    if (await writePlan(deps.models, plan, found === null)) {
      if (isErasure(input)) await eraseArchive(deps, plan.next);
      archiveOverflow(deps, plan.next);
      project(deps, plan.next);
      return ended(deps, input, plan, plan.next);
    }
    deps.onConflict?.();
    await sleep(Math.random() * Math.min(40, 2 + attempt * 2));
  }
  throw new DomainError('DATABASE_AWAY', 'Others kept changing this record, so nothing was saved.');
}

const findHead = (deps: ConsentDeps, { subscriberId }: ConsentInput) =>
  reading(() => findSubscriber(deps.models.subscribers, subscriberId));

async function whyUnconfirmable(deps: ConsentDeps, head: SubscriberHead): Promise<RefusalCode | null> {
  return reading(async () => (await deps.whyUnconfirmable?.(head)) ?? null);
}

/** For callers with a single wish: a refusal is thrown as its code. */
export function refusalOf({ outcomes }: Pick<ConsentResult, 'outcomes'>): RefusalCode | null {
  for (const outcome of outcomes) if (outcome.result === 'REFUSED') return outcome.code;
  return null;
}
