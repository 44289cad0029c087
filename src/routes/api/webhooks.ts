/** The API of webhooks: endpoints, which a key sees and changes only if it reaches all of their business units. */
import { cursorOrFault, cursorText, timeAndId, type TimeAndId } from '../../cursor.js';
import type { Deps } from '../../deps.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { recordAudit } from '../../domain/staff/audit.js';
import {
  changeWebhook,
  createEndpoint,
  deleteWebhook,
  endpointAudit,
  findWebhook,
  replayFrom,
  rotateSecret,
  switchWebhook,
  webhooksWithin,
  type EndpointSettings,
} from '../../domain/webhooks/endpoints.js';
import { readLag } from '../../domain/webhooks/lag.js';
import { DomainError } from '../../errors.js';
import type { WebhookEndpoint } from '../../models/webhook-endpoint.js';
import { isInScope, isWithin } from '../../vocabulary/scope.js';
import type { EventType } from '../../vocabulary/event-types.js';
import { momentOf } from '../../vocabulary/words.js';
import type { Handler, Named } from './operation.js';

export interface OneWebhook {
  params: { id: string };
}
interface Settings {
  name: string;
  url: string;
  eventTypes: EventType[];
  businessUnitIds: number[] | null;
  subscriptionTypeIds: number[];
}
type Given = { [Field in keyof Settings]?: Settings[Field] | undefined };

export interface Page {
  limit: number;
  after?: string | undefined;
}

const mostAttempts = 5;

/** In the order of creation. @throws DomainError `INVALID_FORM` for a text that is not a cursor of this list */
export const showWebhooks: Handler<{ query: Page }> = async (
  deps,
  { scope },
  { query: { limit, after } },
) => {
  const place = cursorOrFault('after', after, timeAndId);
  const order = (one: TimeAndId, other: TimeAndId) =>
    one.at.getTime() - other.at.getTime() || (one.id < other.id ? -1 : Number(one.id > other.id));
  const placeOf = ({ createdAt, _id }: WebhookEndpoint) => ({ at: createdAt, id: _id });
  const found = (await webhooksWithin(deps, scope))
    .filter((one) => !place || order(placeOf(one), place) > 0)
    .sort((one, other) => order(placeOf(one), placeOf(other)));
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  const results = await Promise.all(page.map((one) => answerOf(deps, one)));
  return { body: { results, after: last ? cursorText(placeOf(last)) : null } };
};

/** @throws DomainError `NOT_FOUND` */
export const showWebhook: Handler<OneWebhook> = async (deps, caller, { params }) => {
  return { body: await answerOf(deps, await webhookOf(deps, caller, params.id)) };
};

/** A repeat with the same `Idempotency-Key` gives the endpoint that the first call made. @throws DomainError `INVALID_FORM` */
export const createWebhookByApi: Handler<{ body: Given } & Named> = async (
  deps,
  caller,
  { body, callId },
) => {
  const units = caller.scope && [...caller.scope];
  const usual = { name: '', url: '', eventTypes: [], unitIds: units, typeIds: [] };
  const settings = await settingsOf(deps, caller, usual, body);
  const { id, secret, isNew } = await createEndpoint(deps, settings, caller.ref, callId);
  const endpoint = await webhookOf(deps, caller, id);
  if (isNew) await audit(deps, caller, endpoint, 'created');
  return { body: { ...(await answerOf(deps, endpoint)), secret } };
};

/** @throws DomainError `NOT_FOUND`, `INVALID_FORM`; `CONFLICT` for another version than the given one */
export const updateWebhookByApi: Handler<
  OneWebhook & { body: Given & { version?: number | undefined } }
> = async (deps, caller, { params, body: { version, ...given } }) => {
  const { after } = await changed(deps, caller, params.id, async (endpoint) => {
    if (version !== undefined && version !== endpoint.version)
      throw new DomainError('CONFLICT', 'The endpoint was changed meanwhile.');
    return changeWebhook(deps, endpoint, await settingsOf(deps, caller, endpoint, given));
  });
  await audit(deps, caller, after, 'changed');
  return { body: await answerOf(deps, after) };
};

/** @throws DomainError `NOT_FOUND` */
export const setWebhookState: Handler<OneWebhook & { body: { state: 'ACTIVE' | 'PAUSED' } }> = async (
  deps,
  caller,
  { params, body: { state } },
) => {
  const { before, after } = await changed(deps, caller, params.id, async (endpoint) =>
    endpoint.state === state ? 'SAVED' : switchWebhook(deps, endpoint, state),
  );
  if (before.state !== state) await audit(deps, caller, after, state === 'PAUSED' ? 'paused' : 'resumed');
  return { body: await answerOf(deps, after) };
};

