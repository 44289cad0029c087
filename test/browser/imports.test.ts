/**
 * The imports of opt-out lists and of contacts in real Chromium: from the start to the result and its undo, by keyboard. The
 * file is long, since all of its tests share one portal, one worker and one browser.
 */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { adminPaths } from '../../src/admin-paths.js';
import { openTestPortal } from '../support/app.js';
import { temporaryFolder } from '../support/close-afterwards.js';
import { keyOn } from '../support/keyboard.js';
import { expectSound, openBrowser, type VisitorOptions } from '../support/page.js';
import { contactIn } from '../support/contacts.js';
import { northwind, trailNotes } from '../support/people.js';
import { scripts } from '../support/soak.js';
import { pageOf, signedIn } from '../support/staff.js';

const portal = await openTestPortal({ hasWorker: true });
const browser = await openBrowser(portal.url);
const marketer = await signedIn(portal, 'marketer');

const marketerOn = (path: string, options: VisitorOptions = {}) =>
  pageOf(browser, portal, marketer, path, options);

const fileOf = (name: string, buffer: Buffer) => ({ name, mimeType: 'text/csv', buffer });
const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures/lists', name));

/** The page of an import that says what was done. A reload before it would send the form again. */
const afterAnAct = /\/imports\/[\w-]+\?/;

/** Waits for the worker, also where the page does not follow it by itself. */
async function until(page: Page, heading: string): Promise<void> {
  await expect
    .poll(
      async () => {
        const said = await page.getByRole('heading', { level: 1 }).textContent();
        if (said !== heading) await page.reload();
        return said;
      },
      { timeout: 30_000, interval: 500 },
    )
    .toBe(heading);
}

const look = (page: Page) => expectSound(page, 320, 1280);

it.each(scripts)(
  'a list goes from the start to the result and is undone, by keyboard, with scripts: $hasScript',
  async ({ hasScript }) => {
    const page = await marketerOn(adminPaths.imports(), { hasScript });
    if (hasScript) await look(page);
    await keyOn(page, 'main a.button.main', 'Enter');
    await page.waitForURL(portal.url + adminPaths.newImport());
    if (hasScript) await look(page);
    await keyOn(page, 'main a.button.main', 'Enter');
    await page.waitForURL(portal.url + adminPaths.importUnit());
    if (hasScript) await look(page);
    await keyOn(page, 'input[name=unit]', 'Space');
    await keyOn(page, 'main button.main', 'Enter');
    await page.waitForURL(/\/file\?/);
    if (hasScript) await look(page);

    const domain = hasScript ? 'with.example.com' : 'without.example.com';
    const list = `Navn;E-post;Kunde\nAlice;alice@${domain};1\nBob;Bob <bob@${domain}>;2\nKari;kari@example;3\nAlice;ALICE@${domain};4\n`;
    await page.getByLabel('Opt-out list').setInputFiles(fileOf('utmeldinger.csv', Buffer.from(list)));
    await page.getByLabel('Opt-out list').focus();
    await keyOn(page, 'main button.main', 'Enter');
    await page.waitForURL(/\/column$/);
    if (hasScript) await look(page);

    // How it is read can be corrected, and put right again.
    await page.getByLabel('Delimiter').selectOption({ label: 'Comma' });
    await page.getByRole('button', { name: 'Read it again' }).click();
    await expect.poll(() => page.getByLabel('Delimiter').inputValue()).toBe(String(','.charCodeAt(0)));
    await page.getByLabel('Delimiter').selectOption({ label: 'Semicolon' });
    await page.getByRole('button', { name: 'Read it again' }).click();
    await expect
      .poll(() => page.getByLabel('Column header of the email field').locator('option:checked').textContent())
      .toContain('E-post');
    await keyOn(page, 'main button.main', 'Enter');
    await page.waitForURL((url) => !url.pathname.endsWith('/column'));
    await until(page, 'Review');
    if (hasScript) await look(page);
    expect(await page.locator('.figures dd').allTextContents()).toEqual(['4', '2', '1', '1', '0', '0', '2']);

    // The import can be left, found in the list, and resumed.
    await page.goto(portal.url + adminPaths.imports());
    await page.getByRole('link', { name: 'utmeldinger.csv' }).first().click();
    await page.getByRole('link', { name: 'Continue to confirm' }).click();
    await page.getByRole('textbox').fill('3');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('#number[aria-invalid=true]').count()).toBe(1);
    if (hasScript) await look(page);
    await page.getByRole('textbox').fill('2');
    await page.keyboard.press('Enter');
    await page.waitForURL(afterAnAct);
    await until(page, 'Result');
    if (hasScript) await look(page);
    expect(await page.locator('.figures dd').allTextContents()).toEqual(['2', '0', '1', '1']);
    const rejectedRows = page.getByRole('table', { name: 'rejected row' }).getByRole('cell');
    expect((await rejectedRows.allInnerTexts()).map((text) => text.trim())).toEqual([
      ...['4', 'kari@example', 'The domain is incomplete.'],
    ]);
    const optedOut = await portal.subscriberOf({ address: `alice@${domain}` });
    expect(Object.keys(optedOut.optOuts.units)).toEqual([String(northwind.id)]);
    expect(optedOut.contactId).toBeNull();

    const [rejected] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: /rejected rows/ }).click(),
    ]);
    expect(readFileSync(await rejected.path(), 'utf8')).toContain('4,kari@example,The domain is incomplete.');

    await page.getByRole('link', { name: 'Undo import' }).click();
    if (hasScript) await look(page);
    await page.getByRole('button', { name: 'Undo import' }).click();
    await page.waitForURL(afterAnAct);
    await until(page, 'Import undone');
    if (hasScript) await look(page);
    expect((await portal.subscriberOf({ address: `alice@${domain}` })).optOuts.units).toEqual({});
  },
  60_000,
);

