/** Every staff route, with each role, and with users of one unit against objects of another: read from the mounted router. */
import { describe, expect, it } from 'vitest';
import { adminPaths, adminPatterns } from '../../../src/admin-paths.js';
import { mayRole, roles } from '../../../src/vocabulary/access.js';
import type { Role } from '../../../src/vocabulary/access.js';
import { patterns } from '../../../src/paths.js';
import { adminRouter } from '../../../src/routes/admin/admin.js';
import type { Scope } from '../../../src/vocabulary/scope.js';
import { openTestPortal } from '../../support/app.js';
import { dumpOf } from '../../support/dump.js';
import { canary, makers, nameTheOtherUnit } from '../../support/other-unit.js';
import { northwind } from '../../support/people.js';
import { isSoak } from '../../support/soak.js';
import { signedIn } from '../../support/staff.js';
import type { StaffVisitor } from '../../support/staff.js';
import { isPermission, mountedRoutes, rolesOf, thingOf } from '../../support/staff-routes.js';
import type { MountedRoute } from '../../support/staff-routes.js';

const portal = await openTestPortal({ alter: nameTheOtherUnit });
const routes = mountedRoutes(adminRouter(portal.deps));
const things = new Map<string, string>();
for (const name of new Set(routes.filter(({ path }) => path.includes(':')).map(thingOf))) {
  const make = makers[name];
  if (make) things.set(name, await make(portal));
}
const contactOfTheOtherUnit = await portal.deps.models.contacts.findById(things.get('contact')).lean();
/** The subscriber id of the address of the other unit's contact. */
const addressOfTheOtherUnit = contactOfTheOtherUnit?.subscribers.EMAIL ?? '';
expect(addressOfTheOtherUnit).not.toBe('');
const visitors = new Map<string, Promise<StaffVisitor>>();

/** A signed-in user of this role, the same one in all tests, since password hashing is slow on purpose. */
function somebody(role: Role, scope: Scope = null): Promise<StaffVisitor> {
  const key = `${role} ${String(scope)}`;
  const known = visitors.get(key) ?? signedIn(portal, role, scope);
  visitors.set(key, known);
  return known;
}

/** A route's path with the other unit's object as its first parameter. Later parameters name something within it. */
function pathOf(route: MountedRoute): string {
  return route.path.replace(/:\w+/, things.get(thingOf(route)) ?? '0').replaceAll(/:\w+/g, '0');
}

/** Sends what a form without fields sends: only the anti-forgery token. */
async function send(visitor: StaffVisitor, route: MountedRoute) {
  if (route.method === 'GET') return visitor.ask('GET', pathOf(route));
  return visitor.ask('POST', pathOf(route), new URLSearchParams({ _csrf: await visitor.csrf() }));
}

/** Collections that changed. The audit log may grow, since a refusal is an entry. */
async function changedBy(act: () => Promise<void>): Promise<string[]> {
  const before = await dumpOf(portal.deps.connection);
  await act();
  const after = await dumpOf(portal.deps.connection);
  return Object.keys({ ...before, ...after }).filter(
    (name) =>
      name !== 'audit_entries' && JSON.stringify(before[name] ?? []) !== JSON.stringify(after[name] ?? []),
  );
}

const nameOf = ({ method, path, may }: MountedRoute) => `${method} ${path} (${may})`;
const isOpen = ({ may }: MountedRoute) => may === 'anyone';
/** Signing out ends the session that the other tests use, so it comes last. */
const signOut = patterns.admin + adminPatterns.signOut;

describe('the staff router', () => {
  it('has a rule for every route, and each names a permission of the table', () => {
    expect(routes.length).toBeGreaterThan(3);
    const odd = routes.filter(({ may }) => !isPermission(may) && may !== 'anyone' && may !== 'signed-in');
    expect(odd.map(nameOf)).toEqual([]);
  });

  it('names what each parameter identifies, and the matrix has such an object of another unit', () => {
    const unnamed = routes.filter(
      (route) => route.path.includes(':') && !isOpen(route) && !things.has(thingOf(route)),
    );
    expect(unnamed.map(nameOf), 'add a maker to test/support/other-unit.ts').toEqual([]);
  });
});

describe('a visitor who has not signed in', () => {
  it('reaches public pages, and is led to the sign-in page from all others', async () => {
    const reached: string[] = [];
    const changed = await changedBy(async () => {
      for (const route of routes.filter((one) => !isOpen(one))) {
        const { status, headers } = await fetch(portal.url + pathOf(route), {
          method: route.method,
          redirect: 'manual',
          headers: { 'sec-fetch-site': 'same-origin' },
        });
        if (status !== 303 || !headers.get('location')?.startsWith(adminPaths.signIn()))
          reached.push(`${nameOf(route)}: ${status}`);
      }
    });
    expect(reached).toEqual([]);
    expect(changed).toEqual([]);
  });
});

