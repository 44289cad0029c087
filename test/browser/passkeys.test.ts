/** Passkeys in real Chromium with a virtual authenticator: added by the owner, used to sign in, removed; checked with axe. */
import { expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { adminPaths } from '../../src/admin-paths.js';
import { createUser } from '../../src/domain/staff/users.js';
import type { User } from '../../src/models/user.js';
import { openTestPortal } from '../support/app.js';
import { axeInBothSchemes, openBrowser, overflowOf } from '../support/page.js';
import type { TestBrowser, Visitor } from '../support/page.js';
import { passwordOfTheStaff } from '../support/staff.js';

const portal = await openTestPortal({ hostName: 'localhost' });
const browser = await openBrowser(portal.url);

let made = 0;

async function somebody(): Promise<User> {
  made += 1;
  return createUser(portal.deps, {
    email: `pia-${made}@staff.example`,
    name: 'Pia Holm',
    role: 'support',
    scope: null,
    password: passwordOfTheStaff,
  });
}

/** A browser with a fingerprint reader that always accepts, or always refuses. */
async function withReader(
  options: Parameters<TestBrowser['visit']>[0] = {},
  saysYes = true,
): Promise<Visitor> {
  const visitor = await browser.visit({ ...options, hasSession: true });
  const session = await visitor.context.newCDPSession(visitor.page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: saysYes,
      automaticPresenceSimulation: true,
    },
  });
  return visitor;
}

async function signInByPassword(page: Page, { email }: User): Promise<void> {
  await page.goto(portal.url + adminPaths.signIn({ next: adminPaths.passkeys() }));
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(passwordOfTheStaff);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { name: 'Passkeys', exact: true }).waitFor();
}

async function add(page: Page, name: string): Promise<void> {
  await page.fill('#name', name);
  await page.getByLabel('Your current password').fill(passwordOfTheStaff);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByText('The passkey is added.').waitFor();
}

it('a user adds a passkey, signs out, signs in with it and no password, and removes it', async () => {
  const user = await somebody();
  const { page } = await withReader();
  await signInByPassword(page, user);
  await add(page, 'Work laptop');
  expect(await page.textContent('#passkeys')).toMatch(/Work laptop.*not used yet/s);

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.goto(portal.url + adminPaths.signIn({ next: adminPaths.passkeys() }));
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.waitForURL(`**${adminPaths.passkeys()}`);
  expect(await page.textContent('#passkeys')).not.toContain('not used yet');
  const entry = await portal.deps.models.auditEntries.findOne({ kind: 'SIGNED_IN' }).sort({ _id: -1 }).lean();
  expect(entry).toMatchObject({ by: `user:${user._id}`, detail: 'passkey' });

  await page.getByRole('button', { name: 'Remove Work laptop' }).click();
  await page.getByText('The passkey is removed.').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.getByText('This passkey does not belong to an account here.').waitFor();
});

it('passkeys work in a browser that cannot parse the JSON of WebAuthn itself', async () => {
  const user = await somebody();
  const { page } = await withReader();
  await page.addInitScript(`
    delete PublicKeyCredential.parseCreationOptionsFromJSON;
    delete PublicKeyCredential.parseRequestOptionsFromJSON;
    delete PublicKeyCredential.prototype.toJSON;
  `);
  await signInByPassword(page, user);
  await add(page, 'Older telephone');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.waitForURL(`**${adminPaths.dashboard()}`);
});

it('a refused finger, or a passkey already on the device, is reported on the same page', async () => {
  const user = await somebody();
  const { page } = await withReader();
  await signInByPassword(page, user);
  await add(page, 'First');
  await page.getByLabel('Your current password').fill(passwordOfTheStaff);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByText('This device has a passkey of your account already.').waitFor();

  const stranger = await withReader({}, false);
  await stranger.page.goto(portal.url + adminPaths.signIn());
  await stranger.page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await stranger.page.getByText('Nothing was done: it was cancelled, or took too long.').waitFor();
});

it('a wrong password is reported, and the browser creates no passkey', async () => {
  const { page } = await withReader();
  await signInByPassword(page, await somebody());
  await page.getByLabel('Your current password').fill('somebody-elses-password');
  const answered = page.waitForResponse(portal.url + adminPaths.passkeyChallenges());
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  expect((await answered).status()).toBe(422);
  await page.getByText('Your current password is wrong.').waitFor();
  expect(await page.textContent('main')).toContain('You have no passkey yet.');
  expect(await browser.leave()).toEqual([]);
});

it('without JavaScript the passkey pages say what is needed, and the password works', async () => {
  const user = await somebody();
  const { page } = await browser.visit({ hasScript: false, hasSession: true });
  await page.goto(portal.url + adminPaths.signIn());
  expect(await page.textContent('main')).toContain('Passkeys need JavaScript.');
  expect(await page.getByRole('button', { name: 'Sign in with a passkey' }).count()).toBe(0);
  await signInByPassword(page, user);
  expect(await page.textContent('main')).toContain('Passkeys need JavaScript.');
});

it.each([320, 1280])('the passkey pages pass axe in light and dark, %i px wide', async (width) => {
  const user = await somebody();
  const { page } = await withReader({ width });
  await page.goto(portal.url + adminPaths.signIn());
  expect(await axeInBothSchemes(page)).toEqual([]);
  expect(await overflowOf(page)).toBeLessThanOrEqual(0);
  await signInByPassword(page, user);
  await add(page, 'A name that is as long as the form allows it to be, and no long');
  expect(await axeInBothSchemes(page)).toEqual([]);
  expect(await overflowOf(page)).toBeLessThanOrEqual(0);
});
