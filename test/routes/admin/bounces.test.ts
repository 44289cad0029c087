/** The staff pages about bounces: endpoints and their settings, and what the record and the index say of an address that cannot receive. */
import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { openTestPortal } from '../../support/app.js';
import { contactIn } from '../../support/contacts.js';
import { endpointOf, post, stateOf } from '../../support/hooks.js';
import { fjell, northwind } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';

const portal = await openTestPortal();
const postmark = await endpointOf(portal, 'postmark');

let made = 0;
const bounceOf = (address: string, TypeCode: number, Details = 'smtp;550 5.1.1 no such user') =>
  JSON.stringify({
    ...{ RecordType: 'Bounce', ID: (made += 1), TypeCode, Email: address, Details },
    BouncedAt: portal.deps.clock().toISOString(),
  });

it('the record names the reason, the server’s words and the reporter, apart from opt-outs', async () => {
  const address = 'on-the-record@example.com';
  await postmark.call(bounceOf(address, 1));
  const { subscriberId } = await portal.linksOf({ address });
  const staff = await signedIn(portal, 'support');
  const { text } = await staff.open(adminPaths.contact(subscriberId));
  expect(text).toContain('This address cannot receive.');
  expect(text).toContain('550 5.1.1 no such user');
  const { text: history } = await staff.open(adminPaths.contactHistory(subscriberId));
  expect(history).toContain('Mail provider, Postmark');
});

it('the index marks the contact once the address bounced', async () => {
  const address = 'in-the-index@example.com';
  const { _id } = await contactIn(portal, { firstName: 'Indexed', email: address, unitIds: [northwind.id] });
  await postmark.call(bounceOf(address, 1));
  const staff = await signedIn(portal, 'support');
  const facets = async () => (await portal.deps.models.contacts.findById(_id).lean())?.facets ?? [];
  await expect.poll(facets).toContain('EMAIL:undeliverable:HARD_BOUNCE');
  expect((await staff.open(adminPaths.contacts({ q: address }))).text).toContain('Indexed');
});

it('an admin creates an endpoint, gives it a key, tests its URL, and deletes it', async () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  const admin = await signedIn(portal, 'admin');
  const form = await admin.open(adminPaths.bounces());
  const created = await admin.press(form, /Create endpoint/, { provider: 'sendgrid' });
  expect(created.text).toContain('Key is missing');
  const url = /http:\/\/[^\s"<]+\/hooks\/sendgrid\/[\w-]+\/[\w-]+/.exec(created.html)?.[0] ?? '';
  expect((await admin.press(created, /^Save/, { key: 'not a key' })).status).toBe(422);
  expect((await admin.press(created, /^Save/, { key: '' })).status).toBe(422);
  const saved = await admin.press(created, /^Save/, { key });
  expect(saved.text).not.toContain('Key is missing');
  expect(saved.html).not.toContain(key);
  const stored = JSON.stringify(await portal.deps.models.reportEndpoints.find().lean());
  expect(stored).not.toContain(key);
  expect(stored).not.toContain(url.split('/').at(-1));
  const tested = await admin.press(saved, /Send a test/);
  expect(tested.text).toContain('The URL works.');
  const asked = await admin.press(tested, /Delete endpoint/);
  await admin.press(asked, /Delete endpoint/);
  expect((await post(portal, new URL(url).pathname, '[]')).status).toBe(401);
  const audited = await portal.deps.models.auditEntries.find({ about: /^endpoint:/ }).lean();
  expect(audited.map(({ detail }) => detail)).toEqual(expect.arrayContaining(['endpoint deleted']));
});

it('topics of Amazon SNS are checked line by line', async () => {
  const admin = await signedIn(portal, 'admin');
  const { id } = await endpointOf(portal, 'ses');
  const page = await admin.open(adminPaths.bounceEndpoint(id));
  for (const topics of ['', 'bounces', 'arn:aws:sns:eu-west-1:1:x', 'https://sns.eu-west-1.amazonaws.com/'])
    expect((await admin.press(page, /^Save/, { topics })).status, topics).toBe(422);
  await admin.press(page, /^Save/, { topics: ' arn:aws:sns:eu-west-1:123456789012:bounces \n' });
  const stored = await portal.deps.models.reportEndpoints.findById(id).lean();
  expect(stored?.topics).toEqual(['arn:aws:sns:eu-west-1:123456789012:bounces']);
});

it('the account decides how many soft bounces count as a hard one', async () => {
  const admin = await signedIn(portal, 'admin');
  const page = await admin.open(adminPaths.bounces());
  expect((await admin.press(page, /^Save/, { bounces: '0' })).status).toBe(422);
  expect((await admin.press(page, /^Save/, { days: '91' })).status).toBe(422);
  await admin.press(page, /^Save/, { bounces: '2' });
  await postmark.call(bounceOf('soft@example.com', 4096, 'full'));
  expect((await stateOf(portal, 'soft@example.com')).cannot).toBeNull();
  await postmark.call(bounceOf('soft@example.com', 4096, 'full'));
  expect((await stateOf(portal, 'soft@example.com')).cannot).toBe('HARD_BOUNCE');
  expect((await admin.press(page, /^Save/, { bounces: '9' })).status, 'a form that is out of date').toBe(422);
});

it('users see endpoints of their units alone, and auditors see no URL', async () => {
  const auditor = await signedIn(portal, 'auditor');
  const secret = postmark.path.split('/').at(-1) ?? '';
  const seen = await auditor.open(adminPaths.bounceEndpoint(postmark.id));
  expect(seen.status).toBe(200);
  expect(seen.html).not.toContain(secret);
  const limited = await signedIn(portal, 'admin', [fjell.id]);
  expect((await limited.open(adminPaths.bounceEndpoint(postmark.id))).status).toBe(404);
  const list = await limited.open(adminPaths.bounces());
  expect(list.html).not.toContain(postmark.id);
  const foreign = { provider: 'postmark', unit: String(northwind.id) };
  expect((await limited.press(list, /Create endpoint/, foreign)).status).toBe(422);
});
