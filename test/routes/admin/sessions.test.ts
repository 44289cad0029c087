/** Staff sessions against takeover and forged requests. */
import { expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { closeUser } from '../../../src/domain/staff/users.js';
import { hashPassword, isPassword } from '../../../src/domain/staff/passwords.js';
import type { User } from '../../../src/models/user.js';
import { adminRouter } from '../../../src/routes/admin/admin.js';
import { memberOf } from '../../../src/routes/admin/who.js';
import { openTestPortal } from '../../support/app.js';
import { findCanaries } from '../../support/canary.js';
import { dumpOf } from '../../support/dump.js';
import { isTried } from '../../support/soak.js';
import { passwordOfTheStaff, signedIn, staffVisitor, type StaffVisitor } from '../../support/staff.js';
import { mountedRoutes } from '../../support/staff-routes.js';

const wrong = 'certainly-not-the-password';
const other = 'another-password-of-the-tests';

const portal = await openTestPortal();

const account = (visitor: StaffVisitor) => visitor.open(adminPaths.account());
const isIn = async (visitor: StaffVisitor) => (await account(visitor)).status === 200;

async function trySignIn(visitor: StaffVisitor, email: string, password: string) {
  return visitor.ask('POST', adminPaths.signIn(), new URLSearchParams({ email, password }));
}

async function auditOf(kind: 'SIGN_IN_REFUSED' | 'ACCESS_REFUSED', about: string | null) {
  return portal.deps.models.auditEntries.find({ kind, about }).lean();
}

async function posts(): Promise<string[]> {
  return mountedRoutes(adminRouter(portal.deps))
    .filter(({ method }) => method === 'POST')
    .map(({ path }) => path.replaceAll(/:\w+/g, '0'));
}

it('a session id planted before sign-in is worthless afterwards', async () => {
  const staff = await signedIn(portal, 'support');
  const before = staff.cookie();
  await trySignIn(staff, staff.user.email, passwordOfTheStaff);
  expect(staff.cookie()).not.toBe(before);
  const thief = staffVisitor(portal, staff.user);
  const answer = await thief.ask('GET', adminPaths.account(), undefined, { cookie: before });
  expect(answer.status).toBe(303);
  const madeUp = await thief.ask(
    'POST',
    adminPaths.signIn(),
    new URLSearchParams({ email: staff.user.email, password: passwordOfTheStaff }),
    { cookie: 'sayso=s%3Aplanted.c2lnbmF0dXJl' },
  );
  expect(madeUp.status).toBe(303);
  expect(thief.cookie()).not.toContain('planted');
});

// In the gate each form gets two or three of the origins, in turn.
it('a staff form sent by another site changes nothing, even for a signed-in user', async () => {
  const admin = await signedIn(portal, 'admin');
  const page = await account(admin);
  const csrf = /name="_csrf" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
  const origins: readonly Record<string, string>[] = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'cross-site', origin: portal.url },
    { origin: 'https://elsewhere.example' },
    { origin: 'null' },
    {},
  ];
  const before = await dumpOf(portal.deps.connection);
  const taken: string[] = [];
  for (const [at, path] of (await posts()).entries()) {
    for (const headers of origins.filter((_, origin) => isTried(3, origin, at))) {
      const response = await fetch(portal.url + path, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie: admin.cookie(), ...headers },
        body: new URLSearchParams({ _csrf: csrf, email: admin.user.email, password: passwordOfTheStaff }),
      });
      if (response.status !== 403) taken.push(`${path} ${JSON.stringify(headers)}: ${response.status}`);
    }
  }
  expect(taken).toEqual([]);
  expect(await dumpOf(portal.deps.connection)).toEqual(before);
});

