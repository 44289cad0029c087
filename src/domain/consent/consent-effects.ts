/** Effects before and after the write of an act: the mail of a confirmation, the archive, the contact's facets, the metrics. */
import { archiveOldest, eraseArchivedWords, eraseMergedWords, eventCap } from './archive.js';
import type { ConsentDeps, ConsentInput, ConsentResult } from './contract.js';
import { writing } from './durability.js';
import type { Plan } from './plan.js';
import type { SubscriberHead } from '../../models/subscriber.js';
import type { ConsentEvent } from '../../vocabulary/terms.js';

/** Before the pending wish is written, so that a crash cannot lose the mail (decision 0006). */
export async function queueConfirmations(
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

export function isErasure({ wishes }: ConsentInput): boolean {
  return wishes.some(({ kind }) => kind === 'ERASE');
}

/**
 * After the document and never before it. So state and history always agree, and success means that all free text is
 * gone.
 */
export async function eraseArchive(
  deps: ConsentDeps,
  { _id, mergedFrom = [] }: Pick<SubscriberHead, '_id' | 'mergedFrom'>,
): Promise<void> {
  await writing(() => eraseArchivedWords(deps.models, _id));
  for (const other of mergedFrom) await writing(() => eraseMergedWords(deps.models, other));
}

/**
 * Runs in the background, since the answer must not wait for it. The change is durable already, and the next write
 * repeats a failed run.
 */
export function archiveOverflow(deps: ConsentDeps, written: SubscriberHead): void {
  if (written.eventCount <= eventCap) return;
  const archiving = archiveOldest(deps.models, written._id).catch(() => undefined);
  deps.background?.(archiving);
}

/** If this fails, the change feed does it. */
export function project(deps: ConsentDeps, { contactId }: SubscriberHead): void {
  if (!contactId || !deps.refreshContacts) return;
  const projecting = deps.refreshContacts([contactId]).catch(() => undefined);
  deps.background?.(projecting);
}

/** Updates the facets of many contacts at once and waits for it, so a large job never runs ahead of the index. */
export async function projectAll(deps: ConsentDeps, contactIds: string[]): Promise<void> {
  if (contactIds.length === 0) return;
  await deps.refreshContacts?.(contactIds).catch(() => undefined);
}

/** Reports to the metrics, and returns the caller's result. */
export function ended(
  deps: ConsentDeps,
  input: ConsentInput,
  plan: Plan,
  subscriber: SubscriberHead,
): ConsentResult {
  if (plan.events.length > 0) deps.onChanged?.(input.actor, plan.events);
  for (const outcome of plan.outcomes) if (outcome.result === 'REFUSED') deps.onRefused?.(outcome.code);
  return { outcomes: plan.outcomes, events: plan.events, before: plan.before, subscriber };
}
