/** Endpoints as staff set them up: creation, change, secrets, pause, replay and deletion. */
import { trusted } from 'mongoose';
import type { Config } from '../../config.js';
import { DomainError } from '../../errors.js';
import { buckets, changeId, lastChangeNumber, type Bucket, type Change } from '../../models/change.js';
import { furthestCursor, moveCursor, readCursor } from '../../models/feed-cursor.js';
import type { Models } from '../../models/index.js';
import { enqueue, newlyQueued } from '../../models/queue.js';
import type { WebhookDelivery } from '../../models/webhook-delivery.js';
import type { WebhookEndpoint } from '../../models/webhook-endpoint.js';
import { isWithin, type Scope } from '../../vocabulary/scope.js';
import { reading, writing } from '../consent/durability.js';
import type { AuditWish } from '../staff/audit.js';
import { newWebhookSecret, shownSecret } from './post.js';
import { cursorName } from './queue-deliveries.js';
import { newId } from '../../new-id.js';

export interface EndpointDeps {
  models: Models;
  clock: () => Date;
  config: Pick<Config, 'subscriberIdKey'>;
}

export type EndpointSettings = Pick<WebhookEndpoint, 'name' | 'url' | 'eventTypes' | 'unitIds' | 'typeIds'>;

const hour = 3_600_000;
/** An old secret signs too for so long, so that the receiver has time to change it. */
export const overlapMs = 24 * hour;

/**
 * Creates an endpoint that gets what happens from now on.
 * @param id names the act, if it may be repeated: a repeat gives what the first one made
 * @returns its id, and its secret, which cannot be shown again
 */
export async function createEndpoint(
  deps: EndpointDeps,
  settings: EndpointSettings,
  createdBy: string,
  id = newId(),
): Promise<{ id: string; secret: string; isNew: boolean }> {
  const { changes, feedCursors, webhookEndpoints } = deps.models;
  const known = await findWebhook(deps, id, null);
  if (known) return { id, secret: shownSecret(deps.config, known.secrets[0]?.sealed ?? ''), isNew: false };
  const secret = newWebhookSecret(deps.config);
  for (const bucket of buckets)
    await moveCursor(
      feedCursors,
      cursorName({ _id: id, replays: 0 }),
      bucket,
      await lastChangeNumber(changes, bucket, await furthestCursor(feedCursors, bucket)),
    );
  const whole: WebhookEndpoint = {
    ...{ ...settings, _id: id, secrets: [{ sealed: secret.sealed, endsAt: null }], state: 'ACTIVE' },
    ...{ failingSince: null, restUntil: null, replays: 0, replay: null, lastSuccessAt: null, alert: null },
    ...{ version: 1, createdAt: deps.clock(), createdBy },
  };
  await writing(() => webhookEndpoints.create(whole));
  return { id, secret: secret.shown, isNew: true };
}

/** @returns null if it does not exist within the scope */
export async function findWebhook(
  { models }: Pick<EndpointDeps, 'models'>,
  id: string,
  scope: Scope,
): Promise<WebhookEndpoint | null> {
  const found = await reading(() => models.webhookEndpoints.findById(id).lean<WebhookEndpoint>());
  return found && isWithin(found.unitIds, scope) ? found : null;
}

/** Those whose business units all lie within the scope, by name. */
export async function webhooksWithin(
  { models }: Pick<EndpointDeps, 'models'>,
  scope: Scope,
): Promise<WebhookEndpoint[]> {
  const all = await reading(() =>
    models.webhookEndpoints.find({}).sort({ name: 1, _id: 1 }).lean<WebhookEndpoint[]>(),
  );
  return all.filter(({ unitIds }) => isWithin(unitIds, scope));
}

/** An entry of the audit log. That of an endpoint of one unit is visible to readers of that unit. */
export function endpointAudit(
  { _id, name, unitIds }: Pick<WebhookEndpoint, '_id' | 'name' | 'unitIds'>,
  what: string,
): AuditWish {
  const [only = null, ...others] = unitIds ?? [];
  const unitId = others.length === 0 ? only : null;
  const detail = `Webhook endpoint “${name}” ${what}`;
  return { kind: 'SETTINGS_CHANGED', about: `webhook:${_id}`, unitId, detail };
}

type Stored = Pick<WebhookEndpoint, '_id' | 'version'>;

async function change(
  { models }: Pick<EndpointDeps, 'models'>,
  { _id, version }: Stored,
  set: Partial<WebhookEndpoint>,
): Promise<'SAVED' | 'STALE'> {
  const { matchedCount } = await writing(() =>
    models.webhookEndpoints.updateOne({ _id, version }, { $set: set, $inc: { version: 1 } }),
  );
  return matchedCount === 1 ? 'SAVED' : 'STALE';
}

/** Applies to events that are queued from then on. The new URL also gets what waits. */
export async function changeWebhook(
  deps: EndpointDeps,
  stored: Stored,
  { name, url, eventTypes, unitIds, typeIds }: EndpointSettings,
): Promise<'SAVED' | 'STALE'> {
  return change(deps, stored, { name, url, eventTypes, unitIds, typeIds });
}

/**
 * Makes a new secret. The old ones sign for 24 hours more.
 * @param callId names the act, if it may be repeated: a repeat gives what the first one made
 * @returns the new one; null if the endpoint was changed meanwhile
 */
