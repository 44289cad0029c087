/** OpenID Connect against a real provider: the request, the callback, and every invalid answer. */
import { beforeEach, describe, expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { createUser } from '../../../src/domain/staff/users.js';
import type { User } from '../../../src/models/user.js';
import { openTestPortal } from '../../support/app.js';
import { freePort } from '../../support/close-afterwards.js';
import { dumpOf } from '../../support/dump.js';
import { openTestProvider } from '../../support/oidc-provider.js';
import { staffVisitor } from '../../support/staff.js';
import type { StaffVisitor } from '../../support/staff.js';
import { saying } from '../../support/visitor.js';

// Each must know the other's address, so the portal's name is not the one that it listens on.
const publicUrl = `http://localhost:${await freePort()}`;
const provider = await openTestProvider(publicUrl + adminPaths.oidcReturn());
const portal = await openTestPortal({
  env: {
    BASE_URL: publicUrl,
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: provider.clientId,
    OIDC_CLIENT_SECRET: provider.clientSecret,
    OIDC_NAME: 'Northwind account',
  },
});

let made = 0;
let user: User;
let browser: StaffVisitor;
beforeEach(async () => {
  made += 1;
  user = await createUser(portal.deps, {
    email: `oda-${made}@staff.example`,
    name: 'Oda Moe',
    role: 'support',
    scope: null,
  });
  browser = staffVisitor(portal, user);
  provider.saysNo = false;
  provider.person = { subject: `subject-${made}`, email: user.email, isVerified: true };
});

/** Starts at the portal. @returns the provider's address, with all its parameters */
async function setOut(next?: string): Promise<string> {
  const answer = await browser.ask('GET', adminPaths.oidc({ next }));
  expect(answer.status).toBe(303);
  return answer.location ?? '';
}

/** Returns to the portal by the callback that the provider sent. */
async function comeBack(way: string, visitor = browser) {
  const { pathname, search } = new URL(way);
  expect(pathname).toBe(adminPaths.oidcReturn());
  return visitor.ask('GET', pathname + search);
}

async function signIn(next?: string) {
  return comeBack(await provider.visit(await setOut(next)));
}

/** Where a refused user is led to, and that they are not signed in. */
async function expectRefused(answer: { location: string | null }, said: string) {
  expect(answer.location).toMatch(saying(adminPaths.signIn(), said));
  expect((await browser.open(adminPaths.dashboard())).status).toBe(303);
}

const stored = () => portal.deps.models.users.findById(user._id).lean<User>();

async function lastRefusal() {
  const entry = await portal.deps.models.auditEntries
    .findOne({ kind: 'SIGN_IN_REFUSED' })
    .sort({ _id: -1 })
    .lean();
  return entry?.detail;
}

describe('OpenID sign-in of a user with an account', () => {
  it('succeeds by the provider’s verified address, and binds the account', async () => {
    const page = await browser.open(adminPaths.signIn({ next: adminPaths.account() }));
    expect(page.text).toContain('Sign in with Northwind account');
    const answer = await signIn(adminPaths.account());
    expect(answer).toMatchObject({ status: 303, location: adminPaths.account() });
    expect((await browser.open(adminPaths.account())).text).toContain('Oda Moe');
    expect((await stored())?.oidc).toEqual({ issuer: provider.issuer, subject: provider.person.subject });
  });

  it('succeeds by issuer and subject from then on, whatever the address is', async () => {
    await signIn();
    browser = staffVisitor(portal, user);
    provider.person = { subject: provider.person.subject, email: 'another@staff.example', isVerified: false };
    expect(await signIn()).toMatchObject({ status: 303, location: adminPaths.dashboard() });
    expect((await browser.open(adminPaths.dashboard())).text).toContain('Oda Moe');
  });

  it('accepts the address in capitals', async () => {
    provider.person.email = user.email.toUpperCase();
    expect(await signIn()).toMatchObject({ location: adminPaths.dashboard() });
  });
});

describe('OpenID sign-in is refused', () => {
  it.each([{ isVerified: false }, {}])('for an address that is not verified: %j', async (verified) => {
    provider.person = { subject: 'somebody-else', email: user.email, ...verified };
    await expectRefused(await signIn(), 'oidc-unknown');
    expect((await stored())?.oidc).toBeNull();
  });

  it('for an address of the ID token when the userinfo verifies another', async () => {
    provider.person = {
      ...{ subject: 'somebody-else', email: 'somebody-else@staff.example', isVerified: true },
      ofToken: { email: user.email },
    };
    await expectRefused(await signIn(), 'oidc-unknown');
    provider.person.ofToken = { email: user.email, isVerified: true };
    expect(await signIn()).toMatchObject({ location: adminPaths.dashboard() });
  });

  it('for a user without an account, and none is created', async () => {
    provider.person = { subject: 'stranger', email: 'stranger@staff.example', isVerified: true };
    const before = await portal.deps.models.users.countDocuments();
    await expectRefused(await signIn(), 'oidc-unknown');
    expect(await portal.deps.models.users.countDocuments()).toBe(before);
    expect(await lastRefusal()).toBe('OpenID Connect: unknown');
  });

  it('for an account bound to another identity, though the address is the same', async () => {
    await signIn();
    browser = staffVisitor(portal, user);
    provider.person = { subject: 'who-got-the-address-later', email: user.email, isVerified: true };
    await expectRefused(await signIn(), 'oidc-unknown');
    expect(await lastRefusal()).toBe('OpenID Connect: bound to somebody else');
  });

  it('for a closed account, bound before or not', async () => {
    await portal.deps.models.users.updateOne({ _id: user._id }, { $set: { isActive: false } });
    await expectRefused(await signIn(), 'oidc-unknown');
    await portal.deps.models.users.updateOne(
      { _id: user._id },
      { $set: { oidc: { issuer: provider.issuer, subject: provider.person.subject } } },
    );
    await expectRefused(await signIn(), 'oidc-unknown');
    expect(await lastRefusal()).toBe('OpenID Connect: closed');
  });

  it('when the user declines at the provider', async () => {
    provider.saysNo = true;
    await expectRefused(await signIn(), 'oidc-refused');
  });

  it.each([
    ['another nonce', 'nonce', 'x'.repeat(43)],
    ['another state', 'state', 'y'.repeat(43)],
    ['another challenge, as a thief of the code has', 'code_challenge', 'z'.repeat(43)],
  ])('with %s', async (_what, name, value) => {
    const way = new URL(await setOut());
    expect(way.searchParams.get(name)).toBeTruthy();
    way.searchParams.set(name, value);
    await expectRefused(await comeBack(await provider.visit(way.href)), 'oidc-refused');
    expect((await stored())?.oidc).toBeNull();
  });

  it('with an answer that names another issuer', async () => {
    const back = new URL(await provider.visit(await setOut()));
    back.searchParams.set('iss', 'https://elsewhere.example');
    await expectRefused(await comeBack(back.href), 'oidc-refused');
  });

  it('when a callback is used again, with or without its cookie', async () => {
    await setOut();
    const along = browser.cookie();
    const way = await setOut();
    const alongThis = browser.cookie();
    const back = await provider.visit(way);
    expect((await comeBack(back)).location).toBe(adminPaths.dashboard());
    const { pathname, search } = new URL(back);
    browser = staffVisitor(portal, user);
    await expectRefused(await browser.ask('GET', pathname + search), 'oidc-late');
    for (const cookie of [along, alongThis])
      await expectRefused(await browser.ask('GET', pathname + search, undefined, { cookie }), 'oidc-refused');
  });

  it('with another browser’s callback, as in a link sent by an attacker', async () => {
    const back = await provider.visit(await setOut());
    browser = staffVisitor(portal, user);
    await expectRefused(await comeBack(back), 'oidc-late');
    await setOut();
    await expectRefused(await comeBack(back), 'oidc-refused');
  });

  it('after ten minutes, or with a forged cookie', async () => {
    const back = await provider.visit(await setOut());
    portal.advance(11 * 60_000);
    await expectRefused(await comeBack(back), 'oidc-late');
    const { pathname, search } = new URL(back);
    for (const cookie of ['sayso-trip=', 'sayso-trip=e30.e30.e30', 'sayso-trip=%00'])
      await expectRefused(await browser.ask('GET', pathname + search, undefined, { cookie }), 'oidc-late');
    portal.advance(-11 * 60_000);
  });
});

it('starting OpenID sign-in writes nothing, and nor does an unexpected callback or HEAD', async () => {
  const before = await dumpOf(portal.deps.connection);
  const back = await provider.visit(await setOut());
  const { pathname, search } = new URL(back);
  await browser.ask('HEAD', pathname + search);
  await staffVisitor(portal, user).ask('GET', pathname + search);
  expect(await dumpOf(portal.deps.connection)).toEqual(before);
  expect((await comeBack(back)).location).toBe(adminPaths.dashboard());
});

it('the request to the provider has the portal’s own address, PKCE, state and nonce', async () => {
  const asked = new URL(await setOut()).searchParams;
  expect(asked.get('redirect_uri')).toBe(portal.deps.config.baseUrl + adminPaths.oidcReturn());
  expect(asked.get('code_challenge_method')).toBe('S256');
  for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)).toMatch(/^[\w-]{43}$/);
  const other = new URL(await setOut()).searchParams;
  for (const name of ['state', 'nonce', 'code_challenge']) expect(other.get(name)).not.toBe(asked.get(name));
});

it('an unavailable provider is reported in a sentence, and asked again by the next sign-in', async () => {
  const away = await openTestPortal({
    env: {
      OIDC_ISSUER: 'http://127.0.0.1:9',
      OIDC_CLIENT_ID: 'sayso',
      OIDC_CLIENT_SECRET: 'secret',
    },
  });
  const visitor = staffVisitor(away, user);
  const answer = await visitor.ask('GET', adminPaths.oidc());
  expect(answer.location).toMatch(saying(adminPaths.signIn(), 'oidc-away'));
  expect((await visitor.open(answer.location ?? '')).text).toContain(
    'The sign-in provider cannot be reached.',
  );
});

it('no log has a code, state or secret of OpenID sign-in', () => {
  const log = portal.logged.join('\n');
  expect(log).not.toContain(provider.clientSecret);
  expect(log).not.toMatch(/code=|state=|eyJ/);
});