it.each([
  { hasScript: false, place: '#faults' },
  { hasScript: true, place: '[data-sending] .fault' },
])(
  'a file that cannot be a list is refused with its sentence, and nothing of it is kept, with scripts: $hasScript',
  async ({ hasScript, place }) => {
    const file = adminPaths.importFile({ unit: northwind.id, channel: 'EMAIL' });
    const page = await marketerOn(file, { hasScript });
    const { storedFiles, storedChunks, imports } = portal.deps.models;
    const before = [
      await storedFiles.countDocuments(),
      await storedChunks.countDocuments(),
      await imports.countDocuments(),
    ];
    await page.getByLabel('Opt-out list').setInputFiles(fileOf('old.xls', fixture('old.xls')));
    await page.getByRole('button', { name: 'Upload the file' }).click();
    await expect.poll(() => page.locator(place).textContent()).toContain('old Excel format');
    expect([
      await storedFiles.countDocuments(),
      await storedChunks.countDocuments(),
      await imports.countDocuments(),
    ]).toEqual(before);
  },
);

it.each(scripts)(
  'contacts go from the start to the result and are undone, by keyboard, with scripts: $hasScript',
  async ({ hasScript }) => {
    const page = await marketerOn(adminPaths.newImport(), { hasScript });
    if (hasScript) await look(page);
    await keyOn(page, 'main a.button.plain', 'Enter');
    await page.waitForURL(/unit\?kind=CONTACTS$/);
    if (hasScript) await look(page);
    await keyOn(page, `input[name=unit][value="${northwind.id}"]`, 'Space');
    await keyOn(page, 'main button.main', 'Enter');
    await page.waitForURL(/\/file\?/);
    if (hasScript) await look(page);

    const domain = hasScript ? 'contacts-with.example.com' : 'contacts-without.example.com';
    const known = await contactIn(portal, {
      email: `bo@${domain}`,
      firstName: 'Bo',
      unitIds: [northwind.id],
    });
    const rows = [`Kari;kari@${domain};38;ja`, `Bob;bo@${domain};;`, 'Ola;ola@kunde;44;ja'];
    const list = [`Fornavn;E-post;Shoe size;${trailNotes.name}`, ...rows].join('\n');
    await page.getByLabel('File of contacts').setInputFiles(fileOf('kunder.csv', Buffer.from(list)));
    await page.getByLabel('File of contacts').focus();
    await keyOn(page, 'main button.main', 'Enter');
    await page.waitForURL(/\/column$/);
    if (hasScript) await look(page);

    // The last value of the list is a new property, whose name is then asked for.
    expect(await page.locator('#name-2').isVisible()).toBe(false);
    await keyOn(page, '#column-2', 'End');
    await expect.poll(() => page.locator('#name-2').inputValue()).toBe('Shoe size');
    await page.locator('#name-2').fill(`Shoes ${hasScript ? 1 : 2}`);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('#faults a').count()).toBe(2);
    if (hasScript) await look(page);
    await page.getByLabel('Legal basis for communication').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await page.keyboard.type('A form on paper, in March.');
    await keyOn(page, 'main button.main', 'Enter');
    await page.waitForURL((url) => !/column$|checks$/.test(url.pathname));
    await until(page, 'Review');
    if (hasScript) await look(page);
    const figures = page.locator('.figures > div');
    const review = ['3 rows', '1 new contacts', '1 updated', '0 unchanged', '1 rejected rows', '1 opt-ins'];
    expect(await figuresOf(page)).toEqual(review);

    // The import can be left, found in the list, and resumed.
    await page.goto(portal.url + adminPaths.imports());
    await page.getByRole('link', { name: 'kunder.csv' }).first().click();
    await keyOn(page, 'main button.main', 'Enter');
    await page.waitForURL(afterAnAct);
    await until(page, 'Result');
    if (hasScript) await look(page);
    expect((await figuresOf(page)).slice(0, 3)).toEqual(['3 rows', '1 created', '1 updated']);
    expect(await figures.count()).toBe(review.length);
    const kari = await portal.subscriberOf({ address: `kari@${domain}` });
    expect(kari.contactId).not.toBeNull();
    expect(Object.keys(kari.subscriptions ?? {})).toEqual([String(trailNotes.id)]);
    const { contacts } = portal.deps.models;
    expect(await contacts.findById(known._id).lean()).toMatchObject({ firstName: 'Bob' });
    const [results] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: /result of each row/ }).click(),
    ]);
    expect(readFileSync(await results.path(), 'utf8')).toContain(`kari@${domain}`);

    await page.getByRole('link', { name: 'Undo import' }).click();
    if (hasScript) await look(page);
    await page.getByRole('button', { name: 'Undo import' }).click();
    await page.waitForURL(afterAnAct);
    await until(page, 'Import undone');
    if (hasScript) await look(page);
    expect((await portal.subscriberOf({ address: `kari@${domain}` })).contactId).toBeNull();
    expect(await contacts.findById(known._id).lean()).toMatchObject({ firstName: 'Bob' });
  },
  90_000,
);

