/** A workflow in real Chromium: built from nothing by keyboard, reviewed, activated, and a contact that goes through it. */
import { expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { adminPaths } from '../../src/admin-paths.js';
import { openTestPortal } from '../support/app.js';
import { contactIn } from '../support/contacts.js';
import { follow, leaveBy, tabTo, typeIn } from '../support/keyboard.js';
import { expectSound, openBrowser } from '../support/page.js';
import { scripts } from '../support/soak.js';
import { pageOf, signedIn } from '../support/staff.js';

const portal = await openTestPortal({ hasWorker: true });
const browser = await openBrowser(portal.url);
const marketer = await signedIn(portal, 'marketer');

const look = (page: Page) => expectSound(page, 1280, 320);

it.each(scripts)(
  'a workflow is built by keyboard and activated, and a contact goes through it, with scripts: $hasScript',
  async ({ hasScript }) => {
    const see = async (page: Page) => (hasScript ? look(page) : undefined);
    const city = hasScript ? 'Oslo' : 'Bergen';
    const width = hasScript ? 320 : 1280;
    const page = await pageOf(browser, portal, marketer, adminPaths.workflows(), { hasScript, width });
    await follow(page, 'a.button.main');
    await typeIn(page, '#name', `Welcome to ${city}`);
    await leaveBy(page);

    // A new workflow has no faults. Its one main button leads to what is missing.
    expect(await page.locator('.notice.stop').count()).toBe(0);
    expect(await page.locator('main .button.main').count()).toBe(1);
    await see(page);
    await follow(page, '#trigger .button.main');
    await tabTo(page, '[name=way]');
    expect(await page.locator('#typeId').isVisible()).toBe(false);
    await page.keyboard.press('ArrowDown');
    expect(await page.locator('#typeId').isVisible()).toBe(true);
    await see(page);
    await page.keyboard.press('ArrowUp');
    expect(await page.locator('#typeId').isVisible()).toBe(false);
    await leaveBy(page);

    // The filter: the name is that of the city, which is unusual and easy to type.
    await typeIn(page, '#on', 'Name');
    await follow(page, 'form.condition .button.main');
    await typeIn(page, '#value', city);
    await leaveBy(page);
    await follow(page, 'form:not(.condition) .button.main');

    await follow(page, '#trigger ~ .button.main');
    await follow(page, '.ways a[href*="kind=PROPERTY"]');
    await typeIn(page, '#name', 'Greeted');
    await typeIn(page, '#value', 'yes');
    await leaveBy(page);

    // A branch after the step. It has no filter at first, so it has a fault.
    await follow(page, '.step:not(#trigger) ~ a.plus');
    await follow(page, '.ways a[href*="kind=BRANCH"]');
    await follow(page, 'form .button.main');
    await follow(page, '.crumbs a:last-of-type');
    expect(await page.locator('.notice.stop li').count()).toBe(1);
    await see(page);
    await follow(page, '.step.broken header a');
    await follow(page, '.card a.button');
    await typeIn(page, '#on', 'Lang');
    await follow(page, 'form.condition .button.main');
    await tabTo(page, '#value input[value=en]');
    await page.keyboard.press('Space');
    await leaveBy(page);
    await follow(page, 'form:not(.condition) .button.main');
    await follow(page, '.arms > li:first-child a.plus');
    await follow(page, '.ways a[href*="kind=MARKETING"]');
    await tabTo(page, '[name=status]');
    await page.keyboard.press('ArrowDown');
    await leaveBy(page);

    await follow(page, '.head a.button.main');
    await see(page);
    await follow(page, 'form .button.main');
    await seeAgainUntil(page, '.named .state.in');
    await contactIn(portal, { firstName: city, email: `${city.toLowerCase()}@example.com`, locale: 'en' });
    await seeAgainUntil(page, '#trigger .tallied a[href$="DONE"]');
    await see(page);
    await follow(page, '#trigger .tallied a[href$="DONE"]');
    await follow(page, 'table a');
    await see(page);
    // All three steps are over.
    expect(await page.locator('tbody tr').count()).toBe(3);
    const contact = await portal.deps.models.contacts.findOne({ firstName: city }).lean();
    expect(contact).toMatchObject({ properties: { Greeted: 'yes' } });
    expect(contact?.leavesMarketingSince).toBeInstanceOf(Date);
  },
  120_000,
);

/** Selects the tab of the page, which loads the page again. */
async function seeAgainUntil(page: Page, selector: string): Promise<void> {
  await expect
    .poll(
      async () => {
        await follow(page, '.tabs a[aria-current]');
        return page.locator(selector).count();
      },
      { timeout: 30_000, interval: 300 },
    )
    .toBe(1);
}
