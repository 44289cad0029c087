/** Every page in each of its states passes axe in light and dark, and fits a small phone, also with text twice as large. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openTestPortal } from '../support/app.js';
import type { TestPortal } from '../support/app.js';
import { walkEveryPage } from '../support/every-page.js';
import { axeInBothSchemes, fontSizeOf, openBrowser, overflowOf } from '../support/page.js';
import type { TestBrowser } from '../support/page.js';

describe.each(['en', 'de'])('every public page in %s', (locale) => {
  let portal: TestPortal;
  let browser: TestBrowser;
  beforeAll(async () => {
    portal = await openTestPortal({ hasWorker: true });
    browser = await openBrowser(portal.url);
  });
  afterEach(async () => expect(await browser.leave()).toEqual([]));
  afterAll(async () => {
    await browser.stop();
    await portal.stop();
  });

  it('passes axe in light and dark, and is no wider than a phone of 320 pixels', async () => {
    const { page, context } = await browser.visit({ width: 320, height: 640 });
    const setFontSize = await fontSizeOf(page, context);
    const found: string[] = [];
    await walkEveryPage(portal, page, locale, async (state) => {
      found.push(...(await axeInBothSchemes(page)).map((violation) => `${state}: ${violation}`));
      const overflow = await overflowOf(page);
      if (overflow > 0) found.push(`${state}: ${overflow} pixels wider than the window`);
      await setFontSize(32);
      const largeOverflow = await overflowOf(page);
      if (largeOverflow > 0) found.push(`${state}: ${largeOverflow} pixels wider with large text`);
      await setFontSize(16);
    });
    expect(found).toEqual([]);
  }, 240_000);
});
