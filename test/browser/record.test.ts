/** The contact's record in real Chromium: look-up, override and history, without and with scripts, and by keyboard only. */
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { adminPaths } from '../../src/admin-paths.js';
import type { Contact } from '../../src/models/contact.js';
import { axeInBothSchemes, openBrowser, overflowOf } from '../support/page.js';
import type { VisitorOptions } from '../support/page.js';
import { northwind, offers, trailNotes } from '../support/people.js';
import { dialog, openRecordRoom } from '../support/record-room.js';
import { pageOf } from '../support/staff.js';

const room = await openRecordRoom();
const browser = await openBrowser(room.portal.url);

/** Ida's own browser, signed in, on one of her pages. */
const idaOn = (path: string, options: VisitorOptions = {}) =>
  pageOf(browser, room.portal, room.ida, path, options);

/** A contact who opted out of Trail notes on the preference page, and of Offers by a machine. */
async function optedOut(): Promise<Contact> {
  const guro = await room.somebody({ properties: { city: 'Oslo' } });
  await room.decided(guro, [{ kind: 'OPT_OUT', typeId: trailNotes.id }]);
  await room.decided(
    guro,
    [{ kind: 'OPT_OUT', typeId: offers.id }],
    { kind: 'ONE_CLICK' },
    { isMachine: true },
  );
  return guro;
}

describe.each([{ hasScript: false }, { hasScript: true }])(
  'the record with scripts: $hasScript',
  ({ hasScript }) => {
    it('support staff look a contact up, resubscribe them with basis and explanation, and see it in the history', async () => {
      const guro = await optedOut();
      const page = await idaOn(adminPaths.contact(guro._id), { hasScript });
      expect(await page.title()).toContain(`Guro ${guro.lastName}`);
      await page.getByRole('link', { name: 'Resubscribe to Trail notes' }).click();
      await page.getByRole('heading', { level: 1, name: /^Resubscribe Guro/ }).waitFor();
      expect(await page.getByRole('checkbox', { name: /Trail notes/ }).isChecked()).toBe(true);
      expect(await page.getByRole('checkbox', { name: /Product news/ }).isChecked()).toBe(false);
      await page.getByLabel('Legal basis for communication').selectOption({ label: 'Freely given consent' });
      await page.getByLabel('Explanation').fill('Asked for it at the counter.');
      await page.getByRole('button', { name: 'Resubscribe' }).click();
      expect(await page.getByRole('status').textContent()).toContain('is subscribed to Trail notes');
      const row = page.getByRole('row', { name: /Trail notes/ });
      expect(await row.textContent()).toMatch(/Subscribed.*Staff, Support.*Freely given consent.*counter/);
      await page.getByRole('link', { name: 'History' }).click();
      const first = page.getByRole('listitem').filter({ hasText: 'Subscribed to Trail notes' });
      expect(await first.textContent()).toContain('Asked for it at the counter.');
      expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
    });
  },
);

it('an override is made by keyboard only, from the record and back', async () => {
  const guro = await optedOut();
  const page = await idaOn(adminPaths.contact(guro._id));
  const tabTo = async (words: RegExp) => {
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press('Tab');
      const said: unknown = await page.evaluate(
        "(document.activeElement.labels?.[0] ?? document.activeElement).textContent.replace(/\\s+/g, ' ')",
      );
      if (words.test(String(said))) return;
    }
    throw new Error(`Nothing that says ${words} is reached by keyboard.`);
  };
  await tabTo(/Resubscribe to Trail notes/);
  await page.keyboard.press('Enter');
  await page.waitForURL(/overrides/);
  await tabTo(/Legal basis for communication/);
  await page.keyboard.type('Freely');
  await tabTo(/Explanation/);
  await page.keyboard.type('Rang this morning.');
  await tabTo(/^Resubscribe$/);
  await page.keyboard.press('Enter');
  await page.getByRole('status').waitFor();
  expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
});

