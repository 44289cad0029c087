/** Settings: API keys. */
import type { Request, Response } from 'express';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import { oneLine } from '../../clean-text.js';
import type { Deps } from '../../deps.js';
import { mayRole, staffRef } from '../../vocabulary/access.js';
import {
  apiKeysWithin,
  createApiKey,
  isAlive,
  isApiScope,
  longestKeyName,
  revokeApiKey,
  scopeMeanings,
} from '../../domain/staff/api-keys.js';
import { doerInWords, findDoers } from '../../domain/staff/names.js';
import type { Doer } from '../../domain/staff/names.js';
import { apiScopes } from '../../models/api-key.js';
import type { ApiKey, ApiScope } from '../../models/api-key.js';
import { apiPatterns, patterns } from '../../paths.js';
import { isInScope } from '../../vocabulary/scope.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { State } from '../../views/admin-frame.js';
import { listRoute } from './kit/list-page.js';
import type { ListPage } from './kit/list-page.js';
import { auditBy } from './audit-by.js';
import { textOf, textsOf, wholeOf } from './form.js';
import type { FieldFault } from './form.js';
import { adminFrame, saying, settingsCrumbs } from './frame.js';
import type { Sayings } from './frame.js';
import type { AdminRoute, Ask } from './route.js';
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
  /** Absent if the key is dead already, or this role may not revoke it. */
  revocation?: string;
}

