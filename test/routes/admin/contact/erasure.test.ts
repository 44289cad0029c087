/** Erasing on the record: what is deleted and kept, the receipt, addresses without a contact, and the file of all data. */
import { expect, it } from 'vitest';
import { adminPaths } from '../../../../src/admin-paths.js';
import { openTestPortal } from '../../../support/app.js';
import { northwind } from '../../../support/people.js';
import { signedIn } from '../../../support/staff.js';

const portal = await openTestPortal();
const support = await signedIn(portal, 'support');

const idOf = (address: string) => portal.deps.subscriberIds('EMAIL', address);

it('a person is erased after a page says what is deleted and kept, and the receipt has no personal data', async () => {
  const id = idOf('dana@example.com');
  const page = await support.open(adminPaths.contactErasure(id));
  expect(page.status).toBe(200);
  const done = await support.press(page, /Erase/, { confirmation: 'dana@example.com' });
  expect(done.path).toContain(adminPaths.erasures());
  const href = /href="([^"]*receipt\.txt[^"]*)"/.exec(done.html)?.[1]?.replaceAll('&#x3D;', '=') ?? '';
  const receipt = await support.open(href);
  expect(receipt.headers.get('content-disposition')).toContain('attachment');
  expect(receipt.html).toContain(id);
  expect(receipt.html).not.toMatch(/@|Dana/);
  expect(await portal.deps.models.contacts.countDocuments({ email: 'dana@example.com' })).toBe(0);
  expect(await portal.deps.models.auditEntries.countDocuments({ kind: 'PERSON_ERASED' })).toBe(1);
});

it('an address without a contact is erased too', async () => {
  const { models, clock } = portal.deps;
  const id = idOf('stranger@example.com');
  const { newSubscriber } = await import('../../../../src/models/subscriber.js');
  await models.subscribers.create(newSubscriber(id, 'EMAIL', 'stranger@example.com', clock()));
  const page = await support.open(adminPaths.contactErasure(id));
  await support.press(page, /Erase/, { confirmation: 'stranger@example.com' });
  expect(await models.subscribers.findById(id).lean()).toMatchObject({ address: null });
});

it('the file of all data is audited, and only for users who reach all units', async () => {
  const { models } = portal.deps;
  const id = idOf('charlie@example.com');
  const { html } = await support.post(adminPaths.contactData(id), {});
  expect(JSON.parse(html)).toMatchObject({ contact: { email: 'charlie@example.com' } });
  expect(await models.auditEntries.countDocuments({ kind: 'EXPORTED' })).toBe(1);
  const limited = await signedIn(portal, 'support', [northwind.id]);
  expect((await limited.post(adminPaths.contactData(id), {})).status).toBe(404);
});
