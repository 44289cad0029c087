/** The page in every form that people need: narrow, zoomed, large text, forced colours, right to left, and small downloads. */
import { expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { locales } from '../../src/vocabulary/locales.js';
import { openTestPortal } from '../support/app.js';
import { axeOf, openBrowser, overflowOf } from '../support/page.js';
import { alice, charlie } from '../support/people.js';

const portal = await openTestPortal();
const browser = await openBrowser(portal.url);
const links = await portal.linksOf(alice);
const his = await portal.linksOf(charlie);
const preferences: string = portal.url + links.preferences;
const pages: string[] = [
  links.preferences,
  his.preferences,
  links.unsubscribe,
  `${links.preferences}/data`,
  '/find',
];

const unfold = (page: Page) =>
  page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');

/** What is cut off at an edge of a card or the window. A card hides overflow, so the page's width does not show it. */
const cutOff = (page: Page): Promise<string[]> =>
  page.evaluate(`[...document.querySelectorAll('main *')].filter((one) => {
    const holder = one.closest('.card') ?? document.documentElement;
    const [box, within] = [one.getBoundingClientRect(), holder.getBoundingClientRect()];
    return box.width > 1 && (box.right > within.right + 0.5 || box.left < within.left - 0.5) && !one.closest('.savebar');
  }).map((one) => one.outerHTML.slice(0, 80))`);

it.each(locales)('the page is no wider than the window at 320 pixels, unfolded, in %s', async (locale) => {
  const { page } = await browser.visit({ width: 320, height: 640 });
  for (const path of pages) {
    await page.goto(`${portal.url}${path}?lang=${locale}`);
    await unfold(page);
    expect(await overflowOf(page), path).toBeLessThanOrEqual(0);
    expect(await cutOff(page), path).toEqual([]);
  }
});

it('the page is read without sideways scrolling at 200 % zoom or with text twice as large', async () => {
  const { page } = await browser.visit({ width: 640, height: 450, scale: 2 });
  const { page: large, context } = await browser.visit({ width: 640, height: 900 });
  const session = await context.newCDPSession(large);
  await session.send('Page.enable');
  await session.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } });
  for (const path of pages) {
    await page.goto(portal.url + path);
    expect(await overflowOf(page), path).toBeLessThanOrEqual(0);
    await large.goto(portal.url + path);
    await unfold(large);
    expect(await overflowOf(large), path).toBeLessThanOrEqual(0);
  }
  expect(await large.evaluate('getComputedStyle(document.documentElement).fontSize')).toBe('32px');
});

it('the page is mirrored from right to left, and nothing overflows', async () => {
  const { page } = await browser.visit({ width: 320, height: 640 });
  await page.goto(preferences);
  await unfold(page);
  const middle = async (selector: string) => {
    const box = await page.locator(selector).first().boundingBox();
    return box ? box.x + box.width / 2 : Number.NaN;
  };
  expect(await middle('.switch')).toBeGreaterThan(160);
  await page.evaluate('document.documentElement.dir = "rtl"');
  expect(await middle('.switch')).toBeLessThan(160);
  expect(await middle('.badge')).toBeGreaterThan(160);
  expect(await overflowOf(page)).toBeLessThanOrEqual(0);
  expect(await axeOf(page)).toEqual([]);
});

it('in forced colours each switch is the system’s own checkbox, and on differs from off', async () => {
  const { page } = await browser.visit({ hasForcedColors: true });
  await page.goto(preferences);
  const on = page.getByRole('checkbox', { name: /Trail notes/ });
  expect(await page.evaluate('getComputedStyle(document.querySelector(".switch")).appearance')).toBe('auto');
  const isOn = await on.screenshot();
  await on.uncheck();
  await page.mouse.move(0, 0);
  expect((await on.screenshot()).equals(isOn)).toBe(false);
  expect(await axeOf(page)).toEqual([]);
});

it('the page shows no motion when reduced motion is requested', async () => {
  const { page } = await browser.visit();
  await page.goto(preferences);
  const moving = `[...document.querySelectorAll('*')].flatMap((one) => [null, '::before', '::after'].map((part) =>
    getComputedStyle(one, part))).filter(({ transitionDuration, animationName }) =>
    !/^0s(, 0s)*$/.test(transitionDuration) || animationName !== 'none').length`;
  expect(await page.evaluate(moving)).toBe(0);
});

it('the page takes at most 30 kB of HTML and CSS, one font family, and no script', async () => {
  const { page } = await browser.visit();
  const wire = new Map<string, number>();
  const types: string[] = [];
  page.on('requestfinished', (request) => {
    types.push(request.resourceType());
    void request.sizes().then(({ responseBodySize }) => wire.set(request.url(), responseBodySize));
  });
  await page.goto(preferences, { waitUntil: 'networkidle' });
  await expect.poll(() => wire.size).toBe(types.length);
  const isText = (url: string) => !/\.(woff2|svg)/.test(url);
  const bytes = [...wire].reduce((sum, [url, size]) => sum + (isText(url) ? size : 0), 0);
  expect(bytes).toBeGreaterThan(5_000);
  expect(bytes).toBeLessThanOrEqual(30 * 1024);
  expect(types).not.toContain('script');
  const families =
    '[...new Set([...document.fonts].filter(({ status }) => status === "loaded").map(({ family }) => family))]';
  expect(await page.evaluate(families)).toHaveLength(1);
});

it('the page shares nothing: no cookie, no storage, no referrer, no framing, no caching', async () => {
  const { page, context } = await browser.visit();
  for (const path of pages) {
    const response = await page.goto(portal.url + path);
    const headers = (await response?.allHeaders()) ?? {};
    expect(headers['set-cookie']).toBeUndefined();
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers['content-security-policy']).not.toContain('unsafe');
  }
  expect(await context.cookies()).toEqual([]);
});
