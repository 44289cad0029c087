/**
 * Staff sign-in in real Chromium: the first account by its link, one-time codes, users; by keyboard only, without scripts, in
 * every layout.
 */
import { expect, it } from 'vitest';
import { generate } from 'otplib';
import type { Page } from 'playwright-core';
import { adminPaths } from '../../src/admin-paths.js';
import { offerSetUp } from '../../src/domain/staff/set-up-link.js';
import { openTestPortal } from '../support/app.js';
import { axeInBothSchemes, openBrowser, overflowOf } from '../support/page.js';

const email = 'ida@staff.example';
const password = 'a-password-of-the-first';

const portal = await openTestPortal();
const browser = await openBrowser(portal.url);

/** In light and dark, narrow and wide. */
async function expectRight(page: Page): Promise<void> {
  const where = new URL(page.url()).pathname;
  await page.setViewportSize({ width: 320, height: 800 });
  expect(await overflowOf(page), `${where} at 320 px`).toBe(0);
  expect(await axeInBothSchemes(page), where).toEqual([]);
  await page.setViewportSize({ width: 1280, height: 900 });
  expect(await overflowOf(page), `${where} at 1280 px`).toBe(0);
  await page.emulateMedia({ colorScheme: 'light' });
}

/** The focused element, by its accessible name. */
const focused = `(() => {
  const one = document.activeElement;
  return (one.labels?.[0] ?? one).textContent.trim().replace(/\\s+/g, ' ');
})()`;

/** Presses Tab until an element with these words has the focus, and checks that the focus is visible. */
async function tabTo(page: Page, words: RegExp): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    if (!words.test(String(await page.evaluate(focused)))) continue;
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).not.toBe('none');
    return;
  }
  throw new Error(`Nothing that says ${String(words)} is reached by keyboard.`);
}

async function typeInto(page: Page, label: RegExp, text: string): Promise<void> {
  await tabTo(page, label);
  await page.keyboard.type(text);
}

async function press(page: Page, button: RegExp): Promise<void> {
  await tabTo(page, button);
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
}

async function signIn(page: Page): Promise<void> {
  await page.goto(portal.url + adminPaths.signIn());
  await typeInto(page, /^E-mail$/, email);
  await typeInto(page, /^Password$/, password);
  await press(page, /^Sign in$/);
}

it('an admin sets up, signs in, turns one-time codes on and uses one, by keyboard and without scripts', async () => {
  const { page } = await browser.visit({ hasScript: false, hasSession: true });
  await page.goto(portal.url + adminPaths.setUp((await offerSetUp(portal.deps)) ?? ''));
  await typeInto(page, /^Your name$/, 'Ida Lund');
  await typeInto(page, /^E-mail$/, email);
  await typeInto(page, /^Password$/, password);
  await typeInto(page, /^Password, again$/, password);
  await press(page, /^Create my account$/);
  await signIn(page);
  await press(page, /^Ida Lund$/);
  await press(page, /^Set up one-time codes$/);
  const secret = (await page.textContent('.secret'))?.replaceAll(' ', '') ?? '';
  const code = () => generate({ secret, epoch: Math.floor(portal.deps.clock().getTime() / 1000) });
  await typeInto(page, /^Code of your app$/, await code());
  await typeInto(page, /^Your current password$/, password);
  await press(page, /^Turn one-time codes on$/);
  const recovery = (await page.textContent('.codes li'))?.trim() ?? '';
  await press(page, /^I have kept them$/);
  await press(page, /^Sign out$/);
  portal.advance(30_000);
  await signIn(page);
  expect(new URL(page.url()).pathname).toBe(adminPaths.signInCode());
  await typeInto(page, /^Code of your app$/, await code());
  await press(page, /^Sign in$/);
  expect(await page.textContent('h1')).toBe('Dashboard');
  await press(page, /^Sign out$/);
  await signIn(page);
  await tabTo(page, /^No access to your phone/);
  await page.keyboard.press('Enter');
  await typeInto(page, /^Recovery code$/, recovery);
  await press(page, /^Sign in$/);
  expect(await page.textContent('h1')).toBe('Dashboard');
});

it('every account page is correct in light and dark, at 320 px and wide, also with form faults', async () => {
  await portal.deps.models.users.deleteMany({});
  const { page } = await browser.visit({ hasSession: true });
  const submit = (name: string) => page.getByRole('button', { name, exact: true }).click();
  await page.goto(portal.url + adminPaths.setUp((await offerSetUp(portal.deps)) ?? ''));
  await expectRight(page);
  await page.fill('#name', 'Ida Lund');
  await page.fill('#email', email);
  await page.fill('#next', password);
  await page.fill('#again', 'another');
  await submit('Create my account');
  await expectRight(page);
  expect(await page.evaluate('document.activeElement.id')).toBe('faults');
  await page.fill('#next', password);
  await page.fill('#again', password);
  await submit('Create my account');
  await expectRight(page);
  await page.fill('#email', email);
  await page.fill('#password', password);
  await submit('Sign in');
  for (const path of [adminPaths.account(), adminPaths.users(), adminPaths.newUser()]) {
    await page.goto(portal.url + path);
    await expectRight(page);
  }
  await page.fill('#name', 'Nina Berg');
  await page.fill('#email', 'nina@staff.example');
  await page.check('[name=role][value=support]');
  await page.check('[name=reach][value=some]');
  await submit('Create account');
  await expectRight(page);
  await page.check('[name=unit][value="1"]');
  await submit('Create account');
  await expectRight(page);
  const link = await page.inputValue('#secret');
  await page.getByRole('link', { name: 'I have passed it on' }).click();
  await expectRight(page);
  await submit('Close the account');
  await expectRight(page);
  await page.goto(link);
  expect(await page.textContent('h1')).toBe('This link does not work any more');
  await expectRight(page);
  await page.goto(portal.url + adminPaths.account());
  await submit('Set up one-time codes');
  await expectRight(page);
  const secret = (await page.textContent('.secret'))?.replaceAll(' ', '') ?? '';
  const epoch = Math.floor(portal.deps.clock().getTime() / 1000);
  await page.fill('#code', await generate({ secret, epoch }));
  await page.fill('#present', password);
  await submit('Turn one-time codes on');
  await expectRight(page);
  for (const path of [adminPaths.account(), adminPaths.oneTimeCodes()]) {
    await page.goto(portal.url + path);
    await expectRight(page);
  }
  await submit('Sign out');
  await page.fill('#email', email);
  await page.fill('#password', password);
  await submit('Sign in');
  await expectRight(page);
  await page.fill('#code', '000000');
  await submit('Sign in');
  await expectRight(page);
});
