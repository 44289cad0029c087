/** A workflow in real Chromium: built from nothing by keyboard, reviewed, activated, and a contact that goes through it. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { adminPaths } from '../../src/admin-paths.js';
import { openTestPortal, type TestPortal } from '../support/app.js';
import { contactIn } from '../support/contacts.js';
import { axeInBothSchemes, openBrowser, overflowOf, type TestBrowser } from '../support/page.js';
import { passwordOfTheStaff, signedIn } from '../support/staff.js';

let portal: TestPortal;
let browser: TestBrowser;
let email: string;
beforeAll(async () => {
  portal = await openTestPortal({ hasWorker: true });
  browser = await openBrowser(portal.url);
  email = (await signedIn(portal, 'marketer')).user.email;
});
afterEach(async () => expect(await browser.leave()).toEqual([]));
afterAll(async () => {
  await browser.stop();
  await portal.stop();
});

async function marketerOn(path: string, hasScript: boolean): Promise<Page> {
  const { page } = await browser.visit({ hasScript, hasSession: true });
  await page.goto(portal.url + path);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(passwordOfTheStaff);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  return page;
}

/** Presses Tab until the focus is on something within the page's content, then a key. */
async function keyOn(page: Page, selector: string, key = 'Enter'): Promise<void> {
  await page.locator('main').first().focus();
  for (let presses = 0; presses < 80; presses++) {
    if (await page.locator(`${selector}:focus`).count()) {
      const before = page.url();
      await page.keyboard.press(key);
      if (key === 'Enter') await page.waitForURL((url) => url.href !== before);
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${selector}.`);
}

async function typeIn(page: Page, selector: string, text: string): Promise<void> {
  await keyOn(page, selector, 'End');
  await page.keyboard.type(text);
}

async function look(page: Page): Promise<void> {
  expect(await axeInBothSchemes(page)).toEqual([]);
  for (const width of [320, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    expect(await overflowOf(page)).toBe(0);
  }
}

it.each([{ hasScript: false }, { hasScript: true }])(
  'a workflow is built by keyboard and activated, and a contact goes through it, with scripts: $hasScript',
  async ({ hasScript }) => {
    const see = async (page: Page) => (hasScript ? look(page) : undefined);
    const city = hasScript ? 'Oslo' : 'Bergen';
    const page = await marketerOn(adminPaths.workflows(), hasScript);
    await keyOn(page, 'a.button.main');
    await typeIn(page, '#name', `Welcome to ${city}`);
    await keyOn(page, 'button.main');
    await see(page);
    await keyOn(page, '#trigger header a');
    await see(page);
    await keyOn(page, 'button.main');
    // The filter: the first name is that of the city, which is unusual and easy to type.
    await keyOn(page, '#filter a');
    await page.locator('#on').selectOption({ label: 'Name' });
    await keyOn(page, 'form.condition button.main');
    await typeIn(page, '#value', city);
    await keyOn(page, 'form.condition button.main');
    await see(page);
    await keyOn(page, 'form:not(.condition) button.main');
    await keyOn(page, '#trigger ~ a.plus');
    await see(page);
    await keyOn(page, '.ways a[href*="kind=PROPERTY"]');
    await typeIn(page, '#name', 'Greeted');
    await typeIn(page, '#value', 'yes');
    await keyOn(page, 'button.main');
    await keyOn(page, '#trigger ~ a.plus');
    await keyOn(page, '.ways a[href*="kind=BRANCH"]');
    await keyOn(page, 'button.main');
    await page.goto(page.url().replace(/\/filter.*/, ''));
    await see(page);
    expect(await page.locator('.arm').count()).toBe(2);
    // The branch has no filter yet, so it is a fault. It is removed again.
    expect(await page.locator('.notice.stop li').count()).toBe(1);
    await keyOn(page, '.step.broken header a');
    await keyOn(page, 'button.stop');
    await keyOn(page, '.head a.button.main');
    await see(page);
    await keyOn(page, 'form button.main');
    await expect
      .poll(
        async () => {
          await page.reload();
          return page.locator('.state').first().textContent();
        },
        { timeout: 30_000, interval: 500 },
      )
      .toBe('Active');
    await contactIn(portal, { firstName: city, email: `${city.toLowerCase()}@example.com` });
    await expect
      .poll(
        async () => {
          await page.reload();
          return page.locator('#trigger .tallied a[href$="DONE"]').count();
        },
        { timeout: 30_000, interval: 500 },
      )
      .toBe(1);
    await see(page);
    await keyOn(page, '#trigger .tallied a[href$="DONE"]');
    await see(page);
    await keyOn(page, 'table a');
    await see(page);
    expect(await page.getByText('Set a property').count()).toBe(1);
  },
);
