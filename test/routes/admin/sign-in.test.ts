/** Signing in and out, and what a request needs to act in somebody's name. */
import MongoStore from 'connect-mongo';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { openTestPortal } from '../../support/app.js';
import type { TestPortal } from '../../support/app.js';
import { createUser } from '../../../src/domain/staff/users.js';
import { passwordOfTheStaff, signedIn } from '../../support/staff.js';

let portal: TestPortal;
beforeAll(async () => {
  portal = await openTestPortal();
});
afterAll(() => portal.stop());

it('somebody who has not signed in is led to the sign-in page, and back to where they wanted to go', async () => {
  const answer = await fetch(`${portal.url}/admin/nowhere?x=1`, { redirect: 'manual' });
  expect(answer.status).toBe(404);
  const overview = await fetch(`${portal.url}/admin`, { redirect: 'manual' });
  expect(overview.status).toBe(303);
  expect(overview.headers.get('location')).toBe('/admin/sign-in');
});

it('after signing in the overview says who is there, and after signing out the session is worth nothing', async () => {
  const support = await signedIn(portal, 'support');
  const overview = await support.open(adminPaths.overview());
  expect(overview.status).toBe(200);
  expect(overview.text).toContain(support.user.name);
  const cookie = support.cookie();
  await support.press(overview, /Sign out/);
  const again = await support.ask('GET', adminPaths.overview(), undefined, { cookie });
  expect(again.status).toBe(303);
});

it('a browser that follows the redirect as soon as it sees its head finds itself signed in, however slow the store is', async () => {
  const { email } = await createUser(portal.deps, {
    email: 'quick@staff.example',
    name: 'Quick',
    role: 'support',
    scope: null,
    password: passwordOfTheStaff,
  });
  const { set } = MongoStore.prototype;
  const slow = vi.spyOn(MongoStore.prototype, 'set').mockImplementation(function (this: MongoStore, ...args) {
    setTimeout(() => void set.apply(this, args), 300);
  });
  try {
    // Settles with the head of the answer; its body is not waited for.
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
    const overview = await fetch(portal.url + adminPaths.overview(), {
      headers: { cookie },
      redirect: 'manual',
    });
    expect(overview.status).toBe(200);
  } finally {
    slow.mockRestore();
  }
});