/** @throws DomainError `NOT_FOUND` */
export const rotateWebhookSecret: Handler<OneWebhook & Named> = async (deps, caller, { params, callId }) => {
  let secret: string | null = null;
  const { after } = await changed(deps, caller, params.id, async (endpoint) => {
    secret = await rotateSecret(deps, endpoint, callId);
    return secret === null ? 'STALE' : 'SAVED';
  });
  await audit(deps, caller, after, 'has a new secret');
  return { body: { secret, oldSecretEndsAt: oldSecretEnd(deps, after) } };
};

/** @throws DomainError `NOT_FOUND`; `INVALID_FORM` for a time in the future */
export const replayWebhook: Handler<OneWebhook & { body: { from: string } } & Named> = async (
  deps,
  caller,
  { params, body, callId },
) => {
  const from = new Date(body.from);
  if (from > deps.clock()) throw new DomainError('INVALID_FORM', 'body.from is in the future.');
  const { after } = await changed(deps, caller, params.id, (endpoint) =>
    replayFrom(deps, endpoint, from, callId),
  );
  await audit(deps, caller, after, `repeats its events from ${momentOf(from, 'UTC')} UTC`);
  return { body: await answerOf(deps, after) };
};

/** @throws DomainError `NOT_FOUND` */
export const deleteWebhookByApi: Handler<OneWebhook> = async (deps, caller, { params }) => {
  const endpoint = await webhookOf(deps, caller, params.id);
  await deleteWebhook(deps, endpoint._id);
  await audit(deps, caller, endpoint, 'deleted');
  return {};
};

/** @throws DomainError `NOT_FOUND` for an endpoint that does not exist for this key */
export async function webhookOf(deps: Deps, { scope }: ApiCaller, id: string): Promise<WebhookEndpoint> {
  const found = await findWebhook(deps, id, scope);
  if (!found) throw new DomainError('NOT_FOUND');
  return found;
}

/** Changes an endpoint as it is now, also if somebody else changes it at the same time. */
async function changed(
  deps: Deps,
  caller: ApiCaller,
  id: string,
  act: (endpoint: WebhookEndpoint) => Promise<'SAVED' | 'STALE'>,
): Promise<{ before: WebhookEndpoint; after: WebhookEndpoint }> {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const before = await webhookOf(deps, caller, id);
    if ((await act(before)) === 'SAVED') return { before, after: await webhookOf(deps, caller, id) };
  }
  throw new DomainError('CONFLICT', 'The endpoint is changed by others at the moment.');
}

/** The settings with the given ones changed. @throws DomainError `INVALID_FORM` for units and types that the key does not reach */
async function settingsOf(
  { catalogue }: Deps,
  { scope }: ApiCaller,
  before: EndpointSettings,
  given: Given,
): Promise<EndpointSettings> {
  const { units, orderedTypes } = await catalogue();
  const { businessUnitIds: unitIds = before.unitIds, subscriptionTypeIds: typeIds = before.typeIds } = given;
  if (!isWithin(unitIds, scope) || unitIds?.some((id) => !units.has(id)))
    throw new DomainError('INVALID_FORM', 'body.businessUnitIds has a unit that this key does not reach.');
  const known = new Set(orderedTypes.filter((type) => isInScope(scope, type.unitId)).map(({ id }) => id));
  if (given.subscriptionTypeIds?.some((id) => !known.has(id)))
    throw new DomainError(
      'INVALID_FORM',
      'body.subscriptionTypeIds has a type that this key does not reach.',
    );
  const { name = before.name, url = before.url, eventTypes = before.eventTypes } = given;
  return { name, url, eventTypes, unitIds, typeIds };
}

function oldSecretEnd({ clock }: Deps, { secrets }: WebhookEndpoint): Date | null {
  const now = clock();
  return secrets.map(({ endsAt }) => endsAt).find((endsAt) => endsAt !== null && endsAt > now) ?? null;
}

async function answerOf(deps: Deps, endpoint: WebhookEndpoint): Promise<object> {
  const { _id: id, name, url, eventTypes, state, failingSince, restUntil, lastSuccessAt } = endpoint;
  const { waiting, failed: givenUp, hasUnread, since } = await readLag(deps.models, endpoint);
  return {
    ...{
      id,
      name,
      url,
      eventTypes,
      businessUnitIds: endpoint.unitIds,
      subscriptionTypeIds: endpoint.typeIds,
    },
    ...{ state, failingSince, lastSuccessAt, oldSecretEndsAt: oldSecretEnd(deps, endpoint) },
    restUntil: restUntil && restUntil > deps.clock() ? restUntil : null,
    lag: { waiting, givenUp, hasUnread, since },
    ...{ version: endpoint.version, createdAt: endpoint.createdAt },
  };
}

export async function audit(
  deps: Deps,
  { ref }: ApiCaller,
  endpoint: Pick<WebhookEndpoint, '_id' | 'name' | 'unitIds'>,
  what: string,
): Promise<void> {
  await recordAudit(deps, { ...endpointAudit(endpoint, what), by: ref });
}