/** "3 rows", and so on. */
async function figuresOf(page: Page): Promise<string[]> {
  const shown = await page.locator('.figures > div').evaluateAll((all) => all.map((one) => one.textContent));
  return shown
    .map((text) => /^\s*(\D+?)\s*([\d,]+)\s*$/.exec(text ?? ''))
    .map((found) => `${found?.[2]} ${found?.[1]}`);
}

/** The gate sends a smaller file than `npm run soak`. */
const megabytes = Number(process.env['UPLOAD_MB'] ?? 5);

it('a large file shows its progress while it is sent, and is read when it has arrived', async () => {
  const page = await marketerOn(adminPaths.importFile({ unit: northwind.id, channel: 'EMAIL' }));
  const folder = await temporaryFolder();
  const path = join(folder, 'large.csv');
  const lines = Array.from(
    { length: megabytes * 10_000 },
    (_, at) => `person${at}@example.com;${'x'.repeat(80)}\n`,
  );
  await writeFile(path, lines);
  const sent: number[] = [];
  await page.exposeFunction('tell', (percent: number) => void sent.push(percent));
  await page.evaluate(`new MutationObserver(([{ target }]) => tell(target.value)).observe(
    document.querySelector('[data-sending] progress'), { attributeFilter: ['value'] })`);
  const network = await page.context().newCDPSession(page);
  await network.send('Network.emulateNetworkConditions', {
    ...{ offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 5_000_000 },
  });
  await page.getByLabel('Opt-out list').setInputFiles(path);
  await page.getByRole('button', { name: 'Upload the file' }).click();
  await page.waitForURL(/\/column$/, { timeout: 100_000 });
  // The bar moved, and never back.
  expect(new Set(sent).size).toBeGreaterThan(2);
  expect(sent).toEqual([...sent].sort((a, b) => a - b));
  await expect.poll(() => page.getByLabel('Column names are in').inputValue()).toBe('none');
}, 120_000);

it('a file is dropped on the form, and is sent again after the connection was lost', async () => {
  const page = await marketerOn(adminPaths.importFile({ unit: northwind.id, channel: 'EMAIL' }));
  await page.evaluate(`(() => {
    const dropped = new DataTransfer();
    dropped.items.add(new File(['dropped@example.com\\n'], 'dropped.csv', { type: 'text/csv' }));
    document.querySelector('form[data-upload]').dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, cancelable: true }));
  })()`);
  const before = await portal.deps.models.imports.countDocuments();
  await page.route('**' + adminPaths.imports(), (route) => route.abort('connectionreset'), { times: 1 });
  await page.getByRole('button', { name: 'Upload the file' }).click();
  await expect
    .poll(() => page.locator('[data-sending] .fault').textContent())
    .toContain('connection was lost');
  expect(await portal.deps.models.imports.countDocuments()).toBe(before);
  await page.getByRole('button', { name: 'Upload the file' }).click();
  await page.waitForURL(/\/column$/);
  expect(await page.locator('main').textContent()).toContain('dropped.csv');
  expect(await browser.leave()).toEqual([expect.stringContaining('ERR_CONNECTION_RESET')]);
});

it('a list of phone numbers is imported for text messages', async () => {
  const page = await marketerOn(adminPaths.importFile({ unit: northwind.id, channel: 'SMS' }));
  await page.getByLabel('Opt-out list').setInputFiles(fileOf('phones.csv', fixture('phones.csv')));
  await page.getByRole('button', { name: 'Upload the file' }).click();
  await page.waitForURL(/\/column$/);
  await page.getByLabel('Numbers without a country code').selectOption({ label: 'Norway' });
  await page.getByRole('button', { name: 'Read it again' }).click();
  await look(page);
  await page.getByRole('button', { name: 'Continue to the review' }).click();
  await until(page, 'Review');
  expect(await page.locator('.figures dd').allTextContents()).toEqual(['5', '4', '1', '0', '0', '1', '3']);
});
