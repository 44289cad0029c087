/**
 * Text at twice the size on a small phone: no public page in any language scrolls sideways (WCAG 2.2, success criteria 1.4.4 and
 * 1.4.10).
 */
import { expect, it } from 'vitest';
import { locales } from '../../src/vocabulary/locales.js';
import { openTestPortal } from '../support/app.js';
import { walkEveryPage } from '../support/every-page.js';
import { fontSizeOf, openBrowser, overflowOf } from '../support/page.js';

/** The others are checked in `every-page.test.ts`. */
const languages = locales.filter((locale) => locale !== 'en' && locale !== 'de');

it.each(languages)(
  'no page is wider than 320 pixels with text twice as large, in %s',
  async (locale) => {
    const portal = await openTestPortal({ hasWorker: true });
    const browser = await openBrowser(portal.url);
    const { page, context } = await browser.visit({ width: 320, height: 640 });
    await (
      await fontSizeOf(page, context)
    )(32);
    const found: string[] = [];
    let looked = 0;
    await walkEveryPage(portal, page, locale, async (state) => {
      looked += 1;
      expect(await page.evaluate('getComputedStyle(document.documentElement).fontSize')).toBe('32px');
      const overflow = await overflowOf(page);
      if (overflow > 0) found.push(`${state}: ${overflow} pixels wider than the window`);
    });
    expect(found).toEqual([]);
    expect(looked).toBeGreaterThan(30);
    await browser.stop();
    await portal.stop();
  },
  120_000,
);
