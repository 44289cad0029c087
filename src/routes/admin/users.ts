/** Settings: the list of users, and invitations. */
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import { oneLine } from '../../clean-text.js';
import type { Deps } from '../../deps.js';
import { addressOrNull } from '../../domain/consent/read-address.js';
import { shownAddress } from '../../domain/consent/shown-address.js';
import { staffRef } from '../../vocabulary/access.js';
import { hasWayIn, usersWithin } from '../../domain/staff/manage-users.js';
import { linkHours, makeOneTimeLink } from '../../domain/staff/one-time-links.js';
import { faultOfName } from '../../domain/staff/own-account.js';
import { createUser } from '../../domain/staff/users.js';
import { DomainError } from '../../errors.js';
import type { User } from '../../models/user.js';
import type { State } from '../../views/admin-frame.js';
import { listRoute } from './kit/list-page.js';
import type { ListPage } from './kit/list-page.js';
import { auditBy } from './audit-by.js';
import { textOf, wrongOf } from './form.js';
import type { FieldFault } from './form.js';
import { adminFrame, settingsCrumbs } from './frame.js';
import type { AdminRoute, Ask } from './route.js';
import { accessFields, accessWords, faultsOfAccess, titled, wantedAccess } from './user-access.js';
import type { WantedAccess } from './user-access.js';
import { dayOf, listOf, momentOf } from '../../vocabulary/words.js';

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
    { heading: 'Role', cell: ({ user }) => ({ text: titled(user.role) }) },
    { heading: 'Business units', cell: ({ units }) => ({ text: units }) },
    {
      heading: 'Last sign-in',
      isNumeric: true,
      cell: ({ user }) => ({ text: user.lastSignInAt ? dayOf(user.lastSignInAt, ask.zone) : 'Never' }),
    },
  ],
  empty: () => ({ heading: 'No users', sentence: 'Users whom you may see appear here.' }),
};

export function userListRoutes(deps: Deps): AdminRoute[] {
  return [
    listRoute(deps, userList),
    {
      method: 'GET',
      path: adminPatterns.newUser,
      may: 'settings.change',
      about: 'nothing',
      handle: (ask, response) =>
        show(deps, ask, response, { name: '', email: '' }, { role: null, isAll: false, unitIds: [] }, []),
    },
    {
      method: 'POST',
      path: adminPatterns.newUser,
      may: 'settings.change',
      about: 'nothing',
      handle: (ask, response) => invite(deps, ask, response),
      showAgain: (ask, response) => show(deps, ask, response, typedIn(ask), wantedAccess(ask), []),
    },
  ];
}

function typedIn({ request }: Ask): { name: string; email: string } {
  return { name: oneLine(textOf(request, 'name')), email: textOf(request, 'email', 320).trim() };
}

async function invite(deps: Deps, ask: Ask, response: Response): Promise<void> {
  const { name, email } = typedIn(ask);
  const wanted = wantedAccess(ask);
  const faults: FieldFault[] = [];
  const nameFault = faultOfName(name);
  if (nameFault) faults.push({ text: nameFault, href: '#name' });
  if (!addressOrNull('EMAIL', email)) faults.push({ text: 'This is not an e-mail address.', href: '#email' });
  faults.push(...(await faultsOfAccess(deps, ask, wanted)));
  const { role, isAll, unitIds } = wanted;
  if (faults.length > 0 || role === null) return show(deps, ask, response, { name, email }, wanted, faults);
  const made = await createUser(deps, { name, email, role, scope: isAll ? null : unitIds }).catch(
    (error: unknown) => {
      if (error instanceof DomainError && error.code === 'INVALID_FORM') return null;
      throw error;
    },
  );
  if (!made) {
    const text = 'Somebody has an account with this address already.';
    return show(deps, ask, response, { name, email }, wanted, [{ text, href: '#email' }]);
  }
  await auditBy(deps, ask, {
    kind: 'USER_CREATED',
    about: staffRef({ id: made._id }),
    detail: accessWords(made),
  });
  await showLink(deps, ask, response, made, { removesCodes: false });
}

/** Creates a one-time link and shows it once. Loading the answer again creates another. */
export async function showLink(
  deps: Deps,
  ask: Ask,
  response: Response,
  user: User,
  options: { removesCodes: boolean },
): Promise<void> {
  const token = await makeOneTimeLink(deps, user._id, options);
  response.send(
    deps.views.page('admin-user-link', {
      ...adminFrame(ask, 'settings', `A link for ${user.name}`),
      crumbs: [...usersCrumbs, { href: adminPaths.user(user._id), text: user.name }],
      userHref: adminPaths.user(user._id),
      name: user.name,
      link: deps.config.baseUrl + adminPaths.welcome(token),
      until: momentOf(new Date(deps.clock().getTime() + linkHours * 3_600_000), ask.zone),
    }),
  );
}

async function show(
  deps: Deps,
  ask: Ask,
  response: Response,
  typed: { name: string; email: string },
  wanted: WantedAccess,
  faults: FieldFault[],
): Promise<void> {
  response.status(faults.length > 0 ? 422 : 200).send(
    deps.views.page('admin-new-user', {
      ...adminFrame(ask, 'settings', 'Invite somebody'),
      crumbs: usersCrumbs,
      action: adminPaths.newUser(),
      ...typed,
      access: await accessFields(deps, ask, wanted),
      faults,
      wrong: wrongOf(faults),
    }),
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
