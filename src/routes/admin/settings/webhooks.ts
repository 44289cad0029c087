/** Settings: the list of webhook endpoints with the lag of each, and a new one. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import {
  createEndpoint,
  endpointAudit,
  webhooksWithin,
  type EndpointSettings,
} from '../../../domain/webhooks/endpoints.js';
import { readLag, type EndpointLag } from '../../../domain/webhooks/lag.js';
import type { WebhookEndpoint } from '../../../models/webhook-endpoint.js';
import { staffRef } from '../../../vocabulary/access.js';
import type { Scope } from '../../../vocabulary/scope.js';
import { listOf, momentOf } from '../../../vocabulary/words.js';
import { auditBy } from '../audit-by.js';
import { settingsCrumbs } from '../frame.js';
import { declareForm } from '../kit/form.js';
import { formRoutes, pageHtml } from '../kit/form-page.js';
import { listRoute, type ListPage } from '../kit/list-page.js';
import { offeredTypes } from '../options.js';
import type { AdminRoute, Ask } from '../route.js';
import { unitsWithin } from '../user-access.js';
import { lagWords, webhookGroups, webhookSchema, webhookState, type WebhookChoices } from './webhook-form.js';

export const webhookCrumbs = [...settingsCrumbs, { href: adminPaths.webhooks(), text: 'Webhooks' }];

interface WebhookRow {
  endpoint: WebhookEndpoint;
  lag: EndpointLag;
  units: string;
}

const webhookList: ListPage<WebhookRow> = {
  pattern: adminPatterns.webhooks,
  path: adminPaths.webhooks,
  may: 'settings.read',
  section: 'settings',
  title: 'Webhooks',
  crumbs: settingsCrumbs,
  lead: 'Other systems hear of opt-outs, opt-ins and changes of contacts within seconds, in order for each subscriber.',
  sayings: {
    deleted: { tone: 'good', strong: 'Endpoint deleted.', sentence: 'Nothing more is sent to it.' },
  },
  main: { href: adminPaths.newWebhook(), label: 'New endpoint', may: 'settings.change' },
  load: async (deps, { scope }) => {
    const endpoints = await webhooksWithin(deps, scope);
    const { units } = await deps.catalogue();
    return {
      rows: await Promise.all(
        endpoints.map(async (endpoint) => ({
          ...{ endpoint, lag: await readLag(deps.models, endpoint) },
          units: endpoint.unitIds
            ? listOf(endpoint.unitIds.map((id) => units.get(id)?.name ?? ''))
            : 'All business units',
        })),
      ),
    };
  },
  columns: ({ zone }) => [
    {
      heading: 'System',
      cell: ({ endpoint: { _id, name }, units }) => ({
        href: adminPaths.webhook(_id),
        text: name,
        note: units,
      }),
    },
    { heading: 'State', cell: ({ endpoint }) => ({ state: webhookState(endpoint) }) },
    { heading: 'Lag', cell: ({ lag }) => lagWords(lag, zone) },
    {
      heading: 'Last success',
      isNumeric: true,
      cell: ({ endpoint: { lastSuccessAt } }) => ({
        text: lastSuccessAt ? momentOf(lastSuccessAt, zone) : 'None yet',
      }),
    },
  ],
  empty: () => ({
    heading: 'No endpoints yet',
    sentence: 'An endpoint is a URL of another system, which gets a signed call for each event.',
  }),
};

/** What the forms offer to this user. @param chosen types that the endpoint has */
export async function webhookChoices(
  deps: Deps,
  scope: Scope,
  chosen: readonly number[] = [],
): Promise<WebhookChoices> {
  return {
    units: await unitsWithin(deps, scope),
    types: offeredTypes(await deps.catalogue(), scope, chosen.map(String)),
  };
}

const newWebhookForm = declareForm<WebhookChoices, EndpointSettings>({
  pattern: adminPatterns.newWebhook,
  may: 'settings.change',
  about: 'nothing',
  groups: (choices, _texts, ask) => webhookGroups(choices, ask),
  texts: () => ({ reach: 'all' }),
  button: 'Create endpoint',
  more: () => ({ cancelHref: adminPaths.webhooks() }),
  schema: ({ ask, subject, texts }) => webhookSchema(subject, ask, texts),
  save: async ({ deps, ask, values }) => {
    const { id, secret } = await createEndpoint(deps, values, staffRef(ask.user));
    await auditWebhook(deps, ask, { ...values, _id: id }, 'created');
    // No redirect: the secret would have to be readable to be shown after it.
    return { html: secretPage(deps, ask, { ...values, _id: id }, secret) };
  },
});

/** The only page that shows a secret. */
export function secretPage(
  deps: Deps,
  ask: Ask,
  { _id, name }: Pick<WebhookEndpoint, '_id' | 'name'>,
  secret: string,
): string {
  return pageHtml(
    deps,
    ask,
    { section: 'settings' },
    {
      title: 'The signing secret',
      crumbs: webhookCrumbs,
      panels: [
        {
          sentences: [
            'Copy it now: it is not shown again.',
            `The system “${name}” checks with it that a call comes from Sayso. The signature is that of Standard Webhooks.`,
          ],
          secret: { label: 'Secret', value: secret, isLong: true },
          link: { href: adminPaths.webhook(_id), text: 'I have copied it' },
        },
      ],
    },
  );
}

export async function auditWebhook(
  deps: Deps,
  ask: Ask,
  endpoint: Pick<WebhookEndpoint, '_id' | 'name' | 'unitIds'>,
  what: string,
): Promise<void> {
  await auditBy(deps, ask, endpointAudit(endpoint, what));
}

export function webhookListRoutes(deps: Deps): AdminRoute[] {
  return [
    listRoute(deps, webhookList),
    ...formRoutes<WebhookChoices>(deps, {
      section: 'settings',
      load: (all, { scope }) => webhookChoices(all, scope),
      show: (_about, form) => ({
        title: 'New endpoint',
        crumbs: webhookCrumbs,
        form: form(newWebhookForm),
      }),
      forms: [newWebhookForm],
    }),
  ];
}
