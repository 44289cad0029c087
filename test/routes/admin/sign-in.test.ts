/** Signing in and out, and what a request needs to act as a user. */
import MongoStore from 'connect-mongo';
import { expect, it, vi } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { openTestPortal } from '../../support/app.js';
import { createUser } from '../../../src/domain/staff/users.js';
import { passwordOfTheStaff, signedIn, staffVisitor } from '../../support/staff.js';

const portal = await openTestPortal();

it('a visitor is led to the sign-in page, and then to the requested page', async () => {
  const answer = await fetch(`${portal.url}/admin/nowhere?x=1`, { redirect: 'manual' });
  expect(answer.status).toBe(404);
  const dashboard = await fetch(`${portal.url}/admin`, { redirect: 'manual' });
  expect(dashboard.status).toBe(303);
  expect(dashboard.headers.get('location')).toBe('/admin/sign-in');
});

it('after sign-in the dashboard names the user, and after signing out the session is worthless', async () => {
  const support = await signedIn(portal, 'support');
  const dashboard = await support.open(adminPaths.dashboard());
  expect(dashboard.status).toBe(200);
  expect(dashboard.text).toContain(support.user.name);
  const cookie = support.cookie();
  await support.press(dashboard, /Sign out/);
  const again = await support.ask('GET', adminPaths.dashboard(), undefined, { cookie });
  expect(again.status).toBe(303);
});

it('a browser that follows the sign-in redirect at once is signed in, however slow the store is', async () => {
  const { email } = await createUser(portal.deps, {
    email: 'quick@staff.example',
    name: 'Quick',
    role: 'support',
    scope: null,
    password: passwordOfTheStaff,
  });
  const { set } = MongoStore.prototype;
  const slow = vi.spyOn(MongoStore.prototype, 'set').mockImplementation(function (this: MongoStore, ...args) {
    setTimeout(() => set.apply(this, args), 300);
  });
  try {
    // Resolves with the head of the answer, without waiting for its body.
    const { headers } = await fetch(portal.url + adminPaths.signIn(), {
      method: 'POST',
      redirect: 'manual',
      headers: { 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ email, password: passwordOfTheStaff }),
    });
    const cookie = headers
      .getSetCookie()
      .map((line) => line.replace(/;.*/, ''))
      .join('; ');
    const dashboard = await fetch(portal.url + adminPaths.dashboard(), {
      headers: { cookie },
      redirect: 'manual',
    });
    expect(dashboard.status).toBe(200);
  } finally {
    slow.mockRestore();
  }
});

it.each([
  ['/admin/contacts?q=ann%20vik&f=locale:nb', '/admin/contacts?q=ann%20vik&f=locale:nb'],
  ['/admin/../../evil', '/admin'],
  ['/admin/%2e%2e/evil', '/admin'],
  ['/admin/x/./y', '/admin'],
  ['//evil.example', '/admin'],
  ['/admin/sign-in', '/admin'],
  ['/admin/sign-in/oidc?next=/admin', '/admin'],
  ['/admin/sign-out', '/admin'],
])('the sign-in with next=%s leads to %s', async (next, to) => {
  const { user } = await signedIn(portal, 'support');
  const browser = staffVisitor(portal, user);
  const fields = new URLSearchParams({ email: user.email, password: passwordOfTheStaff, next });
  expect(await browser.ask('POST', adminPaths.signIn(), fields)).toMatchObject({ status: 303, location: to });
  // Opened again by a user who is signed in already, the page leads on likewise.
  expect(await browser.open(`${adminPaths.signIn()}?${new URLSearchParams({ next })}`)).toMatchObject({
    status: 303,
    location: to,
  });
});
