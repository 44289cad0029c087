/** Settings: API keys. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import { oneLine } from '../../clean-text.js';
import type { Deps } from '../../deps.js';
import { mayRole, staffRef } from '../../vocabulary/access.js';
import {
  apiKeysWithin,
  createApiKey,
  isAlive,
  longestKeyName,
  revokeApiKey,
  scopeMeanings,
  toldOfKey,
} from '../../domain/staff/api-keys.js';
import { doerInWords, findDoers, type Doer } from '../../domain/staff/names.js';
import { apiScopes, type ApiKey, type ApiScope } from '../../models/api-key.js';
import { apiPaths } from '../../paths.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { State } from '../../views/admin-frame.js';
import type { BusinessUnit } from '../../vocabulary/terms.js';
import { declareForm } from './kit/form.js';
import { formRoutes, pageHtml } from './kit/form-page.js';
import { listRoute, type ListPage } from './kit/list-page.js';
import { auditBy } from './audit-by.js';
import { wholeOf } from './form.js';
import { saying, settingsCrumbs, type Sayings } from './frame.js';
import { post, type AdminRoute, type Ask } from './route.js';
import { reachFields, reachSchema, unitsWithin } from './user-access.js';
import { dayOf, listOf, momentOf } from '../../vocabulary/words.js';

/** Choices of the form for the expiry, in days; empty for never. */
const lifetimes = [
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
  { value: '', label: 'Never' },
] as const;

const sayings: Sayings = {
  revoked: {
    tone: 'good',
    strong: 'Key revoked.',
    sentence: 'Requests that use it are refused from now on.',
  },
};

interface KeyRow {
  key: ApiKey;
  state: State;
  units: string;
  createdBy: string;
  /** Absent if the key is revoked or expired, or this role may not revoke it. */
  revocation?: string;
}

const keyList: ListPage<KeyRow> = {
  pattern: adminPatterns.keys,
  path: adminPaths.keys,
  may: 'settings.read',
  section: 'settings',
  title: 'API keys',
  crumbs: settingsCrumbs,
  lead: `A key lets another system call the API. ${apiPaths.document} describes every call (OpenAPI), and GET ${apiPaths.key} says what the key may do.`,
  sayings,
  main: { href: adminPaths.newKey(), label: 'New key', may: 'settings.change' },
  load: async (deps, ask) => {
    const [keys, { units }] = await Promise.all([apiKeysWithin(deps, ask.scope), deps.catalogue()]);
    const doerOf = await findDoers(
      deps,
      keys.map(({ createdBy }) => createdBy),
    );
    const now = deps.clock();
    const mayChange = mayRole(ask.user.role, 'settings.change');
    return {
      rows: keys.map((key) => ({
        key,
        state: stateOf(key, now, ask.zone),
        units: key.unitIds
          ? listOf(key.unitIds.map((id) => units.get(id)?.name ?? `unit ${id}`))
          : 'All business units',
        createdBy: creatorOf(key, doerOf(key.createdBy, key.createdAt)),
        ...(mayChange && isAlive(key, now) ? { revocation: adminPaths.keyRevocations(key._id) } : {}),
      })),
    };
  },
  columns: ({ zone }) => [
    {
      heading: 'Name',
      cell: ({ key, createdBy }) => ({
        text: key.name,
        note: `Created by ${createdBy}, ${dayOf(key.createdAt, zone)}`,
      }),
    },
    { heading: 'State', cell: ({ state }) => ({ state }) },
    { heading: 'Scopes', cell: ({ key }) => ({ chips: key.scopes }) },
    { heading: 'Business units', cell: ({ units }) => ({ text: units }) },
    {
      heading: 'Last used',
      isNumeric: true,
      cell: ({ key }) => ({ text: key.lastUsedAt ? momentOf(key.lastUsedAt, zone) : 'Never' }),
    },
    {
      heading: 'Revocation',
      cell: ({ key, revocation }) =>
        revocation
          ? {
              act: {
                action: revocation,
                button: 'Revoke',
                about: key.name,
                warning: 'Requests with this key are refused at once. A revoked key cannot be restored.',
                confirm: 'Revoke it now',
              },
            }
          : {},
    },
  ],
  empty: () => ({ heading: 'No keys yet', sentence: 'A system that calls the API needs a key.' }),
};

interface NewKey {
  units: readonly BusinessUnit[];
}

const newKeyForm = declareForm<
  NewKey,
  { name: string; scope: ApiScope[]; unit: Scope; lifetime: (typeof lifetimes)[number]['value'] }
