/** Takes a browser through every public page and each of its states, and shows each state in other languages. */
import { expect, vi } from 'vitest';
import type { Page, Request } from 'playwright-core';
import { changeConsent } from '../../src/domain/consent/change.js';
import { complaintLinkId } from '../../src/mail/complaint-link.js';
import { listOutbox } from '../../src/mail/outbox.js';
import { outboxFolderOf } from '../../src/mail/transport.js';
import { queueMail } from '../../src/mail/queue.js';
import { paths, patterns } from '../../src/paths.js';
import { locales, type Locale } from '../../src/vocabulary/locales.js';
import type { TestPortal } from './app.js';
import { linkIn } from './mails.js';
import { newcomer } from './newcomer.js';
import { userAgentOfAPerson } from './page.js';
import { isTried } from './soak.js';
import { alice, bob, charlie, dana, offers, productNews, trailNotes, weekendLetters } from './people.js';

const halfAYear = 181 * 86_400_000;

/** The walk is in a language whose words are long. */
export const walkedIn = 'de' satisfies Locale;

const others = locales.filter((one) => one !== walkedIn);

/** The links that expire, for the end of the walk. */
interface Left {
  preferences: string;
  expiring: string;
  confirmation: string;
}

/**
 * Goes through every page in one language. The preference page, which scripts change, is opened in each of the others too.
 * @param portal used for this only, with a worker and without SMTP; its clock advances, and its database is stopped at the end
 * @param look called on every state, with its name and language
 */
export async function walkEveryPage(
  portal: TestPortal,
  page: Page,
  look: (state: string, locale: Locale) => Promise<void>,
): Promise<void> {
  const { preferences, expiring, confirmation } = await walkWithLinks(portal, page, look);
  const see = async (state: string, path: string) => {
    await page.goto(pageUrl(portal, path, walkedIn));
    await look(state, walkedIn);
  };
  portal.advance(halfAYear);
  await see('expired', expiring);
  await page.locator('.ask button.stop').first().click();
  await look('expired, stopped', walkedIn);
  await page.locator('.ask button').first().click();
  await look('fresh link sent', walkedIn);
  await see('confirm, too late', confirmation);
  await portal.deps.connection.getClient().close();
  await see('database away', preferences);
}

/** In the browser: the content of an HTML document takes the place of the page's. Returns the number of its elements. */
const takePlace = `(html) => {
  const { documentElement: shown, body } = new DOMParser().parseFromString(html, 'text/html');
  for (const name of ['lang', 'dir']) document.documentElement.setAttribute(name, shown.getAttribute(name));
  const size = body.querySelectorAll('*').length;
  document.body.replaceWith(body);
  return size;
}`;

/**
 * Follows a page of the walk in the other languages. What the page has last asked of the portal is asked again in each language, and the answer takes the
 * place of the content of `twin`. That takes a quarter of the time of opening it. Scripts do not run on it.
 * @param twin another page of the same browser
 * @returns asks for the state that the page has now, and calls `look` in two or three other languages, in a soak in each
 */
export function twinOf(
  { url, deps }: TestPortal,
  page: Page,
  twin: Page,
): (look: (locale: Locale) => Promise<void>) => Promise<void> {
  let asked: Request | undefined;
  let states = 0;
  page.on('request', (request) => {
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) asked = request;
  });
  return async (look) => {
    await page.waitForLoadState();
    if (!asked) throw new Error('The page has asked for nothing yet.');
    const status = (await asked.response())?.status();
    // The outbox and the reference of the API are in English only.
    if ((await page.locator('html').getAttribute('lang')) !== walkedIn) return;
    if (twin.url() === 'about:blank') await twin.goto(`${url}${paths.find()}`);
    // The same state in each language: its elements are as many.
    const sizes = new Set([await page.locator('body *').count()]);
    states += 1;
    for (const locale of others.filter((_, at) => isTried(3, at, states))) {
      const where = new URL(asked.url());
      where.searchParams.set('lang', locale);
      // Searches for one's link are counted for each network.
      if (asked.method() === 'POST') await deps.models.rateLimits.deleteMany({});
      const answer = await fetch(where, {
        method: asked.method(),
        body: asked.postData(),
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          origin: url,
          'user-agent': userAgentOfAPerson,
        },
      });
      expect(answer.status).toBe(status);
      const html = await answer.text();
      expect(html).toContain(`<html lang="${locale}"`);
      sizes.add(Number(await twin.evaluate(`(${takePlace})(${JSON.stringify(html)})`)));
      await look(locale);
    }
    expect(sizes.size).toBe(1);
  };
}

function pageUrl({ url }: TestPortal, path: string, locale: Locale): string {
  return `${url}${path}${path.includes('?') ? '&' : '?'}lang=${locale}`;
}

