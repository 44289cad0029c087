/** Every entry point reads an address as people write it: /find, staff forms, sign-in, commands, mail-merge and settings. */
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../src/admin-paths.js';
import { maySend } from '../../src/domain/marketing/may-send.js';
import { mergeLinks } from '../../src/domain/links/mail-merge.js';
import { mintLink } from '../../src/domain/links/mint-links.js';
import { createUser } from '../../src/domain/staff/users.js';
import { findContactById } from '../../src/models/contact.js';
import { openTestPortal } from '../support/app.js';
import { contactIn } from '../support/contacts.js';
import { bytesOf } from '../support/csv-files.js';
import { charlie, northwind, trailNotes } from '../support/people.js';
import { passwordOfTheStaff, signedIn } from '../support/staff.js';
import { visitorOf } from '../support/visitor.js';

const portal = await openTestPortal({
  alter: ({ settings }) =>
    settings.updateOne({ _id: 'account' }, { $set: { value: { defaultCountry: 'NO' } } }, { upsert: true }),
});
const admin = await signedIn(portal, 'admin');

const shown = 'anna@bücher.example';
const stored = 'anna@xn--bcher-kva.example';
const asWritten = [
  shown,
  `Anna <${shown}>`,
  `mailto:${shown}`,
  `${shown}.`,
  `\u00a0an\u200bna@bücher.example,`,
];

it.each(asWritten)('/find mails a link for %j', async (written) => {
  const subscriberId = portal.deps.subscriberIds('EMAIL', stored);
  await portal.deps.models.mails.deleteMany({ subscriberId });
  const answer = await visitorOf(portal).ask('POST', '/find', new URLSearchParams({ address: written }));
  expect(answer.status).toBe(303);
  expect(await portal.deps.models.mails.countDocuments({ subscriberId })).toBe(1);
});

it('a page shows a domain in its own letters', async () => {
  const { preferences } = await portal.linksOf({ address: stored });
  const page = await visitorOf(portal).open(preferences);
  expect(page.html).toContain('<bdi>a••••@bücher.example</bdi>');
});

it.each([...asWritten, stored])('the staff search leads to the record for %j', async (written) => {
  const subscriberId = portal.deps.subscriberIds('EMAIL', stored);
  await mintLink(portal.deps, { address: stored, unitId: northwind.id });
  await admin.open(adminPaths.contacts());
  const found = await admin.post(adminPaths.contactSearches(), { q: written });
  expect(found.path).toBe(adminPaths.contact(subscriberId));
  expect(found.text).toContain(shown);
});

it.each(['+47 900 00 882', '0047 900 00 882', '900 00 882'])(
  'the staff search leads to the record for the number %j',
  async (written) => {
    await contactIn(portal, { firstName: 'Berit', phone: '+4790000882' });
    await admin.open(adminPaths.contacts());
    const found = await admin.post(adminPaths.contactSearches(), { q: written });
    expect(found.text).toContain('Berit');
  },
);

describe('the form of a contact', () => {
  it('accepts a name next to the address and a national number, and shows the address in its own letters', async () => {
    const made = await admin.press(await admin.open(adminPaths.newContact()), /Add the contact/, {
      firstName: 'Anna',
      email: `Anna <${shown}>`,
      phone: '900 00 771',
    });
    expect(made.text).toContain(shown);
    const contact = await portal.deps.models.contacts.findOne({ email: stored }).lean();
    expect(contact).toMatchObject({ email: stored, phone: '+4790000771' });
    const edit = await admin.open(adminPaths.contactEdit(contact?._id ?? ''));
    expect(edit.html).toContain(`value="${shown}"`);
    const saved = await admin.press(edit, /^Save$/, { firstName: 'Anne' });
    expect(saved.text).toContain('Anne');
    const after = await portal.deps.models.contacts.findOne({ email: stored }).lean();
    expect(after).toMatchObject({ firstName: 'Anne', subscribers: contact?.subscribers });
  });

  it('confirms an erasure by any spelling of the address, and nothing else', async () => {
    const { _id } = await contactIn(portal, { firstName: 'Geir', email: 'geir@bücher.example' });
    const page = await admin.open(adminPaths.contactErasure(_id));
    expect((await admin.press(page, /^Erase/, { confirmation: 'nobody' })).status).toBe(422);
    await admin.press(page, /^Erase/, { confirmation: 'Geir <geir@BÜCHER.example>' });
    expect(await findContactById(portal.deps.models.contacts, _id)).toBeNull();
  });
});

