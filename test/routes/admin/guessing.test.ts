/** Guesses at the sign-in: strangers are stopped, and staff are not, from any network. */
import { beforeEach, describe, expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { makeOneTimeLink } from '../../../src/domain/staff/one-time-links.js';
import { openTestPortal } from '../../support/app.js';
import { passwordOfTheStaff, signedIn, staffVisitor } from '../../support/staff.js';
import type { StaffVisitor } from '../../support/staff.js';

const wrong = 'certainly-not-the-password';
const other = 'another-password-of-the-tests';

const portal = await openTestPortal({ env: { TRUST_PROXY_HOPS: '1' } });
beforeEach(() => portal.deps.models.rateLimits.deleteMany({}));

interface Try {
  password?: string;
  /** The network, as the proxy reports it; that of the tests when absent. */
  from?: string;
  cookie?: string;
}

async function trySignIn(visitor: StaffVisitor, email: string, { password = wrong, from, cookie }: Try = {}) {
  return visitor.ask('POST', adminPaths.signIn(), new URLSearchParams({ email, password }), {
    ...(from ? { 'x-forwarded-for': from } : {}),
    ...(cookie ? { cookie } : {}),
  });
}

/** A browser that never signed in. */
const newcomer = ({ user }: StaffVisitor) => staffVisitor(portal, user);
const right = { password: passwordOfTheStaff };

/** Strangers from many networks use up one account's limit. */
async function attack(email: string): Promise<void> {
  const stranger = newcomer(await signedIn(portal, 'support'));
  const all = Array.from({ length: 32 }, (_, at) => trySignIn(stranger, email, { from: `198.51.100.${at}` }));
  expect((await Promise.all(all)).filter(({ status }) => status === 429).length).toBeGreaterThan(0);
}

it('after ten wrong passwords none is checked for a quarter of an hour, whether or not the account exists', async () => {
  const staff = await signedIn(portal, 'support');
  const stranger = newcomer(staff);
  const last = [];
  for (const email of [staff.user.email, 'nobody-else@staff.example']) {
    const answers = [];
    for (let tries = 0; tries < 11; tries += 1) answers.push(await trySignIn(stranger, email));
    expect(answers.map(({ status }) => status)).toEqual([...Array<number>(10).fill(422), 429]);
    last.push(answers.at(-1));
  }
  const told = last.map((answer) => ({
    html: answer?.html.replace(/(name="email" value=")[^"]*/, '$1').replace(/in \d+ minutes/, ''),
    headers: [...(answer?.headers.keys() ?? [])],
  }));
  expect(told[1]).toEqual(told[0]);
  // The wait concerns no field: only a wrong password marks one.
  expect(last.map((answer) => answer?.html.includes('aria-invalid'))).toEqual([false, false]);
  const wrong = await trySignIn(newcomer(await signedIn(portal, 'support')), 'one-try@staff.example');
  expect(wrong.html).toMatch(/id="email"[^>]*aria-invalid="true"/);
  for (const answer of last) {
    expect(Number(answer?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(answer?.headers.get('retry-after'))).toBeLessThanOrEqual(900);
  }
  expect((await trySignIn(stranger, staff.user.email, right)).status).toBe(429);
  const entries = await portal.deps.models.auditEntries.find({ about: `user:${staff.user._id}` }).lean();
  expect(entries.map(({ detail, count }) => [detail, count])).toEqual([
    ['password', 10],
    ['password: too many tries', 2],
  ]);
});

it('simultaneous guesses are counted one by one', async () => {
  const staff = await signedIn(portal, 'support');
  const stranger = newcomer(staff);
  const answers = await Promise.all(Array.from({ length: 24 }, () => trySignIn(stranger, staff.user.email)));
  expect(answers.filter(({ status }) => status === 422)).toHaveLength(10);
});

it('wrong guesses at many accounts do not block other users of the same network', async () => {
  const colleague = await signedIn(portal, 'support');
  const stranger = newcomer(colleague);
  await Promise.all(Array.from({ length: 80 }, (_, at) => trySignIn(stranger, `nobody-${at}@staff.example`)));
  expect((await trySignIn(newcomer(colleague), colleague.user.email, right)).status).toBe(303);
});

describe('while strangers guess at an account', () => {
  it('a known device can sign in, and an unknown one must wait', async () => {
    const owner = await signedIn(portal, 'support');
    await owner.post(adminPaths.signOut(), {});
    await attack(owner.user.email);
    expect((await trySignIn(newcomer(owner), owner.user.email, right)).status).toBe(429);
    expect((await trySignIn(owner, owner.user.email, right)).status).toBe(303);
  });

  it('another user’s device, a forged cookie and an expired cookie do not count as known', async () => {
    const owner = await signedIn(portal, 'support');
    const colleague = await signedIn(portal, 'support');
    await attack(owner.user.email);
    expect((await trySignIn(colleague, owner.user.email, right)).status).toBe(429);
    const [, device = ''] = /(sayso-device=[^;]+)/.exec(owner.cookie()) ?? [];
    const forged = device.replace(/.{4}$/, 'AAAA');
    expect((await trySignIn(newcomer(owner), owner.user.email, { ...right, cookie: forged })).status).toBe(
      429,
    );
    portal.advance(181 * 24 * 3_600_000);
    expect((await trySignIn(newcomer(owner), owner.user.email, { ...right, cookie: device })).status).toBe(
      429,
    );
  });

  it('a signed-in user can change the password', async () => {
    const owner = await signedIn(portal, 'support');
    await attack(owner.user.email);
    const page = await owner.open(adminPaths.account());
    const changed = { present: passwordOfTheStaff, next: other, again: other };
    expect((await owner.press(page, /Change password/, changed)).text).toContain('Your password is changed.');
  });

  it('a user with a one-time link sets a password and signs in with it', async () => {
    const owner = await signedIn(portal, 'support');
    await attack(owner.user.email);
    const elsewhere = newcomer(owner);
    const path = adminPaths.welcome(
      await makeOneTimeLink(portal.deps, owner.user._id, { removesCodes: false }),
    );
    await elsewhere.press(await elsewhere.open(path), /Set password/, { next: other, again: other });
    expect((await trySignIn(elsewhere, owner.user.email, { password: other })).status).toBe(303);
  });
});

it('a known device still needs the password, and its own guesses are limited', async () => {
  const owner = await signedIn(portal, 'support');
  const [, device = ''] = /(sayso-device=[^;]+)/.exec(owner.cookie()) ?? [];
  const open = await newcomer(owner).ask('GET', adminPaths.account(), undefined, { cookie: device });
  expect(open.status).toBe(303);
  const statuses: number[] = [];
  for (let tries = 0; tries < 11; tries += 1)
    statuses.push((await trySignIn(newcomer(owner), owner.user.email, { cookie: device })).status);
  expect(statuses).toEqual([...Array<number>(10).fill(422), 429]);
  const audited = await portal.deps.models.auditEntries
    .find({ about: `user:${owner.user._id}`, kind: 'SIGN_IN_REFUSED' })
    .lean();
  expect(audited).toHaveLength(2);
});

it('the signed-in owner has ten guesses too, learns when to try again, and keeps the page’s input', async () => {
  const owner = await signedIn(portal, 'support');
  const page = await owner.open(adminPaths.account());
  const changed = { present: wrong, next: other, again: other };
  for (let tries = 0; tries < 10; tries += 1)
    expect((await owner.press(page, /Change password/, changed)).status).toBe(422);
  const refused = await owner.press(page, /Change password/, changed);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused.html).toContain('id="present-fault"');
  // That does not stop a known device from signing in.
  expect((await trySignIn(newcomer(owner), owner.user.email, right)).status).toBe(303);
});
