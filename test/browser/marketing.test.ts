/** Lists and marketing contacts in real Chromium: a list with its filter, the wizard from Start to Update with and without scripts, and the menu of the index. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { adminPaths } from '../../src/admin-paths.js';
import { createContact } from '../../src/domain/contacts/save.js';
import { openTestPortal, type TestPortal } from '../support/app.js';
import { blankForm, made, staff } from '../support/contact-room.js';
import { axeInBothSchemes, openBrowser, overflowOf, type TestBrowser } from '../support/page.js';
import { passwordOfTheStaff, signedIn, type StaffVisitor } from '../support/staff.js';

let portal: TestPortal;
let browser: TestBrowser;
let mats: StaffVisitor;
beforeAll(async () => {
  portal = await openTestPortal({ hasWorker: true });
  browser = await openBrowser(portal.url);
  mats = await signedIn(portal, 'marketer');
  for (const locale of ['nb', 'nb', 'de']) {
    const form = { ...blankForm, email: `m${Math.random()}@example.com`, locale };
    made(await createContact(portal.deps, { scope: null, form, by: staff }));
  }
});
afterEach(async () => expect(await browser.leave()).toEqual([]));
afterAll(async () => {
  await browser.stop();
  await portal.stop();
});

/** A narrow browser, signed in. */
async function matsOn(path: string, hasScript = true): Promise<Page> {
  const { page } = await browser.visit({ hasScript, width: 320, hasSession: true });
  await page.goto(portal.url + path);
  await page.getByLabel('E-mail').fill(mats.user.email);
  await page.getByLabel('Password').fill(passwordOfTheStaff);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  return page;
}

async function isSound(page: Page): Promise<void> {
  expect(await axeInBothSchemes(page)).toEqual([]);
  expect(await overflowOf(page)).toBe(0);
}

it('an active list is made, gets its filter, and is chosen in the wizard from Start to Update', async () => {
  const page = await matsOn(adminPaths.lists());
  await isSound(page);
  await page.getByRole('link', { name: 'New list' }).click();
  await page.getByLabel('Name').fill('Norwegian');
  await isSound(page);
  await page.getByRole('button', { name: 'Create list' }).click();
  await page.getByRole('link', { name: 'Add a filter' }).click();
  await page.getByLabel('Filter by').selectOption({ label: 'Language' });
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Norwegian Bokmål').check();
  await isSound(page);
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByRole('button', { name: 'Save list' }).click();
  await isSound(page);

  await page.goto(portal.url + adminPaths.marketing());
  await isSound(page);
  await page.getByRole('link', { name: 'Manage marketing contacts' }).click();
  await page.getByRole('link', { name: 'Start' }).click();
  await isSound(page);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('contacts of').selectOption({ label: 'List: Norwegian' });
  await isSound(page);
  await page.getByRole('button', { name: 'Next' }).click();
  await isSound(page);
  await page.getByRole('button', { name: /^Update \d+ contacts$/ }).click();
  await page.waitForURL(/\/jobs\//);
  // Everybody on the list is to leave; other people may be unengaged.
  const staying = { facets: 'locale:nb', leavesMarketingSince: null };
  await expect.poll(() => portal.deps.models.contacts.countDocuments(staying), { timeout: 20_000 }).toBe(0);
}, 60_000);

it('the menu of the index opens above the bar, and its dialog is sound', async () => {
  const page = await matsOn(adminPaths.contacts());
  await page.getByRole('checkbox').first().check();
  await page.getByText('More', { exact: true }).click();
  await isSound(page);
  await page.getByRole('button', { name: 'Set as marketing / non-marketing contacts' }).click();
  await isSound(page);
}, 30_000);

it('the wizard and the menu work without scripts', async () => {
  const page = await matsOn(adminPaths.manageMarketing(), false);
  await page.getByRole('link', { name: 'Start' }).click();
  await page.getByRole('link', { name: 'Skip', exact: true }).click();
  await page.getByLabel('contacts of').selectOption({ label: 'List: Norwegian' });
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('there is nothing to update').waitFor();
  await page.goto(portal.url + adminPaths.contacts());
  await page.locator('[name=contact]').first().check();
  await page.getByText('More', { exact: true }).click();
  await page.getByRole('button', { name: 'Add to list or remove from list' }).click();
  await page.getByRole('heading', { name: /1 contact/ }).waitFor();
}, 30_000);
