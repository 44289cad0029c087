/** One endpoint of a mail provider: its URL, its key and topics, what it received, and a test. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { changeEndpoint, deleteEndpoint, findEndpoint } from '../../../domain/bounces/endpoints.js';
import type { OpenedEndpoint } from '../../../domain/bounces/endpoints.js';
import type { BounceProvider } from '../../../domain/bounces/providers/contract.js';
import { providerOf } from '../../../domain/bounces/providers/registry.js';
import { DomainError } from '../../../errors.js';
import type { ReportEndpoint } from '../../../models/report-endpoint.js';
import { paths, testHeader } from '../../../paths.js';
import { mayRole } from '../../../vocabulary/access.js';
import type { Catalogue } from '../../../vocabulary/terms.js';
import { momentOf } from '../../../vocabulary/words.js';
import { auditBy } from '../audit-by.js';
import { settingsCrumbs, type Sayings } from '../frame.js';
import { linesOf, type FieldPlan } from '../kit/fields.js';
import { declareAct, declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import type { Ask, StaffRoute } from '../route.js';
import { countFacts, endpointState } from './bounce-words.js';
import { present } from '../present.js';

interface Endpoint {
  stored: ReportEndpoint;
  opened: OpenedEndpoint;
  provider: BounceProvider;
  units: Catalogue['units'];
}

const sayings: Sayings = {
  created: {
    tone: 'good',
    strong: 'Endpoint created.',
    sentence: 'Now give its URL to the provider, in the steps below.',
  },
  saved: { tone: 'good', strong: 'Saved.', sentence: 'The next call is checked with it.' },
  tested: { tone: 'good', strong: 'The URL works.', sentence: 'A test call reached this endpoint.' },
};

const crumbs = [...settingsCrumbs, { href: adminPaths.bounces(), text: 'Bounces and complaints' }];

const rule = { may: 'settings.change', about: 'endpoint' } as const;

const secretsForm = declareForm<Endpoint, { key?: string | undefined; topics?: string[] | undefined }>({
  pattern: adminPatterns.bounceEndpoint,
  ...rule,
  isKept: false,
  groups: ({ provider: { key, topics }, stored }) => [
    {
      fields: present([
        key &&
          ({
            kind: 'password',
            name: 'key',
            label: key.label,
            hint: stored.key === null ? key.hint : 'A key is stored. Leave this empty to keep it.',
            isRequired: stored.key === null,
            autocomplete: 'off',
          } satisfies FieldPlan),
        topics &&
          ({
            ...{ kind: 'area', name: 'topics', label: topics.label, hint: topics.hint },
            isRequired: true,
          } satisfies FieldPlan),
      ]),
    },
  ],
  texts: ({ stored }) => ({ topics: stored.topics.join('\n') }),
  version: ({ stored }) => stored.version,
  button: 'Save',
  schema: ({ subject: { provider, stored } }) =>
    z.object({
      key: z
        .string()
        .transform((text) => text.trim() || undefined)
        .refine((key) => key !== undefined || stored.key !== null, 'Enter the key.')
        .refine((key) => key === undefined || provider.key?.isRight(key), 'is not such a key')
        .optional(),
      topics: z
        .string()
        .transform((text) =>
          linesOf(text)
            .map((line) => line.trim())
            .filter(Boolean),
        )
        .refine((lines) => lines.length > 0, 'Enter at least one topic.')
        .refine((lines) => lines.length <= 20, 'has more than 20 lines')
        .refine(
          (lines) => lines.every((line) => provider.topics?.isRight(line)),
          'has a line that is not a topic',
        )
        .optional(),
    }),
  save: async ({ deps, ask, subject: { stored }, values: { key, topics = [] }, version }) => {
    const set = { topics, ...(key === undefined ? {} : { key }) };
    if ((await changeEndpoint(deps, { id: stored._id, version }, set)) === 'STALE') return 'STALE';
    await audit(deps, ask, stored, 'endpoint changed');
    return { to: adminPaths.bounceEndpoint(stored._id), said: 'saved' };
  },
});

const testForm = declareAct<Endpoint>({
  ...rule,
  pattern: adminPatterns.bounceEndpointTests,
  button: 'Send a test',
  look: 'plain',
  save: async ({ deps, subject: { stored, opened } }) => {
    const fault = await faultOfUrl(urlOf(deps, opened));
    if (fault !== null) return { faults: [{ text: fault, href: '' }] };
    return { to: adminPaths.bounceEndpoint(stored._id), said: 'tested' };
  },
});

const deletionForm = declareAct<Endpoint>({
  ...rule,
  pattern: adminPatterns.bounceEndpointDeletions,
  button: 'Delete endpoint',
  look: 'stop',
  question: {
    heading: 'Delete this endpoint?',
    sentences: ['Calls of its URL are refused at once. What it reported so far stays.'],
  },
  save: async ({ deps, ask, subject: { stored } }) => {
    await deleteEndpoint(deps, stored._id);
    await audit(deps, ask, stored, 'endpoint deleted');
    return { to: adminPaths.bounces(), said: 'deleted' };
  },
});

export function bounceEndpointRoutes(deps: Deps): StaffRoute[] {
  return formRoutes<Endpoint>(deps, {
    may: 'settings.read',
    section: 'settings',
    sayings,
    load: endpointAsked,
    show: ({ ask, subject }, form) => {
      const { stored, opened, provider, units } = subject;
      const mayChange = mayRole(ask.user.role, 'settings.change');
      const when = (at: Date | null) => (at ? momentOf(at, ask.zone) : 'None yet');
      return {
        title: `${provider.name} endpoint`,
        state: endpointState(stored),
        crumbs,
        aside: [
          {
            heading: 'What it received',
            facts: present([
              { term: 'Business unit', text: units.get(stored.unitId ?? -1)?.name ?? '' },
              { term: 'Last event', text: when(stored.lastEventAt) },
              { term: 'Last test', text: when(stored.lastTestAt) },
              stored.problem && {
                term: 'Last refused call',
                text: momentOf(stored.problem.at, ask.zone),
                note: stored.problem.sentence,
              },
              ...countFacts(stored),
            ]),
          },
        ],
        panels: [
          ...(mayChange
            ? [
                {
                  heading: 'URL',
                  sentences: ['The URL contains a secret. Give it to the provider only.'],
                  secret: { label: 'URL of the endpoint', value: urlOf(deps, opened), isLong: true },
                },
                {
                  heading: `At ${provider.name}`,
                  sentences: provider.steps.map((step, at) => `${at + 1}. ${step}`),
                },
              ]
            : []),
          ...(provider.key || provider.topics
            ? [{ heading: 'What proves a call', form: form(secretsForm) }]
            : [
                {
                  heading: 'What proves a call',
                  sentences: [`${provider.name} signs nothing, so only the secret in the URL proves a call.`],
                },
              ]),
          ...(mayChange
            ? [
                {
                  heading: 'Send a test',
                  sentences: ['Sayso calls the URL as the provider would. No subscriber changes.'],
                  form: form(testForm),
                },
                { heading: 'Delete', form: form(deletionForm) },
              ]
            : []),
        ],
      };
    },
    forms: [secretsForm, testForm, deletionForm],
  });
}

/** @throws DomainError `NOT_FOUND` for an endpoint that does not exist for this user */
async function endpointAsked(deps: Deps, { request, scope }: Ask): Promise<Endpoint> {
  const found = await findEndpoint(deps, String(request.params['endpoint']), scope);
  const provider = providerOf(found?.stored.provider ?? '');
  if (!found || !provider) throw new DomainError('NOT_FOUND');
  return { ...found, provider, units: (await deps.catalogue()).units };
}

function urlOf({ config }: Pick<Deps, 'config'>, { provider, id, secret }: OpenedEndpoint): string {
  return config.baseUrl + paths.hook(provider, id, secret);
}

/** Calls the URL from outside, through the proxy. @returns null if the endpoint answered */
async function faultOfUrl(url: string): Promise<string | null> {
  try {
    const headers = { [testHeader]: '1' };
    const signal = AbortSignal.timeout(5000);
    const response = await fetch(url, { method: 'POST', headers, redirect: 'manual', signal });
    if (response.status === 200) return null;
    return `The URL answered with status ${response.status}. See that the proxy in front passes /hooks to the portal.`;
  } catch {
    return 'The URL did not answer. See that BASE_URL is right and leads to the portal.';
  }
}

async function audit(deps: Deps, ask: Ask, { _id, unitId }: ReportEndpoint, detail: string): Promise<void> {
  await auditBy(deps, ask, { kind: 'SETTINGS_CHANGED', about: `endpoint:${_id}`, unitId, detail });
}
