/** The database fails while staff act: no page says that nothing was saved when something may have been saved. */
import { MongoNetworkError } from 'mongodb';
import { afterEach, expect, it, vi } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { openTestPortal } from '../../support/app.js';
import { passwordOfTheStaff, signedIn, staffVisitor } from '../../support/staff.js';

const portal = await openTestPortal();
afterEach(() => vi.restoreAllMocks());

const away = () => Promise.reject(new MongoNetworkError('connection closed'));
const notSaved = 'Nothing was saved.';

it('an act whose audit entry fails is not reported as undone', async () => {
  const visitor = await signedIn(portal, 'support');
  await visitor.open(adminPaths.account());
  vi.spyOn(portal.deps.models.auditEntries.collection, 'insertOne').mockImplementation(away);
  const answer = await visitor.post(adminPaths.accountName(), { name: 'Ida Lund' });
  expect(answer.status).toBe(503);
  expect(answer.text).toContain('It may or may not be saved.');
  expect(answer.text).not.toContain(notSaved);
  expect(await portal.deps.models.users.findById(visitor.user._id).lean()).toMatchObject({
    name: 'Ida Lund',
  });
});

it('a failure before an act, or on a page that only reads, is reported as nothing saved', async () => {
  const visitor = await signedIn(portal, 'support');
  await visitor.open(adminPaths.account());
  vi.spyOn(portal.deps.models.users, 'findById').mockImplementation(() => {
    throw new MongoNetworkError('connection closed');
  });
  const act = await visitor.post(adminPaths.accountName(), { name: 'Nobody' });
  const look = await visitor.open(adminPaths.account());
  for (const answer of [act, look]) {
    expect(answer.status).toBe(503);
    expect(answer.text).toContain(notSaved);
  }
});

it('sign-in fails when its audit entry cannot be written', async () => {
  const { user } = await signedIn(portal, 'support');
  const browser = staffVisitor(portal, user);
  vi.spyOn(portal.deps.models.auditEntries.collection, 'insertOne').mockImplementation(away);
  const fields = new URLSearchParams({ email: user.email, password: passwordOfTheStaff });
  expect((await browser.ask('POST', adminPaths.signIn(), fields)).status).toBe(503);
  expect(await browser.open(adminPaths.account())).toMatchObject({
    status: 303,
    location: adminPaths.signIn({ next: adminPaths.account() }),
  });
});

it('a page that does not exist marks no navigation item as current', async () => {
  const visitor = await signedIn(portal, 'admin');
  const answer = await visitor.open(adminPaths.contact('nobody'));
  expect(answer.status).toBe(404);
  expect(answer.html).not.toContain('aria-current');
});

it.each<[string, string, string, Record<string, string>, number]>([
  ['an unknown URL', 'GET', '/admin/nowhere', {}, 404],
  ['a form of another site', 'POST', adminPaths.accountName(), { 'sec-fetch-site': 'cross-site' }, 403],
  ['a form that is too large', 'POST', adminPaths.accountName(), {}, 413],
])(
  '%s answers a signed-in user with the menu, and others with the sign-in',
  async (what, method, path, headers, status) => {
    const body =
      method === 'POST' ? new URLSearchParams({ name: 'x'.repeat(status === 413 ? 600_000 : 1) }) : undefined;
    const visitor = await signedIn(portal, 'support');
    const answer = await visitor.ask(method, path, body, headers);
    expect(answer.status, what).toBe(status);
    expect(answer.html).toContain(`href="${adminPaths.contacts()}"`);
    expect(answer.html).not.toContain('>Sign in</a>');
    expect((await visitor.open(adminPaths.account())).text).toContain(visitor.user.name);
    const stranger = await staffVisitor(portal, visitor.user).ask(method, path, body, headers);
    if (status !== 413) expect(stranger.html).toContain('>Sign in</a>');
  },
);
