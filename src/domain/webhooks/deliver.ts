/**
 * Delivers what is due to one endpoint. A worker leases some deliveries at once, and writes the result of each before it begins the next of the same
 * subscriber. So a kill repeats at most what was under way, and the order of a subscriber's events stays.
 */
import mongoose from 'mongoose';
import type { Config } from '../../config.js';
import type { KeptConnections } from '../../guarded-get.js';
import type { SubjectChange } from '../../models/change.js';
import type { Models } from '../../models/index.js';
import { endedAs, leaseSeveral, queuedAgain, writeHeld } from '../../models/queue.js';
import { afterNow, readServerClock } from '../../models/server-clock.js';
import { findLines, type DeliveryTry, type WebhookDelivery } from '../../models/webhook-delivery.js';
import type { WebhookEndpoint } from '../../models/webhook-endpoint.js';
import { publicEventsOf } from '../changes/public-event.js';
import { isConsentWithin } from '../changes/wanted-events.js';
import { bodyOf } from './body.js';
import { noteOutcome, type DeliveryOutcome } from './endpoint-health.js';
import { isSuccess, postLimitMs, postWebhook, type WebhookAnswer } from './post.js';

export interface DeliveryDeps {
  models: Models;
  clock: () => Date;
  config: Pick<Config, 'subscriberIdKey' | 'privateSources'>;
}

