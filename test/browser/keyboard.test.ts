/** The main task by keyboard only: focus follows the reading order, and the focused element is always visible. */
import { expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { openTestPortal } from '../support/app.js';
import { newcomer } from '../support/newcomer.js';
import { openBrowser } from '../support/page.js';
import { offers, productNews, trailNotes } from '../support/people.js';

const portal = await openTestPortal();
const browser = await openBrowser(portal.url);

const focus = z.object({
  words: z.string(),
  /** Position in the order of the document. */
  place: z.number(),
  outline: z.number(),
  /** Whether the whole element is in the window, and nothing covers its middle. */
  isInSight: z.boolean(),
});
type Focus = z.infer<typeof focus>;

/** What has the focus, and whether the focus is visible. */
const lookAtFocus = `(() => {
  const one = document.activeElement;
  const box = one.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const style = getComputedStyle(one);
  return {
    words: (one.labels?.[0] ?? one).textContent.trim().replace(/\\s+/g, ' ') || one.id,
    place: [...document.querySelectorAll('*')].indexOf(one),
    outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
    isInSight: box.top >= 0 && box.bottom <= innerHeight && (one.contains(top) || top?.closest('label')?.control === one),
  };
})()`;

async function tab(page: Page): Promise<Focus> {
  await page.keyboard.press('Tab');
  return focus.parse(await page.evaluate(lookAtFocus));
}

/** Presses Tab until an element with these words has the focus. */
async function tabTo(page: Page, words: RegExp): Promise<Focus> {
  for (let presses = 0; presses < 60; presses += 1) {
    const at = await tab(page);
    if (words.test(at.words)) return at;
  }
  throw new Error(`Nothing that says ${words} is reached by keyboard.`);
}

it.each([
  { width: 1280, height: 720 },
  { width: 320, height: 480 },
])(
  'the focus follows the reading order, is visible, and nothing covers it: $width × $height',
  async (size) => {
    const person = await newcomer(portal, 'pia@example.com', [trailNotes, productNews, offers]);
    const { preferences } = await portal.linksOf(person);
    const { page } = await browser.visit(size);
    await page.goto(portal.url + preferences);
    const seen: Focus[] = [];
    for (;;) {
      const at = await tab(page);
      if (seen.length > 0 && at.place <= (seen.at(-1)?.place ?? 0)) break;
      seen.push(at);
    }
    expect(seen.filter(({ outline }) => outline < 2)).toEqual([]);
    expect(seen.filter(({ isInSight }) => !isInSight)).toEqual([]);
    const all = seen.map(({ words }) => words).join(' | ');
    expect(all).toMatch(
      /Trail notes.*Product news.*Save my choices.*Stop everything.*My data.*Privacy policy/,
    );
  },
);

it('two types are changed, saved and undone, and everything is stopped and undone, without a mouse', async () => {
  const person = await newcomer(portal, 'rolf@example.com', [trailNotes, offers]);
  const { preferences } = await portal.linksOf(person);
  const { page } = await browser.visit({ hasScript: false });
  const isOn = (typeId: number) => page.locator(`#type-${typeId}`).isChecked();
  const status = () => page.getByRole('status').textContent();
  await page.goto(portal.url + preferences);
  await tabTo(page, /^Trail notes/);
  await page.keyboard.press('Space');
  await tabTo(page, /^Product news/);
  await page.keyboard.press('Space');
  await tabTo(page, /^Save my choices/);
  await page.keyboard.press('Enter');
  await page.waitForURL(/saved=/);
  expect(await status()).toMatch(
    /Trail notes will no longer reach you\. Product news will reach you from now on\./,
  );

  // The result message has the focus, so its Undo is one Tab away.
  expect((await tab(page)).words).toBe('Undo');
  await page.keyboard.press('Enter');
  await page.getByText('Undone.').waitFor();
  expect([await isOn(trailNotes.id), await isOn(productNews.id)]).toEqual([true, false]);

  await tabTo(page, /^Stop everything from all/);
  await page.keyboard.press('Enter');
  await page.getByText('no more news or offers from any of our brands').waitFor();
  expect((await tab(page)).words).toBe('Undo');
  await page.keyboard.press('Enter');
  await page.getByText('Was that a mistake?').waitFor();
  await tabTo(page, /^Yes, send me these again/);
  await page.keyboard.press('Space');
  await tabTo(page, /^Undo/);
  await page.keyboard.press('Enter');
  await page.getByText('Undone.').waitFor();
  expect([await isOn(trailNotes.id), await isOn(offers.id)]).toEqual([true, true]);
});
