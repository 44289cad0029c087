/**
 * Settings and dashboard in real Chromium: a unit changed with its logo, without and with scripts; axe, both colour schemes, and a
 * small phone.
 */
import { expect, it } from 'vitest';
import { adminPaths } from '../../src/admin-paths.js';
import { openTestPortal } from '../support/app.js';
import { axeInBothSchemes, openBrowser, overflowOf } from '../support/page.js';
import type { VisitorOptions } from '../support/page.js';
import { northwind, trailNotes } from '../support/people.js';
import { dayIn } from '../../src/vocabulary/time-zones.js';
import { endpointOf } from '../support/hooks.js';
import { pageOf, signedIn } from '../support/staff.js';

const portal = await openTestPortal();
const browser = await openBrowser(portal.url);
const admin = await signedIn(portal, 'admin');
const today = dayIn(new Date(), 'UTC');
await portal.deps.models.dayCounts.create({
  ...{ _id: `d:${today}:0`, unitId: 0 },
  n: {
    ...{ 'OPT_IN:1:CONTACT': 7, 'OPT_OUT:1:CONTACT': 5, 'SUBSCRIBERS:1': 2, 'REASON:TOO_MANY': 3 },
    'CAMPAIGN:IN:a-campaign-with-a-rather-long-label-2026': 4,
  },
});
await portal.deps.models.dayCounts.create({
  _id: `d:${today}:`,
  unitId: null,
  n: { BOUNCE: 3, COMPLAINT: 1 },
});

/** An admin's browser, signed in, on a page. */
const adminOn = (path: string, options: VisitorOptions = {}) => pageOf(browser, portal, admin, path, options);

it.each([{ hasScript: false }, { hasScript: true }])(
  'a business unit gets a colour and a logo, with scripts: $hasScript',
  async ({ hasScript }) => {
    const page = await adminOn(adminPaths.unit(northwind.id), { hasScript });
    await page.getByLabel('Colour').fill(hasScript ? '#804000' : '#004080');
    if (hasScript)
      await expect.poll(() => page.locator('#accent-swatch').getAttribute('src')).toContain('804000');
    await page
      .getByLabel('Logo', { exact: false })
      .first()
      .setInputFiles({
        name: 'logo.svg',
        mimeType: 'image/svg+xml',
        buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'),
      });
    await page.getByRole('button', { name: 'Save' }).click();
    expect(await page.getByRole('status').textContent()).toContain('Saved.');
    expect((await portal.deps.rereadCatalogue()).units.get(northwind.id)?.accent.light).toBe(
      hasScript ? '#804000' : '#004080',
    );
  },
);

it('types are moved by keyboard', async () => {
  const page = await adminOn(adminPaths.types());
  const order = async () => page.locator('main table').first().locator('tbody tr a').allTextContents();
  const [first, second] = await order();
  await page.getByRole('button', { name: `Move ${first} down` }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(order).toEqual(expect.arrayContaining([second, first]));
  await expect.poll(async () => (await order())[0]).toBe(second);
});

it('settings and dashboard pass axe in light and dark, and are no wider than a phone of 320 pixels', async () => {
  const page = await adminOn(adminPaths.dashboard(), { width: 320, height: 640 });
  const found: string[] = [];
  for (const path of [
    adminPaths.dashboard(),
    adminPaths.settings(),
    adminPaths.properties(),
    adminPaths.units(),
    adminPaths.unit(northwind.id),
    adminPaths.newUnit(),
    adminPaths.types(),
    adminPaths.type(trailNotes.id),
    adminPaths.accountSettings(),
    adminPaths.mail(),
    adminPaths.bounces(),
    adminPaths.bounceEndpoint((await endpointOf(portal, 'ses')).id),
  ]) {
    await page.goto(portal.url + path);
    found.push(...(await axeInBothSchemes(page)).map((violation) => `${path}: ${violation}`));
    if ((await overflowOf(page)) > 0) found.push(`${path} is wider than the window`);
  }
  expect(found).toEqual([]);
}, 120_000);
