/**
 * Bulk work in real Chromium: contacts found, ticked, previewed and confirmed, with a progress bar; without and with scripts; and
 * by keyboard.
 */
import { ownStatus } from '../../src/domain/consent/effective.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../src/admin-paths.js';
import { createContact } from '../../src/domain/contacts/save.js';
import { queueJob } from '../../src/models/job.js';
import { openTestPortal } from '../support/app.js';
import { blankForm, made, staff } from '../support/contact-room.js';
import { axeInBothSchemes, axeOf, openBrowser, overflowOf } from '../support/page.js';
import type { VisitorOptions } from '../support/page.js';
import { trailNotes } from '../support/people.js';
import { pageOf, signedIn } from '../support/staff.js';

const portal = await openTestPortal({ hasWorker: true });
const browser = await openBrowser(portal.url);
const ida = await signedIn(portal, 'marketer');
for (let count = 10; count < 65; count++) {
  const form = {
    firstName: `Guest ${count}`,
    lastName: 'Aas',
    email: `many${count}@example.com`,
    locale: 'nb',
  };
  made(await createContact(portal.deps, { scope: null, form: { ...blankForm, ...form }, by: staff }));
}

/** Ida's own browser, signed in, on one of her pages. */
const idaOn = (path: string, options: VisitorOptions = {}) => pageOf(browser, portal, ida, path, options);

/** A job in progress, as a worker would leave it. No worker takes it up. */
async function jobUnderWay(id: string): Promise<void> {
  const input = {
    selection: {
      kind: 'FILTER',
      filter: { any: [{ all: [{ on: 'language', of: '', is: 'IS', values: ['nb'] }] }] },
      search: '',
    },
    channel: 'EMAIL',
    typeIds: [trailNotes.id],
    status: 'OPT_OUT',
    hasOptOutOfAllRemoved: false,
    legalBasis: null,
    processingBasis: null,
    explanation: '',
  };
  const later = new Date(Date.now() + 3_600_000);
  await queueJob(portal.deps, { id, kind: 'BULK_EDIT', input, scope: null, notBefore: later });
  await moveOn(id, { state: 'RUNNING', phase: 'RUN', total: 1000, done: 100 });
}
const moveOn = (id: string, fields: object) =>
  portal.deps.models.jobs.updateOne({ _id: id }, { $set: fields });

describe.each([{ hasScript: true }, { hasScript: false }])(
  'bulk work with scripts: $hasScript',
  ({ hasScript }) => {
    it('finds and ticks contacts, previews and confirms the edit, and shows the result', async () => {
      const page = await idaOn(adminPaths.contacts(), { hasScript });
      await page.getByRole('searchbox').fill(hasScript ? 'many11' : 'many12');
      await page.getByRole('button', { name: 'Search' }).click();
      await page.getByText('1 to 1 of 1 contact').waitFor();
      await page.getByRole('checkbox', { name: /^Guest 1[12] Aas/ }).check();
      if (hasScript) await page.getByText('1 ticked').waitFor();
      await page.getByRole('button', { name: 'Edit communication subscriptions' }).click();
      await page.getByRole('heading', { name: 'What should change for 1 contact?' }).waitFor();
      expect(await page.getByRole('checkbox', { name: 'Guest survey' }).isVisible()).toBe(false);
      await page.getByRole('checkbox', { name: 'Trail notes' }).check();
      await page.getByRole('radio', { name: /^Opt out/ }).check();
      await page.getByRole('button', { name: 'Preview the changes' }).click();
      await page.getByText('Nothing has changed yet. This is what will happen if you confirm.').waitFor();
      await page.getByRole('button', { name: 'Change 1 contact' }).click();
      await page.getByText('It is done.').waitFor();
      expect(await page.locator('.figures').textContent()).toMatch(/Changed\s*1/);
      const subscriber = await portal.subscriberOf({
        address: hasScript ? 'many11@example.com' : 'many12@example.com',
      });
      expect(ownStatus(subscriber, trailNotes.id)).toBe('UNSUBSCRIBED');
    });
  },
);

it('the progress bar moves by itself, and the page shows the result without a reload', async () => {
  await jobUnderWay('moving');
  const page = await idaOn(adminPaths.job('moving'));
  await page.evaluate('window.isTheSamePage = true');
  const bar = page.getByRole('progressbar');
  expect(await bar.getAttribute('value')).toBe('10');
  await moveOn('moving', { done: 640 });
  await page.getByText('640 of 1,000 contacts, 64 %').waitFor();
  expect(await bar.getAttribute('value')).toBe('64');
  await moveOn('moving', { done: 1000, state: 'DONE', endedAt: new Date() });
  await page.getByText('It is done.').waitFor();
  expect(await page.evaluate('window.isTheSamePage')).toBe(true);
  expect(await page.evaluate('document.activeElement.textContent')).toContain('It is done.');
});

