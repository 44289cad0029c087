/** The main task in real Chromium, without and with scripts: from a received mail to saved choices. */
import { describe, expect, it } from 'vitest';
import { effectiveStatus } from '../../src/domain/consent/effective.js';
import { readHistory } from '../../src/domain/consent/history.js';
import { mailLink } from '../../src/domain/links/mail-link.js';
import { openTestPortal } from '../support/app.js';
import { openMailbox } from '../support/mailbox.js';
import { linkIn, mailTo } from '../support/mails.js';
import { newcomer } from '../support/newcomer.js';
import { openBrowser } from '../support/page.js';
import { offers, trailNotes } from '../support/people.js';

const visitors = [
  { scripts: 'off', hasScript: false, address: 'finn@example.com' },
  { scripts: 'on', hasScript: true, address: 'gerd@example.com' },
];

const box = await openMailbox();
const portal = await openTestPortal({ env: { SMTP_URL: box.url }, hasWorker: true });
const browser = await openBrowser(portal.url);
// Queued before any test advances the portal's clock, since mails are due by the database's clock.
for (const { address } of visitors) {
  await newcomer(portal, address, [trailNotes, offers]);
  const { unitId, id: typeId } = trailNotes;
  await mailLink(portal.deps, { address, unitId, typeId, locale: 'en' }, 'a test');
}

describe.each(visitors)('the main task with scripts $scripts', ({ hasScript, address }) => {
  it('a contact opens a received mail, changes two types, undoes it, stops everything, and undoes that too', async () => {
    const mail = await mailTo(box, address, /e-mail preferences/);
    const { page } = await browser.visit({ hasScript });
    const { page: inbox } = await browser.visit();
    await inbox.setContent(mail.parsed.html ?? '');
    await inbox.getByRole('link', { name: 'Manage my preferences' }).click();
    await inbox.getByRole('heading', { level: 1, name: 'What would you like to hear from us?' }).waitFor();

    const link = linkIn(mail.parsed, /Manage my preferences/);
    await page.goto(link);
    const title = page.getByRole('heading', { level: 1 });
    const notice = page.getByRole('status');
    const choice = (name: string | RegExp) => page.getByRole('checkbox', { name });
    const save = page.getByRole('button', { name: 'Save my choices' });
    await expect.poll(() => title.textContent()).toBe('What would you like to hear from us?');
    expect(await page.locator('.who').textContent()).toMatch(/^Preferences of .••••@example\.com$/);
    expect(await choice(/Trail notes/).isChecked()).toBe(true);

    // Two types, switched by a click on their words, as with a thumb.
    await page.getByText('Trail notes').click();
    await choice('Offers and discounts').uncheck();
    expect(await page.getByText('You have changes that are not saved yet.').isVisible()).toBe(true);
    await save.click();
    expect(await notice.textContent()).toMatch(
      /Saved\. Trail notes and Offers and discounts will no longer reach you\./,
    );
    expect(await choice(/Trail notes/).isChecked()).toBe(false);
    expect(await choice('Offers and discounts').isChecked()).toBe(false);
    expect(await statusOf(address, trailNotes)).toBe('UNSUBSCRIBED');
    expect(await page.title()).toMatch(/^Saved\. /);

    await page.getByRole('button', { name: 'Undo' }).click();
    expect(await notice.textContent()).toMatch(
      /Undone\. Trail notes and Offers and discounts will reach you/,
    );
    expect(await choice(/Trail notes/).isChecked()).toBe(true);
    expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);

    // No person reads a page and presses its button in the same second.
    portal.advance(3000);
    await page.getByRole('button', { name: 'Stop everything from all our brands' }).click();
    expect(await notice.textContent()).toMatch(
      /Saved\. You will get no more news or offers from any of our brands\./,
    );
    expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(0);
    expect(await statusOf(address, offers)).toBe('UNSUBSCRIBED');

    // What one press stopped is restored by a tick.
    await page.getByRole('button', { name: 'Undo' }).click();
    expect(await title.textContent()).toBe('Was that a mistake?');
    expect(await statusOf(address, trailNotes)).toBe('UNSUBSCRIBED');
    await choice('Yes, send me these again').check();
    await page.getByRole('button', { name: 'Undo' }).click();
    expect(await notice.textContent()).toMatch(/^\s*Undone\./);
    expect(await choice(/Trail notes/).isChecked()).toBe(true);
    expect(await statusOf(address, trailNotes)).toBe('SUBSCRIBED');

    await choice(/Trail notes/).uncheck();
    await page.locator(`#pause-${offers.id}`).locator('xpath=../summary').click();
    await page.locator(`#pause-${offers.id}`).selectOption('60');
    await save.click();
    expect(await notice.textContent()).toMatch(
      /Trail notes will no longer reach you\. Offers and discounts will stay quiet until/,
    );

    // Another day and another device, with the same mail.
    portal.advance(26 * 3_600_000);
    const { page: later } = await browser.visit({ hasScript, width: 360 });
    await later.goto(link);
    expect(await later.getByRole('checkbox', { name: /Trail notes/ }).isChecked()).toBe(false);
    expect(await later.getByText(/^paused until/).count()).toBe(1);
    expect(await later.getByRole('status').count()).toBe(0);
    const history = await historyOf(address);
    expect(history?.events.filter(({ actor }) => actor.kind !== 'CONTACT')).toEqual([]);
    expect(history?.events.filter(({ isMachine }) => isMachine)).toEqual([]);
  });

  it('the language switch keeps the link, and the next acts stay in that language', async () => {
    const { preferences } = await portal.linksOf({ address }, { locale: 'en' });
    const { page } = await browser.visit({ hasScript });
    await page.goto(portal.url + preferences);
    await page.getByLabel('Language').selectOption('de');
    await page.getByRole('button', { name: 'Change' }).click();
    expect(new URL(page.url()).pathname).toBe(preferences);
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    const choice = page.getByRole('checkbox', { name: /Neues im Laden/ });
    await choice.setChecked(!(await choice.isChecked()));
    await page.locator('.savebar button').click();
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    expect(await page.getByRole('status').textContent()).toMatch(/Neues im Laden/);
  });
});

async function historyOf(address: string) {
  const { subscriberId } = await portal.linksOf({ address });
  return readHistory(portal.deps.models, subscriberId);
}

async function statusOf(address: string, type: typeof trailNotes) {
  const history = await historyOf(address);
  return history && effectiveStatus(history.subscriber, type).status;
}
