/** The other links of a mail in real Chromium: unsubscribe, confirm, find a lost link, and "My data". */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { maskAddress } from '../../src/domain/consent/shown-address.js';
import { effectiveStatus } from '../../src/domain/consent/effective.js';
import { openTestPortal } from '../support/app.js';
import { openMailbox } from '../support/mailbox.js';
import { linkIn, mailTo } from '../support/mails.js';
import { newcomer } from '../support/newcomer.js';
import { openBrowser } from '../support/page.js';
import { trailNotes, weekendLetters } from '../support/people.js';

const box = await openMailbox();
const portal = await openTestPortal({ env: { SMTP_URL: box.url }, hasWorker: true });
const browser = await openBrowser(portal.url);

const heading = (page: Page) => page.getByRole('heading', { level: 1 }).textContent();
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

describe.each([
  { scripts: 'off', hasScript: false },
  { scripts: 'on', hasScript: true },
])('the other links of a mail with scripts $scripts', ({ scripts, hasScript }) => {
  it('the footer link unsubscribes by one button, undoes by a tick, and asks for a reason only afterwards', async () => {
    const person = await newcomer(portal, `liv-${scripts}@example.com`, [trailNotes]);
    const { unsubscribe } = await portal.linksOf(person);
    const { page } = await browser.visit({ hasScript });
    await page.goto(portal.url + unsubscribe);
    expect(await heading(page)).toBe('Stop Trail notes from Northwind Outdoors?');
    expect(await page.getByText('Would you tell us why?').count()).toBe(0);
    expect(await page.getByText('example.com').count()).toBe(0);
    await press(page, 'Unsubscribe');
    expect(await heading(page)).toBe('You are unsubscribed');
    expect(await statusOf(person, trailNotes)).toBe('UNSUBSCRIBED');

    await press(page, 'Undo');
    expect(await statusOf(person, trailNotes)).toBe('UNSUBSCRIBED');
    await page.getByLabel('Yes, send me these again').check();
    await press(page, 'Undo');
    expect(await heading(page)).toBe('Undone.');
    expect(await statusOf(person, trailNotes)).toBe('SUBSCRIBED');

    await page.goto(portal.url + unsubscribe);
    await press(page, 'Unsubscribe');
    await page.getByLabel('Too many e-mails').check();
    await press(page, 'Send');
    expect(await page.getByText('Thank you for telling us.').count()).toBe(1);
    expect(await statusOf(person, trailNotes)).toBe('UNSUBSCRIBED');
  });

  it('a double opt-in type is on only after the mail is confirmed', async () => {
    const person = await newcomer(portal, `mari-${scripts}@example.com`, []);
    const { preferences } = await portal.linksOf(person);
    const { page } = await browser.visit({ hasScript });
    await page.goto(portal.url + preferences);
    await page.getByRole('checkbox', { name: 'Weekend letters' }).check();
    await press(page, 'Save my choices');
    expect(await page.getByRole('status').textContent()).toMatch(
      /Weekend letters will start once you confirm: a link is on its way to your inbox\./,
    );
    expect(await page.getByRole('checkbox', { name: /Weekend letters/ }).isChecked()).toBe(false);

    const mail = await mailTo(box, person.address, /Please confirm/);
    await page.goto(linkIn(mail.parsed, /Confirm/));
    expect(await heading(page)).toBe('One last step');
    expect(await statusOf(person, weekendLetters)).not.toBe('SUBSCRIBED');
    await page.getByLabel('Yes, send me this').check();
    await press(page, 'Confirm');
    expect(await heading(page)).toBe('You are in');
    expect(await statusOf(person, weekendLetters)).toBe('SUBSCRIBED');
  });

  it('a lost link is found by mail, and opens the page', async () => {
    const person = await newcomer(portal, `nils-${scripts}@example.com`, [trailNotes]);
    const { page } = await browser.visit({ hasScript });
    await page.goto(`${portal.url}/find`);
    await page.getByLabel('Your e-mail address').fill('nils@');
    await press(page, 'Mail me my link');
    expect(await page.getByLabel('Your e-mail address').inputValue()).toBe('nils@');
    expect(await page.getByRole('alert').textContent()).toMatch(/does not look like an e-mail address/);
    await page.getByLabel('Your e-mail address').fill(person.address);
    await press(page, 'Mail me my link');
    expect(await heading(page)).toBe('Look in your inbox');

    const mail = await mailTo(box, person.address, /Your link to your preferences at Northwind/);
    await page.goto(linkIn(mail.parsed, /Open my preferences/));
    expect(await page.getByRole('checkbox', { name: /Trail notes/ }).isChecked()).toBe(true);
  });

  it('"My data" shows the history, downloads as a file, and is erased by a tick', async () => {
    const person = await newcomer(portal, `oda-${scripts}@example.com`, [trailNotes]);
    const { preferences } = await portal.linksOf(person);
    const { page } = await browser.visit({ hasScript });
    await page.goto(portal.url + preferences);
    await page.getByRole('link', { name: 'My data' }).click();
    expect(await heading(page)).toBe('What we keep about you');
    const line = page.getByRole('listitem').filter({ hasText: 'Trail notes was switched on' });
    expect(await line.getByRole('time').textContent()).toMatch(/\d{4}/);

    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download as a file' }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe('my-preferences.json');
    expect(JSON.parse(await readFile(await file.path(), 'utf8'))).toMatchObject({
      addresses: [{ address: maskAddress('EMAIL', person.address), channel: 'EMAIL' }],
    });

    await page.getByLabel('Yes, remove my data').check();
    await press(page, 'Remove my data');
    expect(await heading(page)).toBe('Your data is removed');
    expect((await portal.subscriberOf(person)).address).toBeNull();
    await page.goto(portal.url + preferences);
    expect(await heading(page)).toBe('Your data is removed');
  });
});

async function statusOf(person: { address: string }, type: typeof trailNotes) {
  return effectiveStatus(await portal.subscriberOf(person), type).status;
}
