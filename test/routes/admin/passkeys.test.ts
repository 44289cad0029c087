/** Passkeys: added and removed by their owner; forged, replayed and copied keys are refused. */
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { createUser } from '../../../src/domain/staff/users.js';
import { passkeyPlaceOf } from '../../../src/domain/staff/passkeys.js';
import type { User } from '../../../src/models/user.js';
import { openTestPortal } from '../../support/app.js';
import { authenticator } from '../../support/authenticator.js';
import type { Authenticator } from '../../support/authenticator.js';
import { passwordOfTheStaff, signedIn, staffVisitor } from '../../support/staff.js';
import type { StaffVisitor } from '../../support/staff.js';
import { saying } from '../../support/visitor.js';

const portal = await openTestPortal({ hostName: 'localhost' });

const page = adminPaths.passkeys();

/** What the page's script does: requests a challenge, has the key sign it, and sends the form. */
async function add(
  owner: StaffVisitor,
  key: Authenticator,
  name: string,
  as?: Parameters<Authenticator['make']>[1],
) {
  const form = (await owner.open(page)).forms.find(({ action }) => action === page);
  const csrf = form?.fields.find(([field]) => field === '_csrf')?.[1] ?? '';
  const challenge = await owner.ask(
    'POST',
    adminPaths.passkeyChallenges(),
    new URLSearchParams({ _csrf: csrf, present: passwordOfTheStaff }),
  );
  expect(challenge.status).toBe(200);
  return owner.post(page, { name, credential: key.make(challenge.html, as) });
}

async function challengeFor(visitor: StaffVisitor): Promise<string> {
  const answer = await visitor.ask('POST', adminPaths.passkeySignInChallenges());
  expect(answer.status, answer.text).toBe(200);
  return answer.html;
}

async function show(visitor: StaffVisitor, credential: string, next = '') {
  return visitor.ask('POST', adminPaths.passkeySignIns(), new URLSearchParams({ credential, next }));
}

/** A user with a passkey, in a browser that has not signed in. */
async function ownerOfAKey() {
  const owner = await signedIn(portal, 'support');
  const key = authenticator(portal.url);
  expect((await add(owner, key, 'Work laptop')).text).toContain('The passkey is added.');
  return { owner, key, browser: staffVisitor(portal, owner.user) };
}

async function lastEntries(about: User) {
  const ref = `user:${about._id}`;
  const entries = await portal.deps.models.auditEntries
    .find({ $or: [{ about: ref }, { by: ref }] })
    .sort({ _id: -1 })
    .limit(3)
    .lean();
  return entries.map(({ kind, detail }) => `${kind} ${detail}`);
}

const refused: unknown = expect.stringMatching(saying(adminPaths.signIn(), 'passkey-refused'));
const late: unknown = expect.stringMatching(saying(adminPaths.signIn(), 'passkey-late'));

describe('the passkeys of an account', () => {
  it('are added under the owner’s name for them, and sign in', async () => {
    const { owner, key, browser } = await ownerOfAKey();
    expect((await owner.open(page)).text).toMatch(/Work laptop.*not used yet/);
    const answer = await show(browser, key.show(await challengeFor(browser)), page);
    expect(answer).toMatchObject({ status: 303, location: page });
    expect((await browser.open(page)).text).toMatch(/Work laptop \d+ \w+ \d{4} \d+ \w+ \d{4}, \d\d:\d\d/);
    expect(await lastEntries(owner.user)).toContain('SIGNED_IN passkey');
    expect(await lastEntries(owner.user)).toContain('PASSKEY_CHANGED added');
  });

  it('can be removed by the owner, and then no longer sign in', async () => {
    const { owner, key, browser } = await ownerOfAKey();
    const answer = await owner.press(await owner.open(page), /Remove/);
    expect(answer.text).toContain('The passkey is removed.');
    expect(await show(browser, key.show(await challengeFor(browser)))).toMatchObject({ location: refused });
    expect(await lastEntries(owner.user)).toContain('SIGN_IN_REFUSED unknown passkey');
  });

  it('cannot lose the last one where it is the only way to sign in', async () => {
    const { owner, key } = await ownerOfAKey();
    await portal.deps.models.users.updateOne({ _id: owner.user._id }, { $set: { passwordHash: null } });
    expect((await owner.open(page)).text).toContain('Your only way in');
    const answer = await owner.post(adminPaths.passkeyRemovals(key.id), {});
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('your only way in');
  });

  it('cannot be changed by other users', async () => {
    const { owner, key } = await ownerOfAKey();
    const other = await signedIn(portal, 'admin');
    expect((await other.post(adminPaths.passkeyRemovals(key.id), {})).status).toBe(404);
    expect((await owner.open(page)).text).toContain('Work laptop');
  });

  it('refuse a key without user verification, from another site, or already registered', async () => {
    const { owner, key } = await ownerOfAKey();
    for (const as of [{ isVerified: false }, { origin: 'https://elsewhere.example' }])
      expect((await add(owner, authenticator(portal.url), 'Forged', as)).status).toBe(422);
    const again = await add(owner, key, 'Again');
    expect(again.status).toBe(422);
    expect(again.text).toContain('in use already');
  });

  it('are at most twenty', async () => {
    const { owner } = await ownerOfAKey();
    const { models } = portal.deps;
    const user = await models.users.findById(owner.user._id).lean<User>();
    const [first] = user?.passkeys ?? [];
    const many = Array.from({ length: 20 }, (_one, at) => ({ ...first, id: `key-${at}` }));
    await models.users.updateOne({ _id: owner.user._id }, { $set: { passkeys: many } });
    expect((await add(owner, authenticator(portal.url), 'One more')).text).toContain('at most 20 passkeys');
  });
});