export interface DeliveryOptions {
  /** Once aborted, nothing more is begun. */
  signal?: AbortSignal;
  connections?: KeptConnections;
  leaseMs?: number;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Milliseconds before the next attempt, by attempts made (Standard Webhooks, "Deliverability"). After the last one the delivery has failed. */
export const retryMs = [
  ...[5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour],
] as const;
/** A wait is longer by up to this share, so that retries do not come all at once. */
const jitter = 0.1;

/** A worker that is killed holds its deliveries back for so long. */
const defaultLeaseMs = 45 * second;
/** Leased together: the statements before the first of them cost the same for a few. */
const batch = 200;
/** Attempts at the same time, to one endpoint. */
const atOnce = 10;
/** How long an endpoint rests that is overloaded, or whose proxy does not reach it, and that names no time. */
const restMs = 10 * second;
const overloaded: readonly (number | null)[] = [429, 502, 503, 504];
/** Attempts that a delivery shows. */
const shownTries = 12;

/**
 * Delivers until nothing is due or the endpoint rests.
 * @returns how many attempts were made
 * @throws database errors; the leases then end, and the deliveries come again
 */
export async function deliverDue(
  deps: DeliveryDeps,
  endpointId: string,
  options: DeliveryOptions = {},
): Promise<number> {
  const { models, clock } = deps;
  let attempts = 0;
  while (!options.signal?.aborted) {
    const endpoint = await models.webhookEndpoints.findById(endpointId).lean<WebhookEndpoint>();
    if (!endpoint || !maySend(endpoint, clock())) break;
    const made = await deliverBatch(deps, endpoint, options);
    if (made === null) break;
    attempts += made;
  }
  return attempts;
}

export function maySend({ state, restUntil }: WebhookEndpoint, now: Date): boolean {
  return state === 'ACTIVE' && (restUntil === null || restUntil <= now);
}

/** What the attempts of one lease share. */
interface Batch {
  deps: DeliveryDeps;
  endpoint: WebhookEndpoint;
  options: DeliveryOptions;
  bodies: ReadonlyMap<string, { id: string; body: string }>;
  /** By `performance.now()`: an attempt that begins later might outlast the lease. */
  until: number;
  /** Set once the endpoint must not be asked further. */
  rest: { isGone: boolean; ms: number } | null;
  attempts: number;
}

/** @returns how many attempts were made; null if nothing was due */
async function deliverBatch(
  deps: DeliveryDeps,
  endpoint: WebhookEndpoint,
  options: DeliveryOptions,
): Promise<number | null> {
  const { webhookDeliveries } = deps.models;
  const leaseMs = options.leaseMs ?? defaultLeaseMs;
  const leasedAt = performance.now();
  const now = (await readServerClock(webhookDeliveries.db))();
  const which = { endpointId: endpoint._id, state: 'QUEUED' };
  const lease = { now, leaseMs, limit: batch, sort: { dueAt: 1, place: 1 } } as const;
  const held = await leaseSeveral<WebhookDelivery>(webhookDeliveries, which, lease);
  if (held.length === 0) return null;
  const one: Batch = {
    ...{ deps, endpoint, options, bodies: await bodiesOf(deps, endpoint, held), rest: null, attempts: 0 },
    until: leasedAt + leaseMs - postLimitMs - 5 * second,
  };
  const lines = await findLines(webhookDeliveries, endpoint._id, [...new Set(held.map((d) => d.subject))]);
  const byId = new Map(held.map((delivery) => [delivery._id, delivery]));
  const left = [...lines.values()];
  const lane = async () => {
    while (!mustStop(one)) {
      const line = left.shift();
      if (!line) break;
      await deliverLine(one, line, byId);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  const untried = left.flat().flatMap(({ _id }) => byId.get(_id) ?? []);
  await putBack(one, untried, afterNow(one.rest?.ms ?? 0));
  return one.attempts;
}

/** Whether nothing more may be tried of this batch: the endpoint rests, the lease ends soon, or the worker stops. */
function mustStop({ rest, until, options }: Batch): boolean {
  return rest !== null || performance.now() > until || options.signal?.aborted === true;
}

/** The deliveries of one subscriber, in order, until one fails. Those behind it wait for it. */
async function deliverLine(
  one: Batch,
  line: readonly Pick<WebhookDelivery, '_id' | 'dueAt'>[],
  byId: ReadonlyMap<string, WebhookDelivery>,
): Promise<void> {
  for (const [at, { _id, dueAt }] of line.entries()) {
    const delivery = byId.get(_id);
    const mine = () => line.slice(at).flatMap((next) => byId.get(next._id) ?? []);
    if (!delivery) return putBack(one, mine(), dueAt);
    if (mustStop(one)) return putBack(one, mine(), afterNow(one.rest?.ms ?? 0));
    const delayMs = await attempt(one, delivery);
    if (delayMs !== null) return putBack(one, mine().slice(1), afterNow(delayMs));
  }
}

/** Puts back what was not tried, for any worker. */
async function putBack(
  { deps }: Batch,
  deliveries: readonly WebhookDelivery[],
  dueAt: Date | object,
): Promise<void> {
  const [first] = deliveries;
  if (!first) return;
  const ids = deliveries.map(({ _id }) => _id);
  const held = { _id: mongoose.trusted({ $in: ids }), leasedBy: first.leasedBy, state: 'QUEUED' } as const;
  await deps.models.webhookDeliveries.updateMany(held, [{ $set: { dueAt, leasedBy: null } }], {
    updatePipeline: true,
  });
}

/** One attempt, and its result. @returns null if it is over; otherwise the milliseconds until the next attempt */
async function attempt(one: Batch, delivery: WebhookDelivery): Promise<number | null> {
  const { deps, endpoint, options } = one;
  const { webhookDeliveries } = deps.models;
  const sent = one.bodies.get(delivery._id);
  if (!sent) {
    await writeHeld(
      webhookDeliveries,
      delivery,
      endedAs('FAILED', 'The event is not in the feed, or not of the endpoint’s business units.'),
    );
    return null;
  }
  one.attempts += 1;
  const now = deps.clock();
  const secrets = endpoint.secrets.filter(({ endsAt }) => endsAt === null || endsAt > now);
  const post = { url: endpoint.url, secrets: secrets.map(({ sealed }) => sealed), ...sent };
  const connections = options.connections ? { connections: options.connections } : {};
  const began = performance.now();
  const answer = await postWebhook(deps.config, post, { now, ...connections });
  const made: DeliveryTry = {
    at: now,
    ms: Math.round(performance.now() - began),
    status: answer.status,
    text: answer.text,
  };
  const { fields, delayMs, outcome } = resultOf(one, delivery, answer);
  await writeHeld(webhookDeliveries, delivery, {
    ...{ ...fields, leasedBy: null },
    tries: { $literal: [...delivery.tries, made].slice(-shownTries) },
  });
  await noteOutcome(deps, endpoint, outcome, one.rest?.ms ?? 0);
  return delayMs;
}

interface Result {
  /** For the delivery. */
  fields: object;
  /** Milliseconds until the next attempt; null if it is over. */
  delayMs: number | null;
  outcome: DeliveryOutcome;
}

/** What an answer means for the delivery and for its endpoint. */
function resultOf(one: Batch, delivery: WebhookDelivery, answer: WebhookAnswer): Result {
  if (isSuccess(answer)) return { fields: endedAs('DELIVERED', null), delayMs: null, outcome: 'DELIVERED' };
  const reason = answer.status === null ? answer.text : `HTTP ${answer.status}`;
  // The receiver wants no more. The delivery waits for staff to turn the endpoint on again.
  if (answer.status === 410) {
    one.rest = { isGone: true, ms: 0 };
    const fields = queuedAgain({ delayMs: 0, attempts: delivery.attempts, reason });
    return { fields, delayMs: 0, outcome: 'GONE' };
  }
  const isOverloaded = overloaded.includes(answer.status);
  if (isOverloaded && !one.rest?.isGone) one.rest = { isGone: false, ms: answer.retryAfterMs ?? restMs };
  const attempts = delivery.attempts + 1;
  const wait = retryMs[attempts - 1];
  if (wait === undefined) return { fields: endedAs('FAILED', reason), delayMs: null, outcome: 'FAILED' };
  const delayMs = Math.ceil(Math.max(wait * (1 + Math.random() * jitter), answer.retryAfterMs ?? 0));
  return {
    fields: queuedAgain({ delayMs, attempts, reason }),
    ...{ delayMs, outcome: isOverloaded ? 'OVERLOADED' : 'RETRIED' },
  };
}

/** What each delivery sends, by its id. The entries cost one read, and their addresses another. */
async function bodiesOf(
  { models }: Pick<DeliveryDeps, 'models'>,
  { unitIds }: Pick<WebhookEndpoint, 'unitIds'>,
  deliveries: readonly WebhookDelivery[],
) {
  const ids = [...new Set(deliveries.flatMap(({ changeId }) => changeId ?? []))];
  const found = await models.changes
    .find({ _id: mongoose.trusted({ $in: ids }) })
    .batchSize(ids.length + 1)
    .lean<SubjectChange[]>();
  // The endpoint may have fewer business units than when they were queued.
  const entries = found.filter((entry) => isConsentWithin(entry, unitIds));
  const events = await publicEventsOf(models, entries, unitIds);
  const byChange = new Map(entries.map(({ _id }, at) => [_id, events[at]]));
  return new Map(
    deliveries.flatMap((delivery) => {
      const sent = bodyOf(delivery, byChange.get(delivery.changeId ?? ''));
      return sent ? [[delivery._id, sent] as const] : [];
    }),
  );
}