it('a form with a missing or wrong anti-forgery token is refused on every staff page', async () => {
  const admin = await signedIn(portal, 'admin');
  const someone = await signedIn(portal, 'admin');
  const theirs = /name="_csrf" value="([^"]+)"/.exec((await account(someone)).html)?.[1] ?? '';
  const before = await dumpOf(portal.deps.connection);
  const taken: string[] = [];
  const routes = mountedRoutes(adminRouter(portal.deps)).filter(
    ({ method, may }) => method === 'POST' && may !== 'anyone',
  );
  expect(routes.length).toBeGreaterThan(10);
  for (const { path } of routes) {
    for (const fields of [{}, { _csrf: '' }, { _csrf: theirs }, { _csrf: 'x'.repeat(48) }]) {
      const to = path.replaceAll(/:\w+/g, '0');
      const { status } = await admin.ask('POST', to, new URLSearchParams(fields));
      if (status !== 403) taken.push(`${to} ${JSON.stringify(fields)}: ${status}`);
    }
  }
  expect(taken).toEqual([]);
  expect(await dumpOf(portal.deps.connection)).toEqual(before);
});

it('a wrong password, an unknown address and a closed account get the same answer', async () => {
  const admin = await signedIn(portal, 'admin');
  const { user: closed } = await signedIn(portal, 'support');
  expect(await closeUser(portal.deps, memberOf(admin.user), closed)).toBeNull();
  const visitor = staffVisitor(portal, admin.user);
  const answers = [
    await trySignIn(visitor, admin.user.email, wrong),
    await trySignIn(visitor, 'nobody@staff.example', wrong),
    await trySignIn(visitor, closed.email, passwordOfTheStaff),
  ];
  const told = answers.map(({ status, html, location }) => ({
    status,
    location,
    html: html.replace(/(name="email" value=")[^"]*/, '$1'),
  }));
  expect(told[0]).toMatchObject({ status: 422 });
  expect(told[1]).toEqual(told[0]);
  expect(told[2]).toEqual(told[0]);
  expect((await auditOf('SIGN_IN_REFUSED', `user:${closed._id}`)).map(({ detail }) => detail)).toEqual([
    'password',
  ]);
});

it('sign-in costs the same work for unknown and known users', async () => {
  const known = await hashPassword(passwordOfTheStaff);
  const work = async (hash: string | null) => {
    const start = process.cpuUsage();
    await isPassword(hash, wrong);
    const { user: own, system } = process.cpuUsage(start);
    return own + system;
  };
  await work(null);
  // Other work of this process can only add to a try, so the least of several counts.
  let [nobody, somebody] = [Infinity, Infinity];
  for (let tries = 0; tries < 8; tries += 1) {
    nobody = Math.min(nobody, await work(null));
    somebody = Math.min(somebody, await work(known));
  }
  expect(nobody / somebody).toBeGreaterThan(0.4);
});

it('a changed password ends every other session, and keeps this one', async () => {
  const here = await signedIn(portal, 'support');
  const elsewhere = staffVisitor(portal, here.user);
  await trySignIn(elsewhere, here.user.email, passwordOfTheStaff);
  const listed = await account(here);
  expect(listed.text).toContain('Firefox on Linux');
  for (const [changed, words] of [
    [{ present: wrong, next: other, again: other }, 'Your current password is wrong.'],
    [{ present: passwordOfTheStaff, next: 'short', again: 'short' }, 'at least 12 characters'],
    [{ present: passwordOfTheStaff, next: other, again: wrong }, 'not the same'],
  ] as const) {
    const refused = await here.press(listed, /Change password/, changed);
    expect(refused.status).toBe(422);
    expect(refused.text).toContain(words);
  }
  expect(await isIn(elsewhere)).toBe(true);
  const before = here.cookie();
  const changed = await here.press(listed, /Change password/, {
    present: passwordOfTheStaff,
    next: other,
    again: other,
  });
  expect(changed.text).toContain('Your password is changed.');
  expect(here.cookie()).not.toBe(before);
  expect([await isIn(here), await isIn(elsewhere)]).toEqual([true, false]);
  expect((await trySignIn(elsewhere, here.user.email, passwordOfTheStaff)).status).toBe(422);
  expect((await trySignIn(elsewhere, here.user.email, other)).status).toBe(303);
});

