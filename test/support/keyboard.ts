/** Using a page by keyboard alone: Tab, Enter, the space bar, arrows and typing. */
import type { Page } from 'playwright-core';
import { z } from 'zod';

/** Presses Tab until the focus is on an element. The link at the head of each page skips its navigation. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 150; presses++) {
    await page.keyboard.press('Tab');
    const asked = JSON.stringify([selector, 'a.skip']);
    const [isThere, isSkip] = z
      .array(z.boolean())
      .parse(await page.evaluate(`${asked}.map((one) => document.activeElement.matches(one))`));
    if (isThere) return;
    if (isSkip) await page.keyboard.press('Enter');
  }
  throw new Error(`Tab does not reach ${selector} on ${page.url()}.`);
}

/** Presses a key on an element. */
export async function keyOn(page: Page, selector: string, key: string): Promise<void> {
  await tabTo(page, selector);
  await page.keyboard.press(key);
}

/** Presses a key that leads to another page, such as Enter on a link, on a button, or in a field. */
export async function leaveBy(page: Page, key = 'Enter'): Promise<void> {
  const arrived = page.waitForEvent('domcontentloaded');
  await page.keyboard.press(key);
  await arrived;
}

/** Follows a link or presses a button that leads to another page. */
export async function follow(page: Page, selector: string): Promise<void> {
  await tabTo(page, selector);
  await leaveBy(page);
}

export async function typeIn(page: Page, selector: string, text: string): Promise<void> {
  await tabTo(page, selector);
  await page.keyboard.type(text);
}
