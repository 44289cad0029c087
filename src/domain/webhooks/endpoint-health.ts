/** How an endpoint answers: successes, rests, and what staff must be told. */
import type { Models } from '../../models/index.js';
import type { WebhookEndpoint } from '../../models/webhook-endpoint.js';

export type DeliveryOutcome = 'DELIVERED' | 'RETRIED' | 'OVERLOADED' | 'FAILED' | 'GONE';

/** A success is noted at most once in so many milliseconds. */
const notedEveryMs = 60_000;

interface HealthDeps {
  models: Pick<Models, 'webhookEndpoints'>;
  clock: () => Date;
}

/**
 * Notes the outcome of an attempt.
 * @param endpoint as it was read before, which saves most of the writes
 * @param restMs how long an overloaded endpoint rests
 */
export async function noteOutcome(
  { models: { webhookEndpoints }, clock }: HealthDeps,
  endpoint: WebhookEndpoint,
  outcome: DeliveryOutcome,
  restMs: number,
): Promise<void> {
  const now = clock();
  const { _id, failingSince, lastSuccessAt } = endpoint;
  if (outcome === 'DELIVERED') {
    const isNoted = lastSuccessAt !== null && now.getTime() - lastSuccessAt.getTime() < notedEveryMs;
    if (isNoted && failingSince === null) return;
    // Also in the copy that the rest of the batch reads.
    Object.assign(endpoint, { lastSuccessAt: now, failingSince: null });
    await webhookEndpoints.updateOne({ _id }, { $set: { lastSuccessAt: now, failingSince: null } });
  } else if (outcome === 'FAILED') {
    const alert = { what: 'FAILING', dueAt: now } as const;
    await webhookEndpoints.updateOne({ _id, failingSince: null }, { $set: { failingSince: now, alert } });
  } else if (outcome === 'GONE') {
    const alert = { what: 'GONE', dueAt: now } as const;
    await webhookEndpoints.updateOne({ _id, state: 'ACTIVE' }, { $set: { state: 'GONE', alert } });
  } else if (outcome === 'OVERLOADED') {
    const restUntil = new Date(now.getTime() + restMs);
    await webhookEndpoints.updateOne({ _id }, { $set: { restUntil } });
  }
}
