/** The pages of marketing contacts: settings, usage, the dialog of the index, and the wizard from the start to the job. No script is needed. */
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { createList } from '../../../src/domain/lists/lists.js';
import { addToList } from '../../../src/domain/lists/members.js';
import { readMarketingSettings } from '../../../src/models/setting.js';
import { openTestPortal } from '../../support/app.js';
import { contactIn } from '../../support/contacts.js';
import { northwind } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';

const portal = await openTestPortal();
const [admin, marketer] = await Promise.all([signedIn(portal, 'admin'), signedIn(portal, 'marketer')]);

const lastJob = () => portal.deps.models.jobs.findOne().sort({ at: -1 }).lean();

describe('settings', () => {
  it('are saved by admins of the whole account, and decide about new contacts', async () => {
    const page = await admin.open(adminPaths.marketingSettings());
    const saved = await admin.press(page, /^Save$/, { day: '31', limit: '2,000', sources: ['STAFF', 'API'] });
    expect(saved.status).toBe(200);
    expect(await readMarketingSettings(portal.deps.models.settings)).toMatchObject({
      ...{ day: 31, limit: 2000, nonMarketingSources: ['IMPORT'] },
    });
    expect((await portal.deps.rereadCatalogue()).nonMarketingSources).toEqual(['IMPORT']);
    const wrong = await admin.press(saved, /^Save$/, { limit: 'many' });
    expect(wrong.status).toBe(422);
    expect((await admin.press(page, /^Save$/, { day: '2' })).status).toBe(422);
    expect((await marketer.open(adminPaths.marketingSettings())).status).toBe(403);
  });
});

describe('the dialog of the index', () => {
  it('says when the change takes effect, and queues a job', async () => {
    const { _id } = await contactIn(portal, { email: 'dialog@example.com' });
    const page = await marketer.open(adminPaths.newMarketingEdit({ contact: _id }));
    expect(page.text).toMatch(/until the next update, on \d+ \w+ \d{4}/);
    expect((await marketer.press(page, /^Update 1 contact$/)).status).toBe(422);
    await marketer.press(page, /^Update 1 contact$/, { status: 'NON_MARKETING' });
    expect(await lastJob()).toMatchObject({
      kind: 'SET_MARKETING',
      input: { isMarketing: false, selection: { kind: 'IDS', ids: [_id] } },
    });
  });
});

describe('the wizard', () => {
  it('goes from the start to a job that finds the chosen contacts', async () => {
    const { _id } = await contactIn(portal, { email: 'on-a-list@example.com' });
    const made = await createList(portal.deps, {
      ...{ name: 'Stayed once', kind: 'STATIC', unitIds: null, by: 'user:1', scope: null },
    });
    if (!('list' in made)) expect.fail('no list');
    await addToList(portal.deps, { list: made.list, contactIds: [_id], scope: null });
    const start = await marketer.open(adminPaths.manageMarketing());
    expect(start.html).toContain(adminPaths.marketingUnengaged());
    const unengaged = await marketer.open(adminPaths.marketingUnengaged());
    // Every group is chosen at first.
    expect(unengaged.html.match(/name="out" value="\w+" checked/g)).toHaveLength(3);
    const lists = await marketer.open(adminPaths.marketingLists('out=BOUNCED'));
    expect(lists.html).toContain(`value="list:${made.list._id}"`);
    const review = await marketer.open(adminPaths.marketingReview(`out=BOUNCED&from=list:${made.list._id}`));
    expect(review.text).toContain('Stayed once');
    await marketer.press(review, /^Update \d+ contacts?$/);
    const job = await lastJob();
    expect(job).toMatchObject({
      kind: 'SET_MARKETING',
      input: { isMarketing: false, selection: { kind: 'FILTER' } },
    });
    expect(JSON.stringify(job?.input)).toContain(made.list._id);
  });

  it('chooses contacts by a filter as well, whose conditions are edited on the page', async () => {
    const first = await marketer.open(adminPaths.marketingLists('out=BOUNCED&by=filter&on=language:'));
    expect((await marketer.press(first, /^Apply$/, { value: [] })).status).toBe(422);
    const chosen = await marketer.press(first, /^Apply$/, { value: ['sv'] });
    const review = await marketer.press(chosen, /^Next$/);
    expect(review.status).toBe(200);
    await contactIn(portal, { email: 'by-filter@example.com', locale: 'sv' });
    const now = await marketer.open(review.path);
    await marketer.press(now, /^Update \d+ contacts?$/);
    const input = JSON.stringify((await lastJob())?.input);
    expect(input).toContain('"values":["sv"]');
    expect(input).toContain('HARD_BOUNCE');
    // A filter that cannot be read chooses nobody.
    expect((await marketer.open(adminPaths.marketingReview('filter=%7B'))).status).toBe(400);
  });

  it('with everything skipped, nothing is updated', async () => {
    const review = await marketer.open(adminPaths.marketingReview());
    expect(review.forms.some(({ buttons }) => buttons.some(({ label }) => /^Update/.test(label)))).toBe(
      false,
    );
    const before = await portal.deps.models.jobs.countDocuments();
    await marketer.post(adminPaths.marketingUpdates(), { _csrf: '' });
    expect(await portal.deps.models.jobs.countDocuments()).toBe(before);
  });

  it('exists only for users of the whole account', async () => {
    const limited = await signedIn(portal, 'admin', [northwind.id]);
    for (const path of [adminPaths.marketing(), adminPaths.manageMarketing(), adminPaths.marketingReview()])
      expect((await limited.open(path)).status).toBe(404);
    expect((await limited.open(adminPaths.contacts())).html).not.toContain(
      `href="${adminPaths.marketing()}"`,
    );
  });
});