it('the faults of an override come first, and each leads to its field', async () => {
  const guro = await optedOut();
  const page = await idaOn(dialog(guro, 'SUBSCRIBED'), { hasScript: false });
  // The browser's own checks are switched off, as in an old browser.
  await page.getByRole('checkbox', { name: /Trail notes/ }).uncheck();
  await page.getByLabel('Legal basis for communication').selectOption({ index: 1 });
  await page.getByLabel('Explanation').fill('   ');
  await page.getByRole('button', { name: 'Resubscribe' }).click();
  const alert = page.getByRole('alert');
  expect(await alert.textContent()).toMatch(/Choose at least one.*Say why/s);
  await alert.getByRole('link', { name: /Say why/ }).click();
  expect(await page.evaluate('document.activeElement.id')).toBe('explanation');
});

it('a new link is copied by a button', async () => {
  const guro = await optedOut();
  const page = await idaOn(adminPaths.linkCopies(guro._id));
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: room.portal.url });
  await page.getByRole('button', { name: 'Make the link' }).click();
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByText('Copied.').waitFor();
  const copied = String(await page.evaluate('navigator.clipboard.readText()'));
  expect(copied).toBe(await page.getByLabel('Link').inputValue());
  expect(copied.startsWith(`${room.portal.url}/p/`)).toBe(true);
});

it('nothing in the preview can be focused, pressed or sent', async () => {
  const guro = await optedOut();
  const page = await idaOn(adminPaths.preview(guro._id));
  for (const one of [page.getByRole('checkbox').first(), page.getByRole('button').first()])
    await expect(one.click({ timeout: 500 })).rejects.toThrow(/element is inert/);
  const reached: unknown[] = [];
  for (let presses = 0; presses < 8; presses += 1) {
    await page.keyboard.press('Tab');
    reached.push(await page.evaluate("document.activeElement.closest('[inert]') !== null"));
  }
  expect(reached).not.toContain(true);
  await page.getByRole('link', { name: 'Back to the record' }).click();
  await page.waitForURL(`**${adminPaths.contact(guro._id)}`);
});

it('every page of the record passes axe in light and dark, and is no wider than a phone of 320 pixels', async () => {
  const guro = await optedOut();
  const dana = await room.somebody({ phone: '+4790055666', lastName: 'Dahl-Kristoffersen van den Bergh' });
  const staff = { kind: 'STAFF', isBulk: false, ref: `user:${room.ida.user._id}`, scope: null } as const;
  await room.decided(dana, [{ kind: 'OPT_OUT_OF_ALL', unitId: northwind.id }], staff, {
    explanation: 'By phone.',
  });
  await room.decided(dana, [{ kind: 'MARK_UNDELIVERABLE', reason: 'HARD_BOUNCE' }], { kind: 'SYSTEM' });
  const page = await idaOn(adminPaths.newContact(), { width: 320, height: 640 });
  const email = { channel: 'EMAIL' };
  const found: string[] = [];
  for (const path of [
    adminPaths.newContact(),
    adminPaths.contact(guro._id),
    adminPaths.contact(dana._id),
    adminPaths.contactHistory(guro._id),
    adminPaths.contactEdit(dana._id),
    dialog(guro, 'SUBSCRIBED'),
    dialog(dana, 'SUBSCRIBED'),
    adminPaths.optOuts(guro._id, email),
    adminPaths.liftings(dana._id, { ...email, unit: northwind.id }),
    adminPaths.corrections(guro._id, email),
    adminPaths.communications(dana._id),
    adminPaths.linkMails(dana._id),
    adminPaths.linkCopies(dana._id),
    adminPaths.linkRevocations(dana._id),
    adminPaths.contactDeletion(dana._id),
    adminPaths.contactErasure(dana._id),
    adminPaths.preview(dana._id),
    adminPaths.machineOptOuts(),
  ]) {
    await page.goto(room.portal.url + path);
    await look(page, path, found);
  }
  // Also a refused form.
  await page.goto(room.portal.url + dialog(guro, 'SUBSCRIBED'));
  await page.evaluate('document.querySelector("form.fields").noValidate = true');
  await page.getByRole('button', { name: 'Resubscribe' }).click();
  await page.getByRole('alert').waitFor();
  await look(page, 'a refused override', found);
  expect(found).toEqual([]);
}, 120_000);

async function look(page: Page, state: string, found: string[]): Promise<void> {
  found.push(...(await axeInBothSchemes(page)).map((violation) => `${state}: ${violation}`));
  const overflow = await overflowOf(page);
  if (overflow > 0) found.push(`${state}: ${overflow} pixels wider than the window`);
}
