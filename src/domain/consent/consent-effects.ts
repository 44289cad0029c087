/** Effects before and after the write of an act: the mail of a confirmation, the archive, the contact's facets, the metrics. */
import { archiveOldest, eraseArchivedWords, eraseMergedWords, eventCap } from './archive.js';
import type { ConsentDeps, ConsentInput, ConsentResult } from './contract.js';
import { writing } from './durability.js';
import type { Plan } from './plan.js';
import type { SubscriberHead } from '../../models/subscriber.js';
import type { ConsentEvent } from '../../vocabulary/terms.js';

/** Before the wish that waits is written, so that a crash cannot lose the mail (decision 0006). */
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

/** After the document, never before: state and history agree at each moment between, and success means that all words are gone. */
export async function eraseArchive(
  deps: ConsentDeps,
  { _id, mergedFrom = [] }: Pick<SubscriberHead, '_id' | 'mergedFrom'>,
): Promise<void> {
  await writing(() => eraseArchivedWords(deps.models, _id));
  for (const other of mergedFrom) await writing(() => eraseMergedWords(deps.models, other));
}

/** Outside the answer, which must not wait for it: the change is durable already, and where this fails the next write does it again. */
export function archiveOverflow(deps: ConsentDeps, written: SubscriberHead): void {
  if (written.eventCount <= eventCap) return;
  const archiving = archiveOldest(deps.models, written._id).catch(() => undefined);
  deps.background?.(archiving);
}

/** Where this fails, the change feed does it. */
export function project(deps: ConsentDeps, { contactId }: SubscriberHead): void {
  if (!contactId || !deps.refreshContacts) return;
  const projecting = deps.refreshContacts([contactId]).catch(() => undefined);
  deps.background?.(projecting);
}

/** The facets of many contacts, in one go and waited for: a job that changes many goes no faster than the index follows. */
export async function projectAll(deps: ConsentDeps, contactIds: string[]): Promise<void> {
  if (contactIds.length === 0) return;
  await deps.refreshContacts?.(contactIds).catch(() => undefined);
}

/** Tells the metrics, and gives what the caller is told. */
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