it('sessions are listed, and can be ended one by one or all but this one', async () => {
  const here = await signedIn(portal, 'support');
  const others = [staffVisitor(portal, here.user), staffVisitor(portal, here.user)];
  for (const visitor of others) await trySignIn(visitor, here.user.email, passwordOfTheStaff);
  const stranger = await signedIn(portal, 'support');
  const theirs = /name="session" value="([\w-]{20,})"/.exec((await account(others[0] ?? here)).html)?.[1];
  expect((await stranger.post(adminPaths.endedSessions(), { session: theirs ?? '' })).status).toBe(404);
  const one = await here.press(await account(here), /^End Firefox/);
  expect(one.text).toContain('That session has ended.');
  const areIn = await Promise.all(others.map(isIn));
  expect(areIn.filter(Boolean)).toHaveLength(1);
  await here.press(one, /End all others/);
  expect(await Promise.all([here, ...others].map(isIn))).toEqual([true, false, false]);
  expect(await isIn(stranger)).toBe(true);
});

it('a session ends a week after sign-in, also when it is in use', async () => {
  const here = await signedIn(portal, 'support');
  const { sessions } = portal.deps.models;
  const dayMs = 24 * 3_600_000;
  const begun = (agoMs: number) =>
    sessions.updateMany(
      { 'session.userId': here.user._id },
      { $set: { 'session.signedInAt': new Date(portal.deps.clock().getTime() - agoMs).toISOString() } },
    );
  await begun(7 * dayMs - 60_000);
  expect(await isIn(here)).toBe(true);
  await begun(7 * dayMs);
  expect(await isIn(here)).toBe(false);
  await trySignIn(here, here.user.email, passwordOfTheStaff);
  const listed = await account(here);
  expect(listed.html.match(/name="session" value=/g) ?? []).toHaveLength(0);
});

it('a closed account is signed out at its next request', async () => {
  const admin = await signedIn(portal, 'admin');
  const staff = await signedIn(portal, 'support');
  const page = await admin.open(adminPaths.user(staff.user._id));
  expect(await isIn(staff)).toBe(true);
  const closed = await admin.press(page, /Close the account/);
  expect(closed.text).toContain('The account is closed.');
  expect(await isIn(staff)).toBe(false);
  expect((await trySignIn(staff, staff.user.email, passwordOfTheStaff)).status).toBe(422);
  await admin.press(closed, /Open the account/);
  expect((await trySignIn(staff, staff.user.email, passwordOfTheStaff)).status).toBe(303);
});

it('behind https the session cookie is limited to this host, whatever a proxy says', async () => {
  const secure = await openTestPortal({ env: { BASE_URL: 'https://preferences.example.com' } });
  const { user } = await signedIn(secure, 'support');
  const visitor = staffVisitor(secure, user);
  const answer = await trySignIn(visitor, user.email, passwordOfTheStaff);
  const cookies = answer.headers.getSetCookie();
  expect(cookies.map((cookie) => cookie.split('=')[0]).sort()).toEqual([
    '__Host-sayso',
    '__Host-sayso-device',
  ]);
  for (const cookie of cookies) {
    const flags = cookie.split('; ').slice(1);
    expect(flags).toEqual(expect.arrayContaining(['Path=/', 'HttpOnly', 'Secure']));
    expect(flags.some((flag) => /^SameSite=(Lax|Strict)$/.test(flag))).toBe(true);
    expect(flags.some((flag) => flag.startsWith('Domain'))).toBe(false);
  }
  expect(await isIn(visitor)).toBe(true);
});

it('no log holds a password, an address or a session', async () => {
  const users = await portal.deps.models.users.find({}).lean<User[]>();
  const sessions = await portal.deps.models.sessions.find({}).lean();
  expect(
    findCanaries(portal.logged.join(''), [
      passwordOfTheStaff,
      other,
      wrong,
      ...users.map(({ email }) => email),
      ...sessions.map(({ _id }) => _id),
    ]),
  ).toEqual([]);
});