/** The pages while the links are valid. Alice's choices are in the end as they were. */
async function walkWithLinks(
  portal: TestPortal,
  page: Page,
  lookAt: (state: string, locale: Locale) => Promise<void>,
): Promise<Left> {
  const look = (state: string) => lookAt(state, walkedIn);
  const open = (path: string, locale: Locale = walkedIn) => page.goto(pageUrl(portal, path, locale));
  const see = async (state: string, path: string) => {
    await open(path);
    await look(state);
  };
  const press = (selector: string) => page.locator(selector).first().click();
  const pressUnticked = async (selector: string) => {
    await page.evaluate('for (const form of document.forms) form.noValidate = true');
    await press(selector);
  };

  const confirmation = await confirmLink(portal);
  const links = await portal.linksOf(alice);
  for (const locale of [...others, walkedIn] satisfies Locale[]) {
    await open(links.preferences, locale);
    await lookAt('preferences', locale);
    await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
    await lookAt('preferences, all unfolded', locale);
    await page.locator(`#type-${trailNotes.id}`).uncheck();
    await lookAt('preferences, not saved', locale);
  }
  await page.locator(`#type-${offers.id}`).check();
  await page.locator(`#pause-${productNews.id}`).selectOption('30');
  await press('.savebar button');
  await look('preferences, saved');
  await press('.notice button');
  await look('preferences, undone');
  await press('.stop-all button');
  await look('preferences, a unit stopped');
  await press('.notice button');
  await look('undo');
  await pressUnticked('.ask button');
  await look('undo, not ticked');
  await page.locator('.ask [type=checkbox]').first().check();
  await press('.ask button');
  await see('preferences, waiting for confirmation', (await portal.linksOf(bob)).preferences);
  await see('preferences, opted out', (await portal.linksOf(charlie)).preferences);
  await see('preferences, stopped by staff', (await portal.linksOf(dana)).preferences);

  await see('my data', `${links.preferences}/data`);
  await pressUnticked('.ask button');
  await look('my data, not ticked');

  const leaving = await newcomer(portal, 'inga@example.com', [trailNotes, productNews, weekendLetters]);
  const hers = await portal.linksOf(leaving);
  await see('unsubscribe', hers.unsubscribe);
  await see('one-click, opened in a browser', hers.oneClick);
  await open(hers.unsubscribe);
  await press('.ask button');
  await look('unsubscribed');
  await press('[name=reason]');
  await press('.ask:has([name=reason]) button');
  await look('unsubscribed, with thanks');
  await open(hers.unsubscribe);
  await press('.ask button');
  await look('unsubscribed already');
  await see('unsubscribe from the unit', hers.unsubscribeAll);

  await see('confirm', confirmation);
  await pressUnticked('.ask button');
  await look('confirm, not ticked');
  await page.locator('#sure').check();
  await press('.ask button');
  await look('confirmed');
  const question = await questionLink(portal);
  await see('complaint', question);
  await pressUnticked('.ask button');
  await look('complaint, not ticked');
  await page.locator('#sure').check();
  await press('.ask button');
  await look('complaint, cleared');

  await see('find', paths.find());
  await page.locator('#address').fill('ann@');
  await press('.ask button');
  await look('find, no address');
  await page.locator('#address').fill('nobody@example.com');
  await press('.ask button');
  await look('find, sent');

  await open(`${hers.preferences}/data`);
  await page.locator('#sure').check();
  await press('.stop-all button');
  await look('erased');

  await see('not found', '/p/no-such-token');
  await see('outbox', paths.outbox());
  await page.locator('.timeline a').first().click();
  await look('a mail in the outbox');
  await open(patterns.api);
  // One template shows all calls, so the first one of each section is enough: axe would take a minute for all.
  await page.evaluate(
    'for (const one of document.querySelectorAll("article:not(:first-of-type)")) one.remove()',
  );
  await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
  await look('reference of the API');

  const waiting = await newcomer(portal, 'jon@example.com', [trailNotes]);
  const { preferences: expiring } = await portal.linksOf(waiting);
  return { preferences: links.preferences, expiring, confirmation };
}

/** The path of the question to somebody who reported a mail as spam. */
async function questionLink(portal: TestPortal): Promise<string> {
  const { subscriberId } = await newcomer(portal, 'liv@example.com', []);
  const { events } = await changeConsent(portal.deps, {
    ...{ subscriberId, channel: 'EMAIL', actor: { kind: 'SYSTEM' } },
    wishes: [{ kind: 'MARK_UNDELIVERABLE', reason: 'COMPLAINT' }],
  });
  const pendingId = complaintLinkId(events[0]?.seq ?? 0);
  const claims = { subscriberId, unitId: trailNotes.unitId, epoch: 0, pendingId, locale: walkedIn };
  return paths.confirm(await portal.deps.tokens.mint('confirm', claims, portal.deps.clock()));
}

/** The path of a confirmation, from the mail that asks for it. */
async function confirmLink(portal: TestPortal): Promise<string> {
  const someone = await newcomer(portal, 'kari@example.com', [weekendLetters]);
  await queueMail(portal.deps, {
    id: 'LOST_LINK:walk',
    kind: 'LOST_LINK',
    subscriberId: someone.subscriberId,
    unitId: trailNotes.unitId,
    locale: walkedIn,
    queuedBy: 'a test',
  });
  const html = await vi.waitUntil(
    async () => {
      const mails = await listOutbox(outboxFolderOf(portal.deps.config));
      const isThere = mails.filter(({ to }) => to === someone.address).length === 2;
      return (
        isThere && mails.find(({ to, html: text }) => to === someone.address && text.includes('/c/'))?.html
      );
    },
    { timeout: 20_000, interval: 50 },
  );
  return new URL(linkIn({ html: String(html) }, /Confirm/)).pathname;
}
