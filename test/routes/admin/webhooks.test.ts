/** The settings pages of webhooks: a new endpoint with its secret, deliveries, a test, redelivery, pause, replay, deletion, roles and units. */
import { expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { setTypeActive } from '../../../src/domain/catalogue/types.js';
import { deliverDue } from '../../../src/domain/webhooks/deliver.js';
import { drainFeed } from '../../../src/feed/run.js';
import type { WebhookEndpoint } from '../../../src/models/webhook-endpoint.js';
import { openTestPortal } from '../../support/app.js';
import { contactIn } from '../../support/contacts.js';
import { northwind, trailNotes } from '../../support/people.js';
import { answering, openReceiver, verified } from '../../support/receiver.js';
import { signedIn } from '../../support/staff.js';

const portal = await openTestPortal();
const admin = await signedIn(portal, 'admin');
// What the portal began with is not sent.
await drainFeed(portal.deps);
const receiver = await openReceiver();

const all = { reach: 'all' };

async function created(more: Record<string, string | string[]> = {}) {
  const form = await admin.open(adminPaths.newWebhook());
  const page = await admin.press(form, /Create endpoint/, {
    ...{ name: 'Mailer', url: receiver.url, ...all },
    ...more,
  });
  const endpoint = await portal.deps.models.webhookEndpoints
    .findOne()
    .sort({ createdAt: -1, _id: 1 })
    .lean<WebhookEndpoint>();
  return { page, id: endpoint?._id ?? '' };
}

async function work(id: string) {
  const { deps } = portal;
  await drainFeed(deps);
  const config = { ...deps.config, privateSources: ['127.0.0.1'] };
  await deliverDue({ ...deps, config }, id);
}

const secretIn = (html: string) =>
  /whsec_[\w+/=&#;]+/.exec(html)?.[0].replaceAll('&#x3D;', '=').replaceAll('&#x2F;', '/') ?? '';

it('a secret is shown once, and signs the deliveries that the page lists', async () => {
  const { page, id } = await created({ eventTypes: ['contact.created'] });
  const secret = secretIn(page.html);
  expect(secret).toMatch(/^whsec_/);
  expect((await admin.open(adminPaths.webhook(id))).html).not.toContain('whsec_');
  await contactIn(portal, { email: 'alice-of-webhooks@example.com' });
  await work(id);
  const [got] = receiver.got;
  expect(got && verified(secret, got)).toMatchObject({ type: 'contact.created' });
  const listed = await admin.open(adminPaths.webhook(id));
  expect(listed.text).toContain('Delivered');
  const [delivery] = await portal.deps.models.webhookDeliveries.find({ endpointId: id }).lean();
  const shown = await admin.open(adminPaths.webhookDelivery(id, { delivery: delivery?._id }));
  expect(shown.text).toContain(String(got?.headers['webhook-id']));
  await admin.press(shown, /Deliver again/);
  await work(id);
  expect(receiver.got.map(({ headers: of }) => of['webhook-id'])).toEqual(
    Array(2).fill(got?.headers['webhook-id']),
  );
});

it('a wrong URL is refused, and the form keeps what was typed', async () => {
  const form = await admin.open(adminPaths.newWebhook());
  const page = await admin.press(form, /Create endpoint/, {
    name: 'Plain',
    url: 'http://example.com/',
    ...all,
  });
  expect(page.status).toBe(422);
  expect(page.html).toContain('http://example.com/');
});

it('a pause keeps events, and they are sent once it ends', async () => {
  const { id } = await created({ eventTypes: ['contact.created'] });
  receiver.got.length = 0;
  await admin.press(await admin.open(adminPaths.webhook(id)), /^Pause$/);
  await contactIn(portal, { email: 'bob-of-webhooks@example.com' });
  await work(id);
  expect(receiver.got).toHaveLength(0);
  const resumed = await admin.press(await admin.open(adminPaths.webhook(id)), /^Resume$/);
  expect(resumed.text).toContain('Active');
  await work(id);
  expect(receiver.got).toHaveLength(1);
});

it('an archived subscription type that is chosen stays chosen when the endpoint is saved', async () => {
  const { id } = await created({ typeIds: [String(trailNotes.id)] });
  const typeIds = async () => (await portal.deps.models.webhookEndpoints.findById(id).lean())?.typeIds;
  await setTypeActive(portal.deps, trailNotes.id, false);
  try {
    await admin.press(await admin.open(adminPaths.webhook(id)), /^Save$/, { name: 'Mailer two' });
    // Without a type, the endpoint would get the events of all.
    expect(await typeIds()).toEqual([trailNotes.id]);
  } finally {
    await setTypeActive(portal.deps, trailNotes.id, true);
  }
});

it('a failing test shows its answer, and a replay sends past events again', async () => {
  const { id } = await created({ eventTypes: ['contact.created'] });
  await contactIn(portal, { email: 'charlie-of-webhooks@example.com' });
  await work(id);
  receiver.got.length = 0;
  receiver.answer(answering(500));
  await admin.press(await admin.open(adminPaths.webhook(id)), /Send a test/);
  await work(id);
  const [test] = await portal.deps.models.webhookDeliveries.find({ endpointId: id, type: 'webhook.test' });
  const page = await admin.open(adminPaths.webhookDelivery(id, { delivery: test?._id }));
  expect(page.text).toContain('status 500');
  receiver.answer((_got, response) => void response.end());
  await admin.press(await admin.open(adminPaths.webhook(id)), /Replay events/, {
    day: '2020-01-01',
    time: '00:00',
  });
  receiver.got.length = 0;
  await work(id);
  expect(receiver.got.map(({ event }) => event.type)).toContain('contact.created');
  const late = await admin.press(await admin.open(adminPaths.webhook(id)), /Replay events/, {
    day: '2999-01-01',
  });
  expect(late.status).toBe(422);
});

it('a new secret is shown once, each act is in the audit log, and a deleted endpoint is gone', async () => {
  const { page, id } = await created();
  const fresh = await admin.press(await admin.open(adminPaths.webhook(id)), /Make a new secret/);
  expect(secretIn(fresh.html)).toMatch(/^whsec_/);
  expect(secretIn(fresh.html)).not.toBe(secretIn(page.html));
  const asked = await admin.press(await admin.open(adminPaths.webhook(id)), /Delete endpoint/);
  await admin.press(asked, /Delete endpoint/);
  expect((await admin.open(adminPaths.webhook(id))).status).toBe(404);
  const entries = await portal.deps.models.auditEntries.find({ about: `webhook:${id}` }).lean();
  expect(entries.map(({ detail }) => String(detail).replace(/.*” /, ''))).toEqual([
    ...['created', 'has a new secret', 'deleted'],
  ]);
});

it('an auditor reads and changes nothing, and a limited administrator gives an endpoint only own units', async () => {
  const { id } = await created();
  const auditor = await signedIn(portal, 'auditor');
  const page = await auditor.open(adminPaths.webhook(id));
  expect(page.status).toBe(200);
  expect(page.html).not.toContain(adminPaths.webhookTests(id));
  const limited = await signedIn(portal, 'admin', [northwind.id]);
  expect((await limited.open(adminPaths.webhook(id))).status).toBe(404);
  const form = await limited.open(adminPaths.newWebhook());
  expect(form.html).not.toContain('name="reach"');
  await limited.press(form, /Create endpoint/, {
    ...{ name: 'Own', url: receiver.url, unit: String(northwind.id), typeIds: String(trailNotes.id) },
  });
  expect(await portal.deps.models.webhookEndpoints.findOne({ name: 'Own' }).lean()).toMatchObject({
    ...{ unitIds: [northwind.id], typeIds: [trailNotes.id] },
  });
});
