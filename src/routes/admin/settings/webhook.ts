/** One webhook endpoint: its lag, its deliveries, and its forms. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { cursorIn, timeAndId, pageIn, placeInTime } from '../../../cursor.js';
import type { Deps } from '../../../deps.js';
import { findWebhook } from '../../../domain/webhooks/endpoints.js';
import { readLag } from '../../../domain/webhooks/lag.js';
import { DomainError } from '../../../errors.js';
import { findDeliveries, type WebhookDelivery } from '../../../models/webhook-delivery.js';
import { mayRole } from '../../../vocabulary/access.js';
import { counted, momentOf } from '../../../vocabulary/words.js';
import { queryOf } from '../form.js';
import type { Sayings } from '../frame.js';
import { formRoutes } from '../kit/form-page.js';
import { tableOf, type Column } from '../kit/list-page.js';
import { present } from '../present.js';
import type { Ask, StaffRoute } from '../route.js';
import {
  deletionForm,
  replayForm,
  secretForm,
  settingsForm,
  stateForm,
  testForm,
  type SeenWebhook,
} from './webhook-acts.js';
import { deliveryStates, lagWords, webhookState } from './webhook-form.js';
import { webhookChoices, webhookCrumbs } from './webhooks.js';

const sayings: Sayings = {
  saved: { tone: 'good', strong: 'Saved.', sentence: 'It applies to the next event.' },
  tested: { tone: 'good', strong: 'The test is queued.', sentence: 'A worker sends it now.' },
  paused: { tone: 'good', strong: 'Paused.', sentence: 'Events wait until you resume.' },
  resumed: { tone: 'good', strong: 'Active again.', sentence: 'What has waited is sent now.' },
  replayed: { tone: 'good', strong: 'The replay has begun.', sentence: 'A worker queues the events now.' },
};

const perPage = 25;

const columnsFor = ({ zone }: Ask): Column<WebhookDelivery>[] => [
  {
    heading: 'Event',
    cell: ({ _id, endpointId, type, at }) => ({
      href: adminPaths.webhookDelivery(endpointId, { delivery: _id }),
      text: type,
      note: momentOf(at, zone),
    }),
  },
  { heading: 'State', cell: ({ state }) => ({ state: deliveryStates[state] }) },
  {
    heading: 'Last answer',
    cell: ({ tries }) => {
      const last = tries.at(-1);
      if (!last) return { text: 'None yet' };
      return { text: last.status === null ? 'No answer' : String(last.status), note: `${last.ms} ms` };
    },
  },
  {
    heading: 'Next attempt',
    isNumeric: true,
    cell: ({ state, dueAt }) =>
      state === 'QUEUED' ? { time: { iso: dueAt.toISOString(), words: momentOf(dueAt, zone) } } : {},
  },
];

export function webhookRoutes(deps: Deps): StaffRoute[] {
  return formRoutes<SeenWebhook>(deps, {
    pattern: adminPatterns.webhook,
    may: 'settings.read',
    about: 'webhook',
    section: 'settings',
    sayings,
    load: webhookAsked,
    show: ({ ask, subject }, form) => {
      const { endpoint, lag, deliveries, older } = subject;
      const mayChange = mayRole(ask.user.role, 'settings.change');
      const behind = lagWords(lag, ask.zone);
      const when = (at: Date | null) => (at ? momentOf(at, ask.zone) : 'None yet');
      const old = endpoint.secrets.find(({ endsAt }) => endsAt !== null && endsAt > deps.clock());
      return {
        title: endpoint.name,
        state: webhookState(endpoint),
        crumbs: webhookCrumbs,
        ...(lag.waiting > 0 || lag.hasUnread ? { refresh: 5 } : {}),
        aside: [
          {
            heading: 'Lag',
            facts: present([
              { term: 'Events', ...behind },
              { term: 'Given up', text: counted(lag.failed, 'delivery', 'deliveries') },
              { term: 'Last success', text: when(endpoint.lastSuccessAt) },
              endpoint.failingSince && { term: 'Failing since', text: when(endpoint.failingSince) },
              endpoint.restUntil &&
                endpoint.restUntil > deps.clock() && {
                  term: 'Rests until',
                  text: when(endpoint.restUntil),
                  note: 'The receiver is overloaded.',
                },
            ]),
            ...(mayChange ? { form: form(stateForm) } : {}),
          },
          ...(mayChange
            ? [
                {
                  heading: 'Test',
                  sentences: ['Sends an event of the type webhook.test, without data.'],
                  form: form(testForm),
                },
                {
                  heading: 'Secret',
                  sentences: [
                    'Calls are signed with both secrets for 24 hours after you make a new one.',
                    ...(old ? [`The old secret signs until ${when(old.endsAt)}.`] : []),
                  ],
                  form: form(secretForm),
                },
              ]
            : []),
        ],
        panels: present([
          {
            heading: 'Deliveries',
            ...(deliveries.length > 0
              ? { table: tableOf('Deliveries', columnsFor(ask), deliveries) }
              : { sentences: ['None yet. Deliveries are shown for 30 days after their end.'] }),
            ...(older && {
              link: { href: adminPaths.webhook(endpoint._id, { before: older }), text: 'Older' },
            }),
          },
          mayChange && {
            heading: 'Replay',
            sentences: ['Sends all events from a time on again, in order and with their first ids.'],
            form: form(replayForm),
          },
          { heading: 'Settings', form: form(settingsForm) },
          mayChange && { heading: 'Delete', form: form(deletionForm) },
        ]),
      };
    },
    forms: [settingsForm, testForm, stateForm, secretForm, replayForm, deletionForm],
  });
}

/** @throws DomainError `NOT_FOUND` for an endpoint that does not exist for this user */
async function webhookAsked(deps: Deps, { request, scope }: Ask): Promise<SeenWebhook> {
  const endpoint = await findWebhook(deps, String(request.params['webhook']), scope);
  if (!endpoint) throw new DomainError('NOT_FOUND');
  const before = cursorIn(queryOf(request, 'before', 1000), timeAndId);
  const found = await findDeliveries(deps.models.webhookDeliveries, {
    ...{ endpointId: endpoint._id, before, limit: perPage + 1 },
  });
  const { page: deliveries, next: older } = pageIn(found, perPage, placeInTime);
  const choices = await webhookChoices(deps, scope, endpoint.typeIds);
  return { endpoint, choices, deliveries, older, lag: await readLag(deps.models, endpoint) };
}
