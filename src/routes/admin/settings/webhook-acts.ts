/** The forms of a webhook endpoint: settings, a test, a pause, a new secret, a replay, and its deletion. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import {
  changeWebhook,
  deleteWebhook,
  queueTest,
  replayFrom,
  rotateSecret,
  switchWebhook,
  type EndpointSettings,
} from '../../../domain/webhooks/endpoints.js';
import type { EndpointLag } from '../../../domain/webhooks/lag.js';
import type { WebhookDelivery } from '../../../models/webhook-delivery.js';
import type { WebhookEndpoint } from '../../../models/webhook-endpoint.js';
import { isDay, startOfDay } from '../../../vocabulary/time-zones.js';
import { momentOf } from '../../../vocabulary/words.js';
import { plansIn } from '../kit/fields.js';
import { declareAct, declareForm } from '../kit/form.js';
import { webhookGroups, webhookSchema, webhookTexts, type WebhookChoices } from './webhook-form.js';
import { auditWebhook, secretPage } from './webhooks.js';

export interface SeenWebhook {
  endpoint: WebhookEndpoint;
  choices: WebhookChoices;
  lag: EndpointLag;
  deliveries: WebhookDelivery[];
  older: string | null;
}

const rule = {
  ...({ may: 'settings.change', about: 'webhook' } as const),
  isKept: false,
  version: ({ endpoint }: SeenWebhook) => endpoint.version,
};
const backTo = ({ endpoint: { _id } }: SeenWebhook, said: string) => ({ to: adminPaths.webhook(_id), said });

export const settingsForm = declareForm<SeenWebhook, EndpointSettings>({
  ...rule,
  pattern: adminPatterns.webhook,
  groups: ({ choices }, _texts, ask) => [{ fields: plansIn(webhookGroups(choices, ask)) }],
  texts: ({ endpoint }) => webhookTexts(endpoint),
  button: 'Save',
  schema: ({ ask, subject, texts }) => webhookSchema(subject.choices, ask, texts),
  save: async ({ deps, ask, subject, values, version }) => {
    const { _id } = subject.endpoint;
    if ((await changeWebhook(deps, { _id, version }, values)) === 'STALE') return 'STALE';
    await auditWebhook(deps, ask, { ...values, _id }, 'changed');
    return backTo(subject, 'saved');
  },
});

export const testForm = declareAct<SeenWebhook>({
  ...rule,
  pattern: adminPatterns.webhookTests,
  button: 'Send a test',
  look: 'plain',
  save: async ({ deps, ask, subject }) => {
    await queueTest(deps, subject.endpoint._id);
    await auditWebhook(deps, ask, subject.endpoint, 'tested');
    return backTo(subject, 'tested');
  },
});

export const stateForm = declareAct<SeenWebhook>({
  ...rule,
  pattern: adminPatterns.webhookStates,
  button: 'Pause',
  look: 'plain',
  more: ({ endpoint: { state } }) => (state === 'ACTIVE' ? {} : { button: 'Resume' }),
  save: async ({ deps, ask, subject, version }) => {
    const { _id, state } = subject.endpoint;
    const isPause = state === 'ACTIVE';
    if ((await switchWebhook(deps, { _id, version }, isPause ? 'PAUSED' : 'ACTIVE')) === 'STALE')
      return 'STALE';
    await auditWebhook(deps, ask, subject.endpoint, isPause ? 'paused' : 'resumed');
    return backTo(subject, isPause ? 'paused' : 'resumed');
  },
});

export const secretForm = declareAct<SeenWebhook>({
  ...rule,
  pattern: adminPatterns.webhookSecrets,
  button: 'Make a new secret',
  look: 'plain',
  save: async ({ deps, ask, subject: { endpoint }, version }) => {
    const secret = await rotateSecret(deps, { ...endpoint, version });
    if (secret === null) return 'STALE';
    await auditWebhook(deps, ask, endpoint, 'has a new secret');
    return { html: secretPage(deps, ask, endpoint, secret) };
  },
});

export const replayForm = declareForm<SeenWebhook, Date>({
  ...rule,
  pattern: adminPatterns.webhookReplays,
  groups: (_subject, _texts, { zone }) => [
    {
      fields: [
        { kind: 'date', name: 'day', label: 'From which day', isRequired: true },
        {
          kind: 'text',
          name: 'time',
          label: 'At',
          isRequired: true,
          most: 5,
          hint: `Such as 02:30, in the zone ${zone}.`,
        },
      ],
    },
  ],
  texts: () => ({ time: '00:00' }),
  button: 'Replay events',
  look: 'plain',
  schema: ({ ask, deps }) =>
    z
      .object({
        day: z.string().refine(isDay, 'is not a day'),
        time: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time such as 02:30'),
      })
      .transform(({ day, time }) => {
        const [hours = 0, minutes = 0] = time.split(':').map(Number);
        return new Date(startOfDay(day, ask.zone).getTime() + (hours * 60 + minutes) * 60_000);
      })
      .refine((from) => from <= deps.clock(), { message: 'is in the future', path: ['day'] }),
  save: async ({ deps, ask, subject, values: from, version }) => {
    if ((await replayFrom(deps, { ...subject.endpoint, version }, from)) === 'STALE') return 'STALE';
    await auditWebhook(deps, ask, subject.endpoint, `repeats its events from ${momentOf(from, ask.zone)}`);
    return backTo(subject, 'replayed');
  },
});

export const deletionForm = declareAct<SeenWebhook>({
  ...rule,
  pattern: adminPatterns.webhookDeletions,
  button: 'Delete endpoint',
  look: 'stop',
  question: {
    heading: 'Delete this endpoint?',
    sentences: ['Nothing more is sent to it, and its list of deliveries is deleted.'],
  },
  save: async ({ deps, ask, subject: { endpoint } }) => {
    await deleteWebhook(deps, endpoint._id);
    await auditWebhook(deps, ask, endpoint, 'deleted');
    return { to: adminPaths.webhooks(), said: 'deleted' };
  },
});