describe.each(roles)('the role %s', (role) => {
  it('gets 403 for what is not permitted, and nothing changes', async () => {
    const visitor = await somebody(role);
    const letIn: string[] = [];
    const changed = await changedBy(async () => {
      for (const route of routes.filter((one) => !rolesOf(one).includes(role))) {
        const { status } = await send(visitor, route);
        if (status !== 403) letIn.push(`${nameOf(route)}: ${status}`);
      }
    });
    expect(letIn).toEqual([]);
    expect(changed).toEqual([]);
  });

  it('reads everything, and the database stays unchanged byte for byte', async () => {
    const visitor = await somebody(role);
    const broken: string[] = [];
    const before = await dumpOf(portal.deps.connection);
    for (const route of routes.filter(({ method }) => method === 'GET')) {
      // HEAD has the same rule and the same handler. In the gate the admin asks for it, by `npm run soak` every role.
      for (const method of role === 'admin' || isSoak ? ['GET', 'HEAD'] : ['GET']) {
        const { status } = await visitor.ask(method, pathOf(route));
        if (status >= 500) broken.push(`${method} ${nameOf(route)}: ${status}`);
      }
    }
    expect(broken).toEqual([]);
    expect(await dumpOf(portal.deps.connection)).toEqual(before);
  });

  it('limited to one unit gets 404 for another’s objects, on pages and in forms, and nothing changes', async () => {
    const visitor = await somebody(role, [northwind.id]);
    const found: string[] = [];
    const theirs = routes.filter((route) => !isOpen(route) && rolesOf(route).includes(role));
    const changed = await changedBy(async () => {
      for (const route of theirs.filter(({ about, path }) => about === 'account' || path.includes(':'))) {
        const { status, html } = await send(visitor, route);
        if (status !== 404) found.push(`${nameOf(route)}: ${status}`);
        if (html.includes(canary)) found.push(`${nameOf(route)} names what is not theirs`);
      }
    });
    expect(found).toEqual([]);
    expect(changed).toEqual([]);
  });

  it('limited to one unit reads and changes nothing of another in the record of an address that only the other knows', async () => {
    const visitor = await somebody(role, [northwind.id]);
    const told: string[] = [];
    const theirs = routes.filter(
      ({ about, ...route }) => about === 'contact' && rolesOf({ about, ...route }).includes(role),
    );
    const changed = await changedBy(async () => {
      for (const route of theirs) {
        const { status, html } = await send(visitor, {
          ...route,
          path: route.path.replace(/:\w+/, addressOfTheOtherUnit),
        });
        if (status >= 500 || html.includes(canary)) told.push(`${nameOf(route)}: ${status}`);
      }
    });
    expect(told).toEqual([]);
    // The user's own unit may mail a preferences link to any address.
    expect(changed.filter((name) => name !== 'mails')).toEqual([]);
  });

  it('limited to one unit reads nothing of another in lists, counts and files', async () => {
    const visitor = await somebody(role, [northwind.id]);
    const told: string[] = [];
    for (const route of routes.filter(({ method, path }) => method === 'GET' && !path.includes(':'))) {
      const { html } = await send(visitor, route);
      const at = html.indexOf(canary);
      if (at >= 0) told.push(`${nameOf(route)}: ${html.slice(Math.max(0, at - 80), at + 80)}`);
    }
    expect(told).toEqual([]);
  });
});

it('the objects hidden from limited users exist: an unlimited admin reads them', async () => {
  const visitor = await somebody('admin');
  const pages = await Promise.all(
    routes.filter(({ method }) => method === 'GET').map((route) => send(visitor, route)),
  );
  const read = pages.map(({ html }) => html).join();
  // Routes before sign-in concern no user's objects.
  const listed = new Set(
    routes.filter((route) => route.path.includes(':') && !isOpen(route)).map(({ about }) => about),
  );
  for (const about of [...listed].filter((one) => one !== 'own')) expect(read).toContain(`${canary}${about}`);
});

// Last, since an empty form may do what it says.
it.each(roles)('%s is allowed in where the table says so', async (role) => {
  const shutOut: string[] = [];
  const theirs = routes.filter((route) => !isOpen(route) && rolesOf(route).includes(role));
  for (const route of theirs.sort(
    (one, other) => Number(one.path === signOut) - Number(other.path === signOut),
  )) {
    const { status } = await send(await somebody(role), route);
    if (status === 403 || status >= 500) shutOut.push(`${nameOf(route)}: ${status}`);
    if (isPermission(route.may)) expect(mayRole(role, route.may)).toBe(true);
  }
  expect(shutOut).toEqual([]);
});
