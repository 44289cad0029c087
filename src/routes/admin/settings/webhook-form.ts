/** The fields of a webhook endpoint, their schema, and the words for its state and its lag. */
import { z } from 'zod';
import { line, urlText } from '../../../domain/catalogue/fields.js';
import type { EndpointSettings } from '../../../domain/webhooks/endpoints.js';
import { mostCounted, type EndpointLag } from '../../../domain/webhooks/lag.js';
import type { DeliveryState } from '../../../models/webhook-delivery.js';
import type { WebhookEndpoint } from '../../../models/webhook-endpoint.js';
import type { State } from '../../../views/admin-frame.js';
import { allEventTypes, eventTypes } from '../../../vocabulary/event-types.js';
import type { BusinessUnit, SubscriptionType } from '../../../vocabulary/terms.js';
import { figure, momentOf, typeName } from '../../../vocabulary/words.js';
import type { GroupPlan, Texts } from '../kit/fields.js';
import type { Ask } from '../route.js';
import { reachFields, reachSchema, reachTexts } from '../user-access.js';

/** What a form may offer: business units within the scope, and their subscription types. */
export interface WebhookChoices {
  units: readonly BusinessUnit[];
  types: readonly SubscriptionType[];
}

export function webhookGroups({ units, types }: WebhookChoices, ask: Ask): GroupPlan[] {
  return [
    {
      legend: 'The receiver',
      fields: [
        { kind: 'text', name: 'name', label: 'Which system gets the webhooks?', isRequired: true, most: 60 },
        { kind: 'url', name: 'url', label: 'URL', isRequired: true, hint: 'An https:// address.' },
      ],
    },
    {
      legend: 'Events',
      fields: [
        {
          kind: 'ticks',
          name: 'eventTypes',
          label: 'Types of events',
          hint: 'If you choose none, the system gets all types of events.',
          options: allEventTypes.map((value) => ({ value, label: eventTypes[value], hint: value })),
        },
        ...reachFields(units, ask),
        {
          kind: 'ticks',
          name: 'typeIds',
          label: 'Subscription types',
          hint: 'If you choose none, the system gets the events of all. Events without a subscription type, such as an opt-out of all, are always sent.',
          options: types.map((type) => ({
            ...{ value: String(type.id), label: typeName(type) },
            hint: units.find(({ id }) => id === type.unitId)?.name ?? '',
          })),
        },
      ],
    },
  ];
}

export function webhookTexts({ name, url, eventTypes: chosen, unitIds, typeIds }: WebhookEndpoint): Texts {
  return {
    ...{ name, url, eventTypes: chosen.join('\n'), typeIds: typeIds.join('\n') },
    ...reachTexts(unitIds),
  };
}

export function webhookSchema(
  { units, types }: WebhookChoices,
  ask: Ask,
  texts: Texts,
): z.ZodType<EndpointSettings> {
  return z
    .object({
      name: line(60),
      url: urlText,
      eventTypes: z.array(z.enum(allEventTypes, 'Choose only events from the list.')),
      ...reachSchema(units, ask, texts),
      typeIds: z
        .array(z.coerce.number())
        .refine(
          (ids) => ids.every((id) => types.some((type) => type.id === id)),
          'Choose only subscription types from the list.',
        ),
    })
    .transform(({ reach: _, unit, ...rest }) => ({ ...rest, unitIds: unit }));
}

export function webhookState({ state, failingSince }: WebhookEndpoint): State {
  if (state === 'GONE') return { tone: 'out', words: 'Gone' };
  if (state === 'PAUSED') return { tone: 'none', words: 'Paused' };
  return failingSince ? { tone: 'out', words: 'Failing' } : { tone: 'in', words: 'Active' };
}

export const deliveryStates: Readonly<Record<DeliveryState, State>> = {
  QUEUED: { tone: 'wait', words: 'Waiting' },
  DELIVERED: { tone: 'in', words: 'Delivered' },
  FAILED: { tone: 'out', words: 'Given up' },
};

/** "12 waiting", and since when. */
export function lagWords({ waiting, since, hasUnread }: EndpointLag, zone: string) {
  const most = waiting >= mostCounted ? `${figure(mostCounted)} or more` : figure(waiting);
  const text = waiting > 0 ? `${most} waiting` : hasUnread ? 'Reading new events' : 'Up to date';
  return { text, ...(since ? { note: `Since ${momentOf(since, zone)}` } : {}) };
}
