/** Settings: the list of users, and invitations. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import { shownAddress } from '../../domain/consent/shown-address.js';
import { type Role, staffRef } from '../../vocabulary/access.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { BusinessUnit } from '../../vocabulary/terms.js';
import { createUser, hasWayIn, usersWithin } from '../../domain/staff/users.js';
import { linkHours, makeOneTimeLink } from '../../domain/staff/one-time-links.js';
import { DomainError } from '../../errors.js';
import type { User } from '../../models/user.js';
import type { State } from '../../views/admin-frame.js';
import { declareForm } from './kit/form.js';
import { formRoutes, pageHtml } from './kit/form-page.js';
import { emailSchema, nameSchema } from './own-fields.js';
import { listRoute, type ListPage } from './kit/list-page.js';
import { auditBy } from './audit-by.js';
import { settingsCrumbs } from './frame.js';
import type { AdminRoute, Ask } from './route.js';
import { accessWords, reachFields, reachSchema, roleField, roleSchema, unitsWithin } from './user-access.js';
import { capital, dayOf, listOf, momentOf } from '../../vocabulary/words.js';

export const usersCrumbs = [...settingsCrumbs, { href: adminPaths.users(), text: 'Users' }];

interface UserRow {
  user: User;
  units: string;
}

const userList: ListPage<UserRow> = {
  pattern: adminPatterns.users,
  path: adminPaths.users,
  may: 'settings.read',
  section: 'settings',
  title: 'Users',
  crumbs: settingsCrumbs,
  main: { href: adminPaths.newUser(), label: 'Invite a user', may: 'settings.change' },
  load: async (deps, ask) => {
    const [users, unitNames] = await Promise.all([usersWithin(deps, ask.scope), unitNamesOf(deps)]);
    return {
      rows: users.map((user) => ({
        user,
        units: user.unitIds ? listOf(user.unitIds.map(unitNames)) : 'All business units',
      })),
    };
  },
  columns: (ask) => [
    {
      heading: 'Name',
      cell: ({ user }) => ({
        href: adminPaths.user(user._id),
        text: user.name,
        chips: user._id === ask.user.id ? ['You'] : [],
        note: shownAddress(user.email),
      }),
    },
    { heading: 'State', cell: ({ user }) => ({ state: stateOf(user) }) },
    { heading: 'Role', cell: ({ user }) => ({ text: capital(user.role) }) },
    { heading: 'Business units', cell: ({ units }) => ({ text: units }) },
    {
      heading: 'Last sign-in',
      isNumeric: true,
      cell: ({ user }) => ({ text: user.lastSignInAt ? dayOf(user.lastSignInAt, ask.zone) : 'Never' }),
    },
  ],
  empty: () => ({ heading: 'No users', sentence: 'Users whom you may see appear here.' }),
};

interface Invitation {
  units: readonly BusinessUnit[];
}

const invitationForm = declareForm<Invitation, { name: string; email: string; role: Role; unit: Scope }>({
  pattern: adminPatterns.newUser,
  may: 'settings.change',
  about: 'nothing',
  groups: ({ units }, _texts, ask) => [
    {
      fields: [
        { kind: 'text', name: 'name', label: 'Name', isRequired: true, autocomplete: 'off', most: 120 },
        {
          kind: 'email',
          name: 'email',
          label: 'E-mail',
          isRequired: true,
          autocomplete: 'off',
          hint: 'They sign in with it. Nothing is mailed: you get a link to pass on.',
        },
        roleField,
        ...reachFields(units, ask),
      ],
    },
  ],
  texts: () => ({ reach: 'some' }),
  button: 'Create account',
  more: () => ({ cancelHref: adminPaths.users() }),
  schema: ({ ask, subject: { units }, texts }) =>
    z.object({ name: nameSchema, email: emailSchema, role: roleSchema, ...reachSchema(units, ask, texts) }),
  save: async ({ deps, ask, values: { name, email, role, unit: scope } }) => {
    const made = await createUser(deps, { name, email, role, scope }).catch((error: unknown) => {
      if (error instanceof DomainError && error.code === 'INVALID_FORM') return null;
      throw error;
    });
    if (!made) return { faults: [{ text: 'An account with this address exists already.', href: '#email' }] };
    await auditBy(deps, ask, {
      kind: 'USER_CREATED',
      about: staffRef({ id: made._id }),
      detail: accessWords(made),
    });
    return { html: await linkPage(deps, ask, made, { removesCodes: false }) };
  },
});

export function userListRoutes(deps: Deps): AdminRoute[] {
  return [
    listRoute(deps, userList),
    ...formRoutes<Invitation>(deps, {
      section: 'settings',
      load: async (_deps, { scope }) => ({ units: await unitsWithin(deps, scope) }),
      show: (_about, form) => ({
        title: 'Invite a user',
        crumbs: usersCrumbs,
        isNarrow: true,
        panels: [{ form: form(invitationForm) }],
      }),
      forms: [invitationForm],
    }),
  ];
}

/** Creates a one-time link and shows it once. Loading the answer again creates another. */
export async function linkPage(
  deps: Deps,
  ask: Ask,
  user: User,
  options: { removesCodes: boolean },
): Promise<string> {
  const token = await makeOneTimeLink(deps, user._id, options);
  const until = momentOf(new Date(deps.clock().getTime() + linkHours * 3_600_000), ask.zone);
  const href = adminPaths.user(user._id);
  return pageHtml(
    deps,
    ask,
    { section: 'settings' },
    {
      title: `A link for ${user.name}`,
      heading: `Pass this link on to ${user.name}`,
      crumbs: [...usersCrumbs, { href, text: user.name }],
      isNarrow: true,
      panels: [
        {
          sentences: [
            `With this link ${user.name} chooses a password. It is shown once, works once, and ends on ${until}.`,
            `Anyone who has it can sign in as ${user.name}, so send it where only they read it.`,
          ],
          secret: {
            label: 'One-time link',
            value: deps.config.baseUrl + adminPaths.welcome(token),
            isLong: true,
          },
          link: { href, text: 'I have passed it on' },
        },
      ],
    },
  );
}

/** State of an account, in a word. */
export function stateOf(user: User): State {
  if (!user.isActive) return { tone: 'out', words: 'Closed' };
  return hasWayIn(user) ? { tone: 'in', words: 'Open' } : { tone: 'wait', words: 'Invited' };
}

/** Names of business units; the id for a unit that is not in the catalogue. */
export async function unitNamesOf({ catalogue }: Pick<Deps, 'catalogue'>): Promise<(id: number) => string> {
  const { units } = await catalogue();
  return (id) => units.get(id)?.name ?? String(id);
}