const keyList: ListPage<KeyRow> = {
  pattern: adminPatterns.keys,
  path: adminPaths.keys,
  may: 'settings.read',
  section: 'settings',
  title: 'API keys',
  crumbs: settingsCrumbs,
  lead: 'A key lets another system use the API: a mailer that asks before it sends, or a shop that passes opt-ins on. Give each system its own key, with only the scopes that it needs.',
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
        createdBy: creatorOf(doerOf(key.createdBy, key.createdAt)),
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
      heading: '',
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

interface KeyForm {
  name: string;
  scopes: readonly string[];
  hasAllUnits: boolean;
  units: readonly string[];
  lifetime: string;
}

export function keyRoutes(deps: Deps): AdminRoute[] {
  const formPage = async (ask: Ask, response: Response, form: KeyForm, faults: FieldFault[] = []) =>
    void response.status(faults.length > 0 ? 422 : 200).send(
      deps.views.page('admin-key-form', {
        ...adminFrame(ask, 'settings', 'New API key'),
        faults,
        crumbs: [...settingsCrumbs, { href: adminPaths.keys(), text: 'API keys' }],
        action: adminPaths.keys(),
        backHref: adminPaths.keys(),
        name: form.name,
        nameFault: faults.some(({ href }) => href === '#name'),
        scopes: apiScopes.map((value) => ({
          value,
          label: value,
          hint: scopeMeanings[value],
          isSelected: form.scopes.includes(value),
        })),
        ...(ask.scope === null ? { all: { isSelected: form.hasAllUnits } } : {}),
        units: (await unitsWithin(deps, ask.scope)).map(({ id, name }) => ({
          value: String(id),
          label: name,
          isSelected: form.units.includes(String(id)),
        })),
        lifetimes: lifetimes.map((option) => ({ ...option, isSelected: option.value === form.lifetime })),
      }),
    );
  return [
    listRoute(deps, keyList),
    {
      method: 'GET',
      path: adminPatterns.newKey,
      may: 'settings.change',
      about: 'nothing',
      handle: (ask, response) =>
        formPage(ask, response, { name: '', scopes: [], hasAllUnits: false, units: [], lifetime: '365' }),
    },
    {
      method: 'POST',
      path: adminPatterns.keys,
      may: 'settings.change',
      about: 'nothing',
      handle: async (ask, response) => {
        const form = formOf(ask.request);
        const units = (await unitsWithin(deps, ask.scope)).map(({ id }) => id);
        const { wanted, faults } = checked(form, units, ask.scope, deps.clock());
        if (!wanted) return formPage(ask, response, form, faults);
        const { record, key } = await createApiKey(deps, { ...wanted, by: staffRef(ask.user) });
        await auditBy(deps, ask, { ...entryOf(record), kind: 'KEY_CREATED' });
        // No redirect: the key would have to be stored to be shown after it.
        response.send(
          deps.views.page('admin-key-made', {
            ...adminFrame(ask, 'settings', 'Your new key'),
            key,
            name: record.name,
            backHref: adminPaths.keys(),
            example: `curl -H "Authorization: Bearer ${key}" ${deps.config.baseUrl}${patterns.api}${apiPatterns.key}`,
          }),
        );
      },
      showAgain: (ask, response) => formPage(ask, response, formOf(ask.request)),
    },
    {
      method: 'POST',
      path: adminPatterns.keyRevocations,
      may: 'settings.change',
      about: 'key',
      handle: async (ask, response) => {
        const record = await revokeApiKey(deps, String(ask.request.params['key']), ask.scope);
        await auditBy(deps, ask, { ...entryOf(record), kind: 'KEY_REVOKED' });
        response.redirect(303, saying(ask, adminPaths.keys(), 'revoked'));
      },
    },
  ];
}

async function unitsWithin(deps: Deps, scope: Scope) {
  const { units } = await deps.catalogue();
  return [...units.values()].filter(({ id }) => isInScope(scope, id));
}

function creatorOf(doer: Doer | undefined): string {
  return doer ? doerInWords(doer) : 'a former user';
}

function stateOf(key: ApiKey, now: Date, zone: string): State {
  if (key.revokedAt) return { tone: 'out', words: `Revoked ${dayOf(key.revokedAt, zone)}` };
  if (!isAlive(key, now)) return { tone: 'out', words: 'Expired' };
  return { tone: 'in', words: key.expiresAt ? `Valid until ${dayOf(key.expiresAt, zone)}` : 'Valid' };
}

function formOf(request: Request): KeyForm {
  return {
    name: oneLine(textOf(request, 'name', 200)),
    scopes: textsOf(request, 'scope', 50),
    hasAllUnits: textOf(request, 'all', 10) !== '',
    units: textsOf(request, 'unit', 1000),
    lifetime: textOf(request, 'lifetime', 10),
  };
}

/** The key that the form asks for, or its faults. A key reaches only units that its creator reaches. */
function checked(
  form: KeyForm,
  within: readonly number[],
  scope: Scope,
  now: Date,
): {
  wanted: { name: string; scopes: ApiScope[]; scope: Scope; expiresAt: Date | null } | null;
  faults: FieldFault[];
} {
  const faults: FieldFault[] = [];
  const scopes = form.scopes.filter(isApiScope);
  const units = form.units.map(wholeOf).filter((id): id is number => id !== null && within.includes(id));
  const hasAll = form.hasAllUnits && scope === null;
  const lifetime = lifetimes.find(({ value }) => value === form.lifetime);
  if (!form.name) faults.push({ text: 'Give the key a name: which system will use it?', href: '#name' });
  if (form.name.length > longestKeyName)
    faults.push({ text: `A name has at most ${longestKeyName} characters.`, href: '#name' });
  if (scopes.length === 0 || scopes.length !== form.scopes.length)
    faults.push({ text: 'Tick what the key may do.', href: '#scopes' });
  if (!hasAll && (units.length === 0 || units.length !== form.units.length))
    faults.push({ text: 'Tick the business units that it reaches.', href: '#units' });
  if (!lifetime) faults.push({ text: 'Choose when it expires.', href: '#lifetime' });
  if (faults.length > 0 || !lifetime) return { wanted: null, faults };
  const days = wholeOf(lifetime.value);
  const expiresAt = days === null ? null : new Date(now.getTime() + days * 86_400_000);
  return { wanted: { name: form.name, scopes, scope: hasAll ? null : units, expiresAt }, faults };
}

/** The entry for a key of one unit is visible to readers of that unit. */
function entryOf(key: ApiKey) {
  const [only, ...others] = key.unitIds ?? [];
  return {
    about: `key:${key._id}`,
    unitId: others.length === 0 ? (only ?? null) : null,
    detail: `${key.name}: ${key.scopes.join(', ')}`,
  };
}