export async function rotateSecret(
  deps: EndpointDeps,
  { _id, version, secrets }: Stored & Pick<WebhookEndpoint, 'secrets'>,
  callId?: string,
): Promise<string | null> {
  const made = callId === undefined ? undefined : secrets.find((one) => one.callId === callId);
  if (made) return shownSecret(deps.config, made.sealed);
  const now = deps.clock();
  const secret = newWebhookSecret(deps.config);
  const ending = secrets
    .map((one) => ({ ...one, endsAt: one.endsAt ?? new Date(now.getTime() + overlapMs) }))
    .filter(({ endsAt }) => endsAt > now);
  const all = [{ sealed: secret.sealed, endsAt: null, ...(callId && { callId }) }, ...ending];
  return (await change(deps, { _id, version }, { secrets: all })) === 'SAVED' ? secret.shown : null;
}

/** Stops deliveries, or lets them go on with what has waited. */
export async function switchWebhook(
  deps: EndpointDeps,
  stored: Stored,
  to: 'ACTIVE' | 'PAUSED',
): Promise<'SAVED' | 'STALE'> {
  return change(deps, stored, { state: to, restUntil: null });
}

/** Nothing more is sent, and what waits is deleted. */
export async function deleteWebhook({ models }: EndpointDeps, _id: string): Promise<void> {
  await writing(() => models.webhookEndpoints.deleteOne({ _id }));
  await models.webhookDeliveries.deleteMany({ endpointId: _id });
  await models.feedCursors.deleteMany({ _id: trusted({ $gte: `webhook:${_id}:`, $lt: `webhook:${_id};` }) });
}

/** Queues a test. Repeating it with the same `act` queues no second one. @returns the id of the delivery */
export async function queueTest(
  { models, clock }: EndpointDeps,
  endpointId: string,
  act = newId(),
): Promise<string> {
  const id = `${endpointId}:test:${act}`;
  await writing(() =>
    enqueue(models.webhookDeliveries, {
      ...newlyQueued(id, clock()),
      ...{ endpointId, changeId: null, type: 'webhook.test', subject: id, place: '', leasedBy: null },
      tries: [],
    }),
  );
  return id;
}

/** @throws DomainError `NOT_FOUND` */
export async function findDelivery(
  { models }: Pick<EndpointDeps, 'models'>,
  which: { _id: string; endpointId: string },
): Promise<WebhookDelivery> {
  const found = await reading(() => models.webhookDeliveries.findOne(which).lean<WebhookDelivery>());
  if (!found) throw new DomainError('NOT_FOUND');
  return found;
}

/** Sends a delivery again that has ended, with its first id. Repeating it with the same `callId` changes nothing. */
export async function redeliver(
  { models, clock }: EndpointDeps,
  { _id, endpointId }: { _id: string; endpointId: string },
  callId = newId(),
): Promise<void> {
  const ended = { attempts: 0, lastError: null, endedAt: null } as const;
  await writing(() =>
    models.webhookDeliveries.updateOne(
      { _id, endpointId, state: trusted({ $ne: 'QUEUED' }), callId: trusted({ $ne: callId }) },
      { $set: { ...ended, state: 'QUEUED', dueAt: clock(), callId }, $inc: { fence: 1 } },
    ),
  );
}

/**
 * Sends again what happened from a time on, in order, with the first ids. What was not read before the replay is sent too.
 * @param callId names the act, if it may be repeated: a repeat changes nothing
 * @returns `STALE` if the endpoint was changed meanwhile
 */
export async function replayFrom(
  deps: EndpointDeps,
  { _id, version, replays, replay }: Stored & Pick<WebhookEndpoint, 'replays' | 'replay'>,
  from: Date,
  callId?: string,
): Promise<'SAVED' | 'STALE'> {
  if (callId !== undefined && replay?.callId === callId) return 'SAVED';
  const { feedCursors } = deps.models;
  const old = cursorName({ _id, replays });
  const seen = await Promise.all(buckets.map((bucket) => readCursor(feedCursors, old, bucket)));
  for (const bucket of buckets) {
    const begin = Math.min(seen[bucket] ?? 0, await numberBefore(deps.models, bucket, from));
    // A replay that was broken off has left a cursor that may be further on.
    const name = cursorName({ _id, replays: replays + 1 });
    await feedCursors.deleteOne({ _id: `${name}:${bucket}` });
    await moveCursor(feedCursors, name, bucket, begin);
  }
  return change(
    deps,
    { _id, version },
    {
      replays: replays + 1,
      replay: { from, seen, ...(callId && { callId }) },
    },
  );
}

/** Clocks of processes differ, and step. What is published later than this before the time did not happen after it. */
const marginMs = 24 * hour;

/** A number before which nothing happened after a time. It is searched by halving, since numbers have no gaps and times grow with them. */
async function numberBefore(
  { changes, feedCursors }: Pick<Models, 'changes' | 'feedCursors'>,
  bucket: Bucket,
  from: Date,
): Promise<number> {
  const before = new Date(from.getTime() - marginMs);
  let low = 0;
  let high = await lastChangeNumber(changes, bucket, await furthestCursor(feedCursors, bucket));
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const entry = await changes
      .findById(changeId(bucket, middle), { publishedAt: 1 })
      .lean<Pick<Change, 'publishedAt'>>();
    if (!entry || entry.publishedAt < before) low = middle;
    else high = middle - 1;
  }
  return low;
}
