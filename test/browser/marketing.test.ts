/** Lists and marketing contacts in real Chromium: a list with its filter, the wizard from Start to Update with and without scripts, and the menu of the index. */
import { expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { adminPaths } from '../../src/admin-paths.js';
import { createContact } from '../../src/domain/contacts/save.js';
import { openTestPortal } from '../support/app.js';
import { blankForm, made, staff } from '../support/contact-room.js';
import { follow, leaveBy, tabTo, typeIn } from '../support/keyboard.js';
import { expectSound, openBrowser, overflowOf } from '../support/page.js';
import { pageOf, signedIn } from '../support/staff.js';

const portal = await openTestPortal({ hasWorker: true });
const browser = await openBrowser(portal.url);
const mats = await signedIn(portal, 'marketer');
for (const locale of ['nb', 'nb', 'de']) {
  const form = { ...blankForm, email: `m${Math.random()}@example.com`, locale };
  made(await createContact(portal.deps, { scope: null, form, by: staff }));
}

/** A narrow browser, signed in. */
const matsOn = (path: string, hasScript = true) =>
  pageOf(browser, portal, mats, path, { hasScript, width: 320 });

it('an active list is made, gets its filter, and is chosen in the wizard from Start to Update', async () => {
  const page = await matsOn(adminPaths.lists());
  expect(await overflowOf(page)).toBe(0);
  await page.getByRole('link', { name: 'New list' }).click();
  await page.getByLabel('Name').fill('Norwegian');
  await page.getByRole('button', { name: 'Create list' }).click();
  await page.getByRole('link', { name: 'Add a filter' }).click();
  await page.getByLabel('Filter by').selectOption({ label: 'Language' });
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Norwegian Bokmål').check();
  await expectSound(page);
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByRole('link', { name: 'Copy group 1' }).click();
  expect(await page.getByRole('group', { name: 'Group 2' }).getByText('Norwegian Bokmål').count()).toBe(2);
  await expectSound(page);
  await page.getByRole('button', { name: 'Save list' }).click();

  await page.goto(portal.url + adminPaths.marketing());
  await expectSound(page);
  await startByKeyboard(page);
  await expectSound(page);
  await follow(page, 'form .button.main');
  await typeIn(page, '#from', 'List: Norwegian');
  await expectSound(page);
  await follow(page, 'form .button.main');
  await expectSound(page);
  await updateByKeyboard(page, 'locale:nb');
}, 120_000);

async function startByKeyboard(page: Page): Promise<void> {
  await follow(page, `a.button.main[href="${adminPaths.manageMarketing()}"]`);
  await follow(page, `a.button.main[href="${adminPaths.marketingUnengaged()}"]`);
}

/** Presses the last button. All contacts with the facet are to leave; others may be unengaged. */
async function updateByKeyboard(page: Page, facets: string): Promise<void> {
  await follow(page, 'form .button.main');
  expect(page.url()).toMatch(/\/jobs\//);
  const staying = { facets, leavesMarketingSince: null };
  await expect.poll(() => portal.deps.models.contacts.countDocuments(staying), { timeout: 20_000 }).toBe(0);
}

it('the wizard goes from Start to Update by keyboard with a filter, without scripts', async () => {
  const page = await matsOn(adminPaths.marketing(), false);
  await startByKeyboard(page);
  await follow(page, 'form .button.quiet');
  await follow(page, '.ways a');
  await typeIn(page, '#on', 'Language');
  await follow(page, 'form.condition .button.main');
  await tabTo(page, '#value input[value=de]');
  await page.keyboard.press('Space');
  await leaveBy(page);
  await follow(page, 'form .button.main');
  await updateByKeyboard(page, 'locale:de');
}, 120_000);

it('the menu of the index opens above the bar, and its dialog is sound', async () => {
  const page = await matsOn(adminPaths.contacts());
  await page.getByRole('checkbox').first().check();
  await page.getByText('More', { exact: true }).click();
  await expectSound(page);
  await page.getByRole('button', { name: 'Set as marketing / non-marketing contacts' }).click();
  await expectSound(page);
}, 30_000);

it('the menu works without scripts', async () => {
  const page = await matsOn(adminPaths.contacts(), false);
  await page.locator('[name=contact]').first().check();
  await page.getByText('More', { exact: true }).click();
  await page.getByRole('button', { name: 'Add to list or remove from list' }).click();
  await page.getByRole('heading', { name: /1 contact/ }).waitFor();
}, 30_000);
