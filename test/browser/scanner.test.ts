/**
 * A link scanner in a real browser: it follows every link of a mail, runs scripts, presses every button, and never opts anyone
 * in.
 */
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { isShownOn } from '../../src/domain/consent/effective.js';
import { readHistory } from '../../src/domain/consent/history.js';
import { openTestPortal } from '../support/app.js';
import type { TestPortal } from '../support/app.js';
import { openBrowser, userAgentOfAPerson } from '../support/page.js';
import { alice, bob, charlie, orderNotices, people, types } from '../support/people.js';
import type { Person } from '../support/people.js';
import { isSoak } from '../support/soak.js';

const scanners = [
  { name: 'names itself', userAgent: 'Mozilla/5.0 (compatible; Barracuda Sentinel (EE) link scan)' },
  { name: 'passes for a person', userAgent: userAgentOfAPerson },
];

describe.each(scanners)('a scanner that $name', async ({ userAgent }) => {
  // However slow this machine is, the scanner is faster than a person.
  const portal = await openTestPortal({ isStill: true });
  const browser = await openBrowser(portal.url);

  it('changes nothing by following every link', async () => {
    const before = await Promise.all(people.map((person) => portal.subscriberOf(person)));
    const { page } = await browser.visit({ userAgent });
    for (const path of await linksOfMailsTo(portal, [alice, bob])) await follow(portal, page, path);
    expect(await Promise.all(people.map((person) => portal.subscriberOf(person)))).toEqual(before);
  });

  it('never opts in by pressing every button of every page, and its opt-outs are marked as machine-made', async () => {
    // In the gate only one of the scanners goes on to the others.
    const visited = isSoak || userAgent === userAgentOfAPerson ? [alice, bob, charlie] : [alice];
    const before = await Promise.all(visited.map((person) => onOf(portal, person)));
    const lengths = await Promise.all(visited.map(async (person) => (await portal.subscriberOf(person)).seq));
    const { page } = await browser.visit({ userAgent });
    let pressed = 0;
    for (const person of visited) pressed += await pressEverything(portal, page, person);
    expect(pressed).toBeGreaterThan(visited.length > 1 ? 20 : 15);
    for (const [index, person] of visited.entries()) {
      expect(before[index], person.name).toEqual(expect.arrayContaining(await onOf(portal, person)));
      const since = (await eventsOf(portal, person)).filter(({ seq }) => seq > (lengths[index] ?? 0));
      expect(since.filter(({ isMachine }) => !isMachine)).toEqual([]);
      expect(since.filter(({ change }) => change.op === 'STATUS' && change.to === 'SUBSCRIBED')).toEqual([]);
    }
    // An opt-out of all covers no transactional type (decision 0571).
    expect(await onOf(portal, alice)).toEqual([orderNotices.id]);
  });
});

/** The types that a contact receives. */
async function onOf(portal: TestPortal, person: Person): Promise<number[]> {
  const [subscriber, catalogue] = await Promise.all([portal.subscriberOf(person), portal.deps.catalogue()]);
  return types.filter((type) => isShownOn(subscriber, type, catalogue)).map(({ id }) => id);
}

async function eventsOf(portal: TestPortal, person: Person) {
  const { subscriberId } = await portal.linksOf(person);
  return (await readHistory(portal.deps.models, subscriberId))?.events ?? [];
}

/** Every link that a mail may carry, also the confirmation of pending wishes. */
async function linksOfMailsTo(portal: TestPortal, persons: Person[]): Promise<string[]> {
  const paths: string[] = [];
  for (const person of persons) {
    const { preferences, unsubscribe, unsubscribeAll, oneClick } = await portal.linksOf(person);
    const { _id: subscriberId, epoch, pending } = await portal.subscriberOf(person);
    // The confirmation comes first, as in its mail: an opt-out would make it void.
    for (const { id: pendingId, unitId } of pending) {
      const claims = { subscriberId, unitId, epoch, pendingId };
      paths.push(`/c/${await portal.deps.tokens.mint('confirm', claims, new Date())}`);
    }
    paths.push(preferences, unsubscribe, unsubscribeAll, oneClick);
  }
  return paths;
}

/** Opens a page and all its links within the portal. A file is a download, not a page. */
async function follow(portal: TestPortal, page: Page, path: string): Promise<void> {
  await page.goto(portal.url + path);
  const hrefs: unknown = await page.evaluate('[...document.links].map(({ href }) => href)');
  for (const href of z.array(z.string()).parse(hrefs)) {
    if (href.startsWith(portal.url) && !href.endsWith('.json')) await page.goto(href);
  }
}

const button = z.object({ index: z.number(), signature: z.string() });

/** Buttons that post, each with what distinguishes it. Nonces and times do not. */
const listButtons = `[...document.querySelectorAll('form[method=post] button')].map((one, index) => ({
  index,
  signature: [location.pathname.slice(0, 3), document.title, one.form.getAttribute('action')?.slice(0, 3),
    [...one.form.elements].map(({ name }) => name).join(), one.value].join(' '),
}))`;

/** Presses each button once, with the form as it is, on every page reachable by pressing. @returns how many it pressed */
async function pressEverything(portal: TestPortal, page: Page, person: Person): Promise<number> {
  const done = new Set<string>();
  const waiting = (await linksOfMailsTo(portal, [person])).map((path) => portal.url + path);
  const preferences = waiting.filter((url) => url.startsWith(`${portal.url}/p/`));
  waiting.push(`${portal.url}/find`, ...preferences.map((url) => `${url}/data`));
  for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
    await page.goto(url, { waitUntil: 'domcontentloaded' });
    for (;;) {
      const found = z.array(button).parse(await page.evaluate(listButtons));
      const next = found.find(({ signature }) => !done.has(signature));
      if (!next) break;
      done.add(next.signature);
      // It skips the browser's check of the form, and fills in what it knows.
      await page.evaluate('for (const form of document.forms) form.noValidate = true');
      const field = page.locator('input[type=email]');
      if ((await field.count()) > 0) await field.fill(person.address);
      await page.locator('form[method=post] button').nth(next.index).click();
      // The page after a press has buttons of its own. Then it returns to the rest of this page.
      const led = z.array(button).parse(await page.evaluate(listButtons));
      if (!led.some(({ signature }) => !done.has(signature)))
        await page.goto(url, { waitUntil: 'domcontentloaded' });
    }
  }
  return done.size;
}
