/** The database going away while staff act: no page says that nothing was saved where something may have been. */
import { MongoNetworkError } from 'mongodb';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { openTestPortal } from '../../support/app.js';
import type { TestPortal } from '../../support/app.js';
import { passwordOfTheStaff, signedIn, staffVisitor } from '../../support/staff.js';

let portal: TestPortal;
beforeAll(async () => {
  portal = await openTestPortal();
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => portal.stop());

const away = () => Promise.reject(new MongoNetworkError('connection closed'));
const notSaved = 'Nothing was saved.';

it('an act that is done, and whose entry of the audit log is not, is not said to be undone', async () => {
  const visitor = await signedIn(portal, 'support');
  await visitor.open(adminPaths.account());
  vi.spyOn(portal.deps.models.auditEntries.collection, 'insertOne').mockImplementation(away);
  const answer = await visitor.post(adminPaths.accountName(), { name: 'Ida Lund' });
  expect(answer.status).toBe(503);
  expect(answer.text).toContain('It is not known whether it was saved.');
  expect(answer.text).not.toContain(notSaved);
  expect(await portal.deps.models.users.findById(visitor.user._id).lean()).toMatchObject({
    name: 'Ida Lund',
  });
});

it('before an act begins, and on pages that are only looked at, nothing was saved', async () => {
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

it('nobody is signed in without an entry of the audit log', async () => {
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

it('a page that is not there marks nothing of the navigation as the one that is open', async () => {
  const visitor = await signedIn(portal, 'admin');
  const answer = await visitor.open(adminPaths.contact('nobody'));
  expect(answer.status).toBe(404);
  expect(answer.html).not.toContain('aria-current');
});
