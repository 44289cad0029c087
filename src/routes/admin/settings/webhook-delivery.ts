/** One delivery of a webhook: what it sends, each attempt with its answer, and "Deliver again". */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { readBody } from '../../../domain/webhooks/body.js';
import { findDelivery, findWebhook, redeliver } from '../../../domain/webhooks/endpoints.js';
import { DomainError } from '../../../errors.js';
import type { DeliveryTry, WebhookDelivery } from '../../../models/webhook-delivery.js';
import type { WebhookEndpoint } from '../../../models/webhook-endpoint.js';
import { mayRole } from '../../../vocabulary/access.js';
import { momentOf } from '../../../vocabulary/words.js';
import { sentOf } from '../form.js';
import { declareAct } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import { tableOf, type Column } from '../kit/list-page.js';
import type { Ask, StaffRoute } from '../route.js';
import { deliveryStates } from './webhook-form.js';
import { auditWebhook, webhookCrumbs } from './webhooks.js';

interface Seen {
  endpoint: WebhookEndpoint;
  delivery: WebhookDelivery;
  sent: { id: string; body: string } | null;
}

const pageOf = ({ delivery: { _id, endpointId } }: Seen) =>
  adminPaths.webhookDelivery(endpointId, { delivery: _id });

const againForm = declareAct<Seen>({
  pattern: adminPatterns.webhookRedeliveries,
  may: 'settings.change',
  about: 'webhook',
  hidden: ({ delivery }) => [{ name: 'delivery', value: delivery._id }],
  button: 'Deliver again',
  look: 'plain',
  save: async ({ deps, ask, subject }) => {
    await redeliver(deps, subject.delivery);
    await auditWebhook(deps, ask, subject.endpoint, 'gets a delivery again');
    return { to: `${pageOf(subject)}`, said: 'queued' };
  },
});

const columnsFor = ({ zone }: Ask): Column<DeliveryTry>[] => [
  { heading: 'When', cell: ({ at }) => ({ time: { iso: at.toISOString(), words: momentOf(at, zone) } }) },
  {
    heading: 'Answer',
    cell: ({ status, text }) => ({ text: status === null ? 'No answer' : String(status), note: text }),
  },
  { heading: 'Time', isNumeric: true, cell: ({ ms }) => ({ text: `${ms} ms` }) },
];

export function webhookDeliveryRoutes(deps: Deps): StaffRoute[] {
  return formRoutes<Seen>(deps, {
    pattern: adminPatterns.webhookDelivery,
    may: 'settings.read',
    section: 'settings',
    sayings: {
      queued: { tone: 'good', strong: 'The delivery is queued.', sentence: 'A worker sends it now.' },
    },
    load: deliveryAsked,
    show: ({ ask, subject: { endpoint, delivery, sent } }, form) => {
      const { type, state, tries, at, dueAt } = delivery;
      return {
        title: type,
        state: deliveryStates[state],
        crumbs: [...webhookCrumbs, { href: adminPaths.webhook(endpoint._id), text: endpoint.name }],
        ...(state === 'QUEUED' ? { refresh: 5 } : {}),
        aside: [
          {
            heading: 'Delivery',
            facts: [
              { term: 'Queued', text: momentOf(at, ask.zone) },
              ...(state === 'QUEUED' ? [{ term: 'Next attempt', text: momentOf(dueAt, ask.zone) }] : []),
              ...(sent ? [{ term: 'webhook-id', text: sent.id }] : []),
            ],
            ...(state !== 'QUEUED' && mayRole(ask.user.role, 'settings.change')
              ? { form: form(againForm) }
              : {}),
          },
        ],
        panels: [
          {
            heading: 'Body',
            ...(sent
              ? {
                  sentences: ['The address is looked up for each attempt, so an erased one is not sent.'],
                  example: JSON.stringify(JSON.parse(sent.body), null, 2),
                  exampleOf: 'The body of the call',
                }
              : { sentences: ['The event is not in the feed any more.'] }),
          },
          {
            heading: 'Attempts',
            ...(tries.length > 0
              ? { table: tableOf('Attempts', columnsFor(ask), [...tries].reverse()) }
              : { sentences: ['None yet.'] }),
          },
        ],
      };
    },
    forms: [againForm],
  });
}

/** @throws DomainError `NOT_FOUND` for a delivery that does not exist for this user */
async function deliveryAsked(deps: Deps, { request, scope }: Ask): Promise<Seen> {
  const endpoint = await findWebhook(deps, String(request.params['webhook']), scope);
  if (!endpoint) throw new DomainError('NOT_FOUND');
  const which = { _id: sentOf(request, 'delivery', 300), endpointId: endpoint._id };
  const delivery = await findDelivery(deps, which);
  return { endpoint, delivery, sent: await readBody(deps.models, delivery, endpoint) };
}
