/**
 * Every public page in each of its states and languages fits a small phone with text twice as large, without scrolling sideways (WCAG 2.2, success
 * criteria 1.4.4 and 1.4.10): in the gate each state in German and two or three other languages, in turn, and in all by `npm run soak`. In one language, whose
 * words are long, it also passes axe in light and dark, and fits with text of the usual size.
 */
import { expect, it } from 'vitest';
import { locales } from '../../src/vocabulary/locales.js';
import { openTestPortal } from '../support/app.js';
import { twinOf, walkEveryPage, walkedIn } from '../support/every-page.js';
import { axeInBothSchemes, fontSizeOf, openBrowser, overflowOf } from '../support/page.js';
import { isSoak } from '../support/soak.js';

const portal = await openTestPortal({ hasWorker: true });
const browser = await openBrowser(portal.url);

it('every public page passes axe, and fits into 320 pixels with text twice as large', async () => {
  const { page, context } = await browser.visit({ width: 320, height: 640 });
  const setFontSize = await fontSizeOf(page, context);
  await setFontSize(32);
  const found: string[] = [];
  const looked = new Map(locales.map((locale) => [locale, 0]));
  const fit = async (where: string, shown = page) => {
    const overflow = await overflowOf(shown);
    if (overflow > 0) found.push(`${where}: ${overflow} pixels wider than the window`);
    expect(await shown.evaluate('getComputedStyle(document.documentElement).fontSize')).toBe(
      where.endsWith('large text') ? '32px' : '16px',
    );
  };
  const twin = await context.newPage();
  await (
    await fontSizeOf(twin, context)
  )(32);
  const inEachLanguage = twinOf(portal, page, twin);
  await walkEveryPage(portal, page, async (state, locale) => {
    looked.set(locale, (looked.get(locale) ?? 0) + 1);
    await fit(`${state} in ${locale} with large text`);
    if (locale !== walkedIn) return;
    await setFontSize(16);
    await fit(`${state} in ${locale}`);
    found.push(...(await axeInBothSchemes(page)).map((violation) => `${state} in ${locale}: ${violation}`));
    await setFontSize(32);
    await inEachLanguage(async (other) => {
      looked.set(other, (looked.get(other) ?? 0) + 1);
      await fit(`${state} in ${other}, as written by the portal, with large text`, twin);
    });
  });
  expect(found).toEqual([]);
  expect(looked.get(walkedIn)).toBeGreaterThan(35);
  expect(Math.min(...looked.values())).toBeGreaterThan(isSoak ? 35 : 8);
}, 400_000);
