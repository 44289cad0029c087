/** Requesting a challenge for a new passkey: only the owner may, and a session that ends meanwhile stays ended. */
import { expect, it, vi } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { openTestPortal } from '../../support/app.js';
import { passwordOfTheStaff, signedIn } from '../../support/staff.js';

const portal = await openTestPortal({ hostName: 'localhost' });

const page = adminPaths.passkeys();

it('a session without the password gets no passkey challenge, which is audited', async () => {
  const owner = await signedIn(portal, 'support');
  const csrf = /name="_csrf" value="([^"]+)"/.exec((await owner.open(page)).html)?.[1] ?? '';
  for (const present of ['', 'a-guess-of-the-thief']) {
    const fields = new URLSearchParams({ _csrf: csrf, present });
    const answer = await owner.ask('POST', adminPaths.passkeyChallenges(), fields);
    expect([answer.status, Object.keys(JSON.parse(answer.html) as object)]).toEqual([422, ['refusal']]);
  }
  const by = `user:${owner.user._id}`;
  const entries = await portal.deps.models.auditEntries.find({ by, kind: 'ACCESS_REFUSED' }).lean();
  expect(entries.map(({ detail, count }) => [detail, count])).toEqual([['password asked again', 2]]);
});

it('a session that ends while its passkey challenge is created stays ended', async () => {
  const owner = await signedIn(portal, 'support');
  const { users, sessions } = portal.deps.models;
  const csrf = /name="_csrf" value="([^"]+)"/.exec((await owner.open(page)).html)?.[1] ?? '';
  const found = users.findById.bind(users);
  let looks = 0;
  const spy = vi.spyOn(users, 'findById').mockImplementation(((id: string) => ({
    lean: async () => {
      looks += 1;
      // The middleware reads first: the user was signed in then.
      if (looks === 2) await sessions.deleteMany({ 'session.userId': owner.user._id });
      return found(id).lean();
    },
  })) as never);
  const fields = { _csrf: csrf, present: passwordOfTheStaff };
  await owner.ask('POST', adminPaths.passkeyChallenges(), new URLSearchParams(fields));
  spy.mockRestore();
  expect(looks).toBe(2);
  expect(await sessions.countDocuments({ 'session.userId': owner.user._id })).toBe(0);
  expect((await owner.open(page)).status).toBe(303);
});