>({
  pattern: adminPatterns.keys,
  may: 'settings.change',
  about: 'nothing',
  groups: ({ units }, _texts, ask) => [
    {
      fields: [
        {
          kind: 'text',
          name: 'name',
          label: 'Which system will use it?',
          isRequired: true,
          autocomplete: 'off',
          most: longestKeyName,
        },
        {
          kind: 'ticks',
          name: 'scope',
          label: 'What may it do?',
          hint: 'Choose scopes with HubSpot’s names for a program that was written for HubSpot.',
          options: apiScopes.map((value) => ({ value, label: value, hint: scopeMeanings[value] })),
        },
        ...reachFields(units, ask),
        { kind: 'select', name: 'lifetime', label: 'When does it expire?', options: lifetimes },
      ],
    },
  ],
  texts: () => ({ reach: 'some', lifetime: '365' }),
  button: 'Create key',
  more: () => ({ cancelHref: adminPaths.keys() }),
  schema: ({ ask, subject: { units }, texts }) =>
    z.object({
      name: z
        .string()
        .overwrite(oneLine)
        .min(1, 'Enter a name: which system will use the key?')
        .max(longestKeyName, `A name has at most ${longestKeyName} characters.`),
      scope: z.array(z.enum(apiScopes, 'Choose what the key may do.')).min(1, 'Choose what the key may do.'),
      ...reachSchema(units, ask, texts),
      lifetime: z.enum(
        lifetimes.map(({ value }) => value),
        'Choose when it expires.',
      ),
    }),
  save: async ({ deps, ask, values: { name, scope: scopes, unit: scope, lifetime } }) => {
    const days = wholeOf(lifetime);
    const expiresAt = days === null ? null : new Date(deps.clock().getTime() + days * 86_400_000);
    const by = staffRef(ask.user);
    const { record, key } = await createApiKey(deps, { name, scopes, scope, expiresAt, by });
    await auditBy(deps, ask, { ...toldOfKey(record), kind: 'KEY_CREATED' });
    // No redirect: the key would have to be stored to be shown after it.
    return { html: keyPage(deps, ask, record.name, key) };
  },
});

function keyPage(deps: Deps, ask: Ask, name: string, key: string): string {
  const url = `${deps.config.baseUrl}${apiPaths.key}`;
  return pageHtml(deps, ask, keysPage, {
    title: 'Your new key',
    crumbs,
    panels: [
      {
        sentences: [
          'Copy it now: it is not shown again.',
          `Anyone who has it can act as ${name}, so keep it where you keep passwords. The call below tries it.`,
        ],
        secret: { label: 'The key', value: key, isLong: false },
        example: `curl -H "Authorization: Bearer ${key}" ${url}`,
        link: { href: adminPaths.keys(), text: 'I have copied it' },
      },
    ],
  });
}

const crumbs = [...settingsCrumbs, { href: adminPaths.keys(), text: 'API keys' }];
const keysPage = { section: 'settings' } as const;

export function keyRoutes(deps: Deps): AdminRoute[] {
  return [
    listRoute(deps, keyList),
    ...formRoutes<NewKey>(deps, {
      ...keysPage,
      pattern: adminPatterns.newKey,
      load: async (_deps, { scope }) => ({ units: await unitsWithin(deps, scope) }),
      show: (_about, form) => ({ title: 'New API key', crumbs, panels: [{ form: form(newKeyForm) }] }),
      forms: [newKeyForm],
    }),
    post(adminPatterns.keyRevocations, { may: 'settings.change', about: 'key' }, async (ask, response) => {
      const record = await revokeApiKey(deps, String(ask.request.params['key']), ask.scope);
      await auditBy(deps, ask, { ...toldOfKey(record), kind: 'KEY_REVOKED' });
      response.redirect(303, saying(ask, adminPaths.keys(), 'revoked'));
    }),
  ];
}

function creatorOf({ createdBy }: ApiKey, doer: Doer | undefined): string {
  if (createdBy === 'cli') return 'the command line';
  return doer ? doerInWords(doer) : 'a former user';
}

function stateOf(key: ApiKey, now: Date, zone: string): State {
  if (key.revokedAt) return { tone: 'out', words: `Revoked ${dayOf(key.revokedAt, zone)}` };
  if (!isAlive(key, now)) return { tone: 'out', words: 'Expired' };
  return { tone: 'in', words: key.expiresAt ? `Valid until ${dayOf(key.expiresAt, zone)}` : 'Valid' };
}
