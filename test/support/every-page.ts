/** Takes a browser through every public page and each of its states, in every language. */
import { vi } from 'vitest';
import type { Page } from 'playwright-core';
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
import { alice, bob, charlie, dana, offers, productNews, trailNotes, weekendLetters } from './people.js';

const halfAYear = 181 * 86_400_000;

/** The links of one language that expire, for the end of the walk. */
interface Left {
  locale: Locale;
  preferences: string;
  expiring: string;
  confirmation: string;
}

/**
 * Goes through every page in every language, so that one portal and one browser serve them all.
 * @param portal used for this only, with a worker and without SMTP; its clock advances, and its database is stopped at the end
 * @param look called on every state, with its name and language
 */
export async function walkEveryPage(
  portal: TestPortal,
  page: Page,
  look: (state: string, locale: Locale) => Promise<void>,
): Promise<void> {
  const left: Left[] = [];
  for (const locale of locales) left.push(await walkWithLinks(portal, page, locale, look));
  const see = async (state: string, path: string, locale: Locale) => {
    await page.goto(pageUrl(portal, path, locale));
    await look(state, locale);
  };
  portal.advance(halfAYear);
  for (const { locale, expiring, confirmation } of left) {
    await see('expired', expiring, locale);
    await page.locator('.ask button.stop').first().click();
    await look('expired, stopped', locale);
    await page.locator('.ask button').first().click();
    await look('fresh link sent', locale);
    await see('confirm, too late', confirmation, locale);
  }
  await portal.deps.connection.getClient().close();
  for (const { locale, preferences } of left) await see('database away', preferences, locale);
}

function pageUrl({ url }: TestPortal, path: string, locale: Locale): string {
  return `${url}${path}${path.includes('?') ? '&' : '?'}lang=${locale}`;
}

/** The pages of one language, while its links are valid. Alice's choices are in the end as they were. */
async function walkWithLinks(
  portal: TestPortal,
  page: Page,
  locale: Locale,
  lookAt: (state: string, locale: Locale) => Promise<void>,
): Promise<Left> {
  const look = (state: string) => lookAt(state, locale);
  const open = (path: string) => page.goto(pageUrl(portal, path, locale));
  const see = async (state: string, path: string) => {
    await open(path);
    await look(state);
  };
  const press = (selector: string) => page.locator(selector).first().click();
  const pressUnticked = async (selector: string) => {
    await page.evaluate('for (const form of document.forms) form.noValidate = true');
    await press(selector);
  };
  // Searches for one's link are counted for each network.
  await portal.deps.models.rateLimits.deleteMany({});

  const confirmation = await confirmLink(portal, locale);
  const links = await portal.linksOf(alice);
  await see('preferences', links.preferences);
  await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
  await look('preferences, all unfolded');
  await page.locator(`#type-${trailNotes.id}`).uncheck();
  await look('preferences, not saved');
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

  const leaving = await newcomer(portal, `inga-${locale}@example.com`, [
    trailNotes,
    productNews,
    weekendLetters,
  ]);
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
  const question = await questionLink(portal, locale);
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
  if (locale === 'en') {
    await open(patterns.api);
    // One template shows all calls, so the first one of each section is enough: axe would take a minute for all.
    await page.evaluate(
      'for (const one of document.querySelectorAll("article:not(:first-of-type)")) one.remove()',
    );
    await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
    await look('reference of the API');
  }

  const waiting = await newcomer(portal, `jon-${locale}@example.com`, [trailNotes]);
  const { preferences: expiring } = await portal.linksOf(waiting);
  return { locale, preferences: links.preferences, expiring, confirmation };
}

/** The path of the question to somebody who reported a mail as spam. */
async function questionLink(portal: TestPortal, locale: Locale): Promise<string> {
  const { subscriberId } = await newcomer(portal, `liv-${locale}@example.com`, []);
  const { events } = await changeConsent(portal.deps, {
    ...{ subscriberId, channel: 'EMAIL', actor: { kind: 'SYSTEM' } },
    wishes: [{ kind: 'MARK_UNDELIVERABLE', reason: 'COMPLAINT' }],
  });
  const pendingId = complaintLinkId(events[0]?.seq ?? 0);
  const claims = { subscriberId, unitId: trailNotes.unitId, epoch: 0, pendingId, locale };
  return paths.confirm(await portal.deps.tokens.mint('confirm', claims, portal.deps.clock()));
}

/** The path of a confirmation, from the mail that asks for it. */
async function confirmLink(portal: TestPortal, locale: Locale): Promise<string> {
  const someone = await newcomer(portal, `kari-${locale}@example.com`, [weekendLetters]);
  await queueMail(portal.deps, {
    id: `LOST_LINK:${locale}`,
    kind: 'LOST_LINK',
    subscriberId: someone.subscriberId,
    unitId: trailNotes.unitId,
    locale,
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