it('staff sign in with their address as they write it', async () => {
  await createUser(portal.deps, {
    ...{ email: 'Ola Berg <ola@bücher.example>', name: 'Ola', role: 'support', scope: null },
    password: passwordOfTheStaff,
  });
  for (const email of ['ola@bücher.example', ' Ola@xn--bcher-kva.example ', '<ola@bücher.example>']) {
    const answer = await fetch(portal.url + adminPaths.signIn(), {
      ...{ method: 'POST', redirect: 'manual', headers: { 'sec-fetch-site': 'same-origin' } },
      body: new URLSearchParams({ email, password: passwordOfTheStaff }),
    });
    expect(answer.headers.get('location')).toBe(adminPaths.dashboard());
  }
});

it.each(asWritten)('commands accept %j', async (written) => {
  const subscriberId = portal.deps.subscriberIds('EMAIL', stored);
  const recipient = { address: written, unitId: northwind.id };
  expect((await mintLink(portal.deps, recipient)).address).toBe(stored);
  expect(await portal.deps.models.subscribers.countDocuments({ _id: subscriberId })).toBe(1);
  const question = { address: `Charlie <${charlie.address}>.`, typeId: trailNotes.id, purpose: 'MARKETING' };
  expect(await maySend(portal.deps, { ...question, purpose: 'MARKETING' })).toMatchObject({
    isEligible: false,
  });
});

it('mail-merge gives every spelling of an address the same link', async () => {
  const file = `email\n${asWritten.map((one) => `"${one}"`).join('\n')}\n`;
  let text = '';
  const input = { bytes: bytesOf(file), column: 'email', target: { unitId: northwind.id } };
  let counted = { rows: 0, refused: 0 };
  for await (const part of mergeLinks(portal.deps, { ...input, onRow: (count) => (counted = count) }))
    text += part;
  expect(counted).toMatchObject({ rows: asWritten.length, refused: 0 });
  const subjects = [...text.matchAll(/\/p\/[\w-]+\.([\w-]+)\./g)].map(
    ([, claims]): unknown => JSON.parse(Buffer.from(claims ?? '', 'base64url').toString()).sub,
  );
  expect(new Set(subjects)).toEqual(new Set([portal.deps.subscriberIds('EMAIL', stored)]));
});

describe('the settings of a sender and a country', () => {
  it('accept a sender of a domain in its own letters, store it in ASCII and show it as written', async () => {
    const page = await admin.open(adminPaths.unit(northwind.id));
    const saved = await admin.press(page, /^Save$/, { senderAddress: 'Letters <letters@bücher.example>' });
    expect(saved.text).toContain('Saved.');
    const unit = (await portal.deps.rereadCatalogue()).units.get(northwind.id);
    expect(unit?.senderAddress).toBe('letters@xn--bcher-kva.example');
    expect((await admin.open(adminPaths.units())).text).toContain('letters@bücher.example');
  });

  it('name the country of the account, or none', async () => {
    const page = await admin.open(adminPaths.accountSettings());
    expect(page.html).toContain('<option value="NO" selected>Norway</option>');
    await admin.press(page, /^Save$/, { defaultCountry: '' });
    expect((await portal.deps.rereadCatalogue()).defaultCountry).toBeNull();
    const again = await admin.open(adminPaths.accountSettings());
    expect((await admin.press(again, /^Save$/, { defaultCountry: 'XX' })).status).toBe(422);
    await admin.press(again, /^Save$/, { defaultCountry: 'PL' });
    expect((await portal.deps.rereadCatalogue()).defaultCountry).toBe('PL');
    const entry = await portal.deps.models.auditEntries
      .findOne({ kind: 'SETTINGS_CHANGED' })
      .sort({ _id: -1 });
    expect(entry?.detail).toContain('PL');
  });
});
