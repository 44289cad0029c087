/** The settings of the account: data privacy mode, time zone, filters. */
import { expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { countByPrivacyMode } from '../../../src/domain/marketing/addresses-concerned.js';
import { newSubscriber } from '../../../src/models/subscriber.js';
import { openTestPortal } from '../../support/app.js';
import { signedIn } from '../../support/staff.js';

const portal = await openTestPortal();
const admin = await signedIn(portal, 'admin');

it('the account’s settings turn privacy mode off and name filters; the second of two forms learns of the first', async () => {
  const first = await admin.open(adminPaths.accountSettings());
  const second = await admin.open(adminPaths.accountSettings());
  const asked = await admin.press(first, /^Save$/, {
    isPrivacyMode: null,
    filterProperties: 'City, company\r\ncity',
  });
  expect((await portal.deps.rereadCatalogue()).isPrivacyMode).toBe(true);
  const saved = await admin.press(asked, /Turn it off/);
  expect(saved.text).toContain('Saved.');
  expect((await portal.deps.rereadCatalogue()).isPrivacyMode).toBe(false);
  expect((await portal.deps.models.settings.findById('account').lean())?.value).toMatchObject({
    filterProperties: ['city', 'company'],
  });
  const refused = await admin.press(second, /^Save$/, { filterProperties: 'town' });
  expect(refused.status).toBe(422);
  expect(refused.text).toContain('Properties that are filters is now “city, company”.');
  expect((await portal.deps.rereadCatalogue()).isPrivacyMode).toBe(false);
});

it('the account’s settings set the time zone for dates and day filters on staff pages', async () => {
  const { models, rereadCatalogue } = portal.deps;
  const entry = { kind: 'SIGNED_OUT', at: new Date('2026-03-01T23:30:00Z') } as const;
  await models.auditEntries.create({ ...entry, _id: 'before-midnight-in-utc' });
  const shown = async (day: string) =>
    (await admin.open(adminPaths.audit({ kind: entry.kind, day }))).html.includes(entry.at.toISOString());
  expect([await shown('2026-03-01'), await shown('2026-03-02')]).toEqual([true, false]);
  const page = await admin.open(adminPaths.accountSettings());
  await admin.press(page, /^Save$/, { timeZone: 'Europe/Oslo' });
  await rereadCatalogue();
  expect([await shown('2026-03-01'), await shown('2026-03-02')]).toEqual([false, true]);
  const { text } = await admin.open(adminPaths.audit({ kind: entry.kind, day: '2026-03-02' }));
  expect(text).toContain('2 Mar 2026, 00:30 CET');
  const refused = await admin.press(await admin.open(adminPaths.accountSettings()), /^Save$/, {
    timeZone: 'Europe/Atlantis',
  });
  expect(refused.status).toBe(422);
});

it('a change of privacy mode asks first with the number of addresses; a change in the meantime voids the answer', async () => {
  const { models, rereadCatalogue, clock } = portal.deps;
  await models.settings.updateOne({ _id: 'account' }, { $set: { 'value.isPrivacyMode': false } });
  const ids = ['nobody-asked', 'nobody-asked-either'];
  for (const id of ids)
    await models.subscribers.create(newSubscriber(id, 'EMAIL', `${id}@example.com`, clock()));
  const { others = 0 } = (await countByPrivacyMode(portal.deps, await rereadCatalogue())) ?? {};
  expect(others).toBeGreaterThanOrEqual(2);
  const page = await admin.open(adminPaths.accountSettings());
  const asked = await admin.press(page, /^Save$/, { isPrivacyMode: 'yes', filterProperties: 'city' });
  expect([asked.status, asked.text]).toEqual([200, expect.stringContaining(`${others} address`)]);
  expect((await rereadCatalogue()).isPrivacyMode).toBe(false);
  await admin.press(page, /^Save$/, { timeZone: 'UTC' });
  expect((await admin.press(asked, /Turn it on/)).status).toBe(422);
  expect((await rereadCatalogue()).isPrivacyMode).toBe(false);
  const again = await admin.open(adminPaths.accountSettings());
  const now = await admin.press(again, /^Save$/, { isPrivacyMode: 'yes', filterProperties: 'city' });
  expect((await admin.press(now, /Turn it on/)).status).toBe(200);
  expect((await rereadCatalogue()).isPrivacyMode).toBe(true);
  expect((await models.settings.findById('account').lean())?.value).toMatchObject({
    filterProperties: ['city'],
  });
});

it('the account’s settings refuse a filter on an unknown property', async () => {
  const page = await admin.open(adminPaths.accountSettings());
  const refused = await admin.press(page, /^Save$/, { filterProperties: '$where' });
  expect(refused.status).toBe(422);
  expect(refused.html).toContain('$where');
});