it('without a script the page of a job reloads by itself', async () => {
  await jobUnderWay('looking');
  const page = await idaOn(adminPaths.job('looking'), { hasScript: false });
  await moveOn('looking', { done: 640 });
  await page.getByText('640 of 1,000 contacts, 64 %').waitFor();
  await moveOn('looking', { done: 1000, state: 'DONE', endedAt: new Date() });
  await page.getByText('It is done.').waitFor();
});

it('one check box ticks the whole page, and another all matching contacts', async () => {
  const page = await idaOn(adminPaths.contacts('f=locale%3Anb'));
  await page.getByRole('checkbox', { name: 'Tick all on this page' }).check();
  await page.getByText('50 ticked').waitFor();
  const matching = page.getByRole('checkbox', { name: /^All \d+ that match/ });
  const ticked = page.locator('[name=contact]:checked');
  await page.locator('[name=contact]').first().uncheck();
  await matching.check();
  expect(await ticked.count(), 'the rows of this page match too').toBe(50);
  await page.locator('[name=contact]').first().uncheck();
  expect(await matching.isChecked()).toBe(false);
  await page.getByText('49 ticked').waitFor();
  await matching.check();
  await page.getByRole('button', { name: 'Send preferences link' }).click();
  await page.getByRole('heading', { name: /^Send a preferences link to all 5\d contacts\?/ }).waitFor();
});

it('a filter condition is added and removed, and a contact ticked, by keyboard only', async () => {
  const page = await idaOn(adminPaths.contacts());
  await page.getByRole('link', { name: 'Add a filter' }).focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('Filter by').focus();
  await page.keyboard.type('Lang');
  await page.getByRole('button', { name: 'Continue' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('checkbox', { name: 'Norwegian Bokmål' }).focus();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Apply' }).focus();
  await page.keyboard.press('Enter');
  const chip = page.getByRole('link', { name: /Remove the condition Language/ });
  await chip.waitFor();
  await page.locator('[name=contact]').first().focus();
  await page.keyboard.press('Space');
  await page.getByText('1 ticked').waitFor();
  await chip.focus();
  await page.keyboard.press('Enter');
  await chip.waitFor({ state: 'detached' });
});

describe('the contacts index on a small phone without scripts', () => {
  it('sets a condition on a date, saves the view, and opens it from the menu of views', async () => {
    const page = await idaOn(adminPaths.contacts(), { hasScript: false });
    await page.setViewportSize({ width: 320, height: 640 });
    await page.getByRole('link', { name: 'Add a filter' }).click();
    await page.getByLabel('Filter by').selectOption({ label: 'Added' });
    await page.getByRole('button', { name: 'Continue' }).click();
    expect(await page.getByLabel('Number of days').isVisible()).toBe(false);
    await page.getByLabel('Comparison').selectOption({ label: 'is in the last' });
    expect(await page.getByLabel('Day', { exact: true }).isVisible()).toBe(false);
    await page.getByLabel('Number of days').fill('7');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByRole('link', { name: 'Change the condition Added is in the last 7 days' }).waitFor();
    await page.getByText('Save this view').click();
    await page.getByLabel('Name of the view').fill('This week');
    await page.getByRole('button', { name: 'Save view' }).click();
    await page.goto(portal.url + adminPaths.contacts());
    await page.getByText('View All contacts').click();
    await page.getByRole('link', { name: 'This week' }).click();
    await page.getByText('View This week').waitFor();
  });
});

describe('each page of bulk work passes axe in light and dark, and fits a small phone', () => {
  it.each([
    adminPaths.contacts(),
    // Ten rows show what fifty do, in a fifth of the time.
    adminPaths.contacts('q=many1&f=locale%3Anb'),
    adminPaths.contacts('q=nobody'),
    adminPaths.contacts('q=many1&edit=0.0'),
    adminPaths.contacts('q=many1&edit=0.0&on=created:'),
    adminPaths.contacts('q=many1&f=locale%3Anb&edit=0.0'),
    adminPaths.newBulkEdit('all=yes&selection=f%3Dlocale%253Anb'),
    adminPaths.newLinkMailing('all=yes'),
    adminPaths.jobs(),
    adminPaths.job('drawn'),
  ])('%s', async (path) => {
    if (!(await portal.deps.models.jobs.findById('drawn').lean())) await jobUnderWay('drawn');
    const page = await idaOn(path);
    expect(await axeOf(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 640 });
    await sleep(50);
    expect(await overflowOf(page)).toBe(0);
    expect(await axeInBothSchemes(page)).toEqual([]);
  });
});