describe('sign-in with a passkey', () => {
  it('accepts an answer once, also when it is sent twice at the same time', async () => {
    const { key, browser } = await ownerOfAKey();
    key.counter = 0;
    const answer = key.show(await challengeFor(browser), { counter: 5 });
    const cookie = browser.cookie();
    const body = () => new URLSearchParams({ credential: answer });
    const both = await Promise.all(
      [1, 2, 3].map(() =>
        fetch(portal.url + adminPaths.passkeySignIns(), {
          method: 'POST',
          redirect: 'manual',
          headers: { cookie, 'sec-fetch-site': 'same-origin' },
          body: body(),
        }),
      ),
    );
    const led = both.map(({ headers }) => headers.get('location'));
    expect(led.filter((to) => to === adminPaths.dashboard())).toHaveLength(1);
    const later = await browser.ask('POST', adminPaths.passkeySignIns(), body(), { cookie });
    expect(later.location).toEqual(late);
  });

  it('refuses an answer to another challenge, from another site, or without user verification', async () => {
    const { key, browser, owner } = await ownerOfAKey();
    const other = key.show(await challengeFor(staffVisitor(portal, owner.user)));
    await challengeFor(browser);
    expect(await show(browser, other)).toMatchObject({ location: refused });
    for (const as of [{ origin: 'https://elsewhere.example' }, { isVerified: false }])
      expect(await show(browser, key.show(await challengeFor(browser), as))).toMatchObject({
        location: refused,
      });
    expect(await lastEntries(owner.user)).toContain('SIGN_IN_REFUSED passkey with an invalid answer');
  });

  it('refuses a challenge older than five minutes, or none', async () => {
    const { key, browser } = await ownerOfAKey();
    const answer = key.show(await challengeFor(browser));
    portal.advance(6 * 60_000);
    expect(await show(browser, answer)).toMatchObject({ location: late });
    expect(await show(browser, answer)).toMatchObject({ location: late });
  });

  it('refuses and audits a copied key, whose counter went back', async () => {
    const { key, browser, owner } = await ownerOfAKey();
    expect((await show(browser, key.show(await challengeFor(browser), { counter: 9 }))).location).toBe(
      adminPaths.dashboard(),
    );
    for (const counter of [9, 3, 0])
      expect(await show(browser, key.show(await challengeFor(browser), { counter }))).toMatchObject({
        location: refused,
      });
    expect(await lastEntries(owner.user)).toContain(
      'SIGN_IN_REFUSED passkey with an old counter: it may have been copied',
    );
  });

  it('accepts a passkey that does not count', async () => {
    const owner = await signedIn(portal, 'auditor');
    const key = authenticator(portal.url);
    key.counter = 0;
    await add(owner, key, 'Phone');
    for (const time of [1, 2]) {
      const browser = staffVisitor(portal, owner.user);
      const answer = await show(browser, key.show(await challengeFor(browser)));
      expect(answer.location, String(time)).toBe(adminPaths.dashboard());
    }
  });

  it('refuses a closed account and another user’s account', async () => {
    const { key, browser, owner } = await ownerOfAKey();
    const admin = await createUser(portal.deps, {
      email: 'elsewhere@staff.example',
      name: 'Ada',
      role: 'admin',
      scope: null,
    });
    const userHandle = Buffer.from(admin._id).toString('base64url');
    expect(await show(browser, key.show(await challengeFor(browser), { userHandle }))).toMatchObject({
      location: refused,
    });
    await portal.deps.models.users.updateOne({ _id: owner.user._id }, { $set: { isActive: false } });
    expect(await show(browser, key.show(await challengeFor(browser)))).toMatchObject({ location: refused });
    expect(await lastEntries(owner.user)).toContain('SIGN_IN_REFUSED passkey of a closed account');
  });

  it('creates a new session, so a planted one is not signed in', async () => {
    const { key, browser } = await ownerOfAKey();
    const challenge = await challengeFor(browser);
    const planted = browser.cookie();
    await show(browser, key.show(challenge));
    expect(browser.cookie()).not.toBe(planted);
    const response = await fetch(portal.url + page, { headers: { cookie: planted }, redirect: 'manual' });
    expect(response.status).toBe(303);
  });

  it.each(['', '{}', 'null', '[1]', '{"id":{"$ne":""}}'])(
    'answers 400 to %j, which is not an answer',
    async (credential) => {
      const { browser } = await ownerOfAKey();
      await challengeFor(browser);
      expect((await show(browser, credential)).status).toBe(400);
    },
  );
});

describe('the address of the portal', () => {
  it.each([
    ['https://preferences.example.com', 'preferences.example.com'],
    ['http://localhost:8080', 'localhost'],
    ['https://preferences.example.com:8443', 'preferences.example.com'],
  ])('%s allows passkeys, bound to %s', (baseUrl, rpId) => {
    expect(passkeyPlaceOf({ baseUrl })).toEqual({ rpId, origin: baseUrl });
  });

  it.each([
    'http://127.0.0.1:8080',
    'https://10.0.0.7',
    'https://[::1]:8080',
    'http://preferences.example.com',
  ])('%s allows none, since browsers offer none there', (baseUrl) =>
    expect(passkeyPlaceOf({ baseUrl })).toBeNull(),
  );
});

it('a portal under an IP address offers no passkeys and says why', async () => {
  const numbered = await openTestPortal();
  const owner = await signedIn(numbered, 'support');
  const opened = await owner.open(page);
  expect(opened.text).toContain('Browsers offer passkeys only over https and for a host name');
  expect(opened.html).not.toContain('data-passkey');
  expect((await staffVisitor(numbered, owner.user).open(adminPaths.signIn())).html).not.toContain('passkey');
  expect((await owner.ask('POST', adminPaths.passkeySignInChallenges())).status).toBe(404);
});
