/** The API of webhooks: endpoints, which a key sees and changes only if it reaches all of their business units. */
import type { Deps } from '../../deps.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { endpointAudit, findWebhook, type EndpointSettings } from '../../domain/webhooks/endpoints.js';
import { readLag } from '../../domain/webhooks/lag.js';
import { DomainError } from '../../errors.js';
import type { WebhookEndpoint } from '../../models/webhook-endpoint.js';
import type { EventType } from '../../vocabulary/event-types.js';
import { isInScope, isWithin } from '../../vocabulary/scope.js';

interface Settings {
  name: string;
  url: string;
  eventTypes: EventType[];
  businessUnitIds: number[] | null;
  subscriptionTypeIds: number[];
}
type Given = { [Field in keyof Settings]?: Settings[Field] | undefined };

const mostAttempts = 5;

/** @throws DomainError `NOT_FOUND` for an endpoint that does not exist for this key */
export async function webhookOf(deps: Deps, { scope }: ApiCaller, id: string): Promise<WebhookEndpoint> {
  const found = await findWebhook(deps, id, scope);
  if (!found) throw new DomainError('NOT_FOUND');
  return found;
}

/** Changes an endpoint as it is now, also if somebody else changes it at the same time. */
export async function changed(
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
export async function settingsOf(
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

export function oldSecretEnd({ clock }: Deps, { secrets }: WebhookEndpoint): Date | null {
  const now = clock();
  return secrets.map(({ endsAt }) => endsAt).find((endsAt) => endsAt !== null && endsAt > now) ?? null;
}

export async function answerOf(deps: Deps, endpoint: WebhookEndpoint): Promise<object> {
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
