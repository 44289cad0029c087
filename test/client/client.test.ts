/** The package of the client: its types are those of the API, its calls arrive, and it recognises webhooks of the portal only. */
import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { createSayso, verifyWebhook } from '../../packages/client/index.js';
import { keyIn } from '../support/api.js';
import { openTestPortal } from '../support/app.js';
import { clientDocument, clientTypesFile, headOf } from '../support/client-types.js';
import { trailNotes } from '../support/people.js';

const portal = await openTestPortal();
const key = await keyIn(portal, ['eligibility']);

it('the types are generated from the current document (npm run client-types)', () => {
  const [head] = readFileSync(clientTypesFile, 'utf8').split('\n');
  expect(head).toBe(headOf(clientDocument()));
});

it('a typed call gets its answer, and a refused one its error', async () => {
  const sayso = createSayso({ baseUrl: portal.url, key });
  const body = { address: 'nobody@example.com', typeId: trailNotes.id };
  const { data } = await sayso.POST('/api/v1/eligibility', { body });
  expect(data?.isEligible).toBe(false);
  const { error, response } = await sayso.GET('/api/v1/contacts');
  expect(response.status).toBe(403);
  expect(error?.category).toBe('MISSING_SCOPES');
});

it('webhooks are checked as standardwebhooks signs them', () => {
  const secrets = ['whsec_bmV3IHNlY3JldCBmb3IgdGVzdHM=', 'whsec_b2xkIHNlY3JldCBmb3IgdGVzdHM='];
  const [secret = '', old = ''] = secrets;
  const at = new Date();
  const body = JSON.stringify({ id: 'one', type: 'consent.opted_out' });
  const signed = (by: string) => ({
    'webhook-id': 'one',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(by).sign('one', at, body),
  });
  expect(verifyWebhook(secret, body, signed(secret), at)).toEqual(JSON.parse(body));
  expect(verifyWebhook(secrets, body, signed(old), at)).toEqual(JSON.parse(body));
  const two = `${signed(old)['webhook-signature']} ${signed(secret)['webhook-signature']}`;
  expect(verifyWebhook(secret, body, { ...signed(old), 'webhook-signature': two }, at)).toBeTruthy();
  expect(() => verifyWebhook(secret, body, signed(old), at)).toThrow('wrong');
  expect(() => verifyWebhook(secret, `${body} `, signed(secret), at)).toThrow('wrong');
  expect(() => verifyWebhook(secret, body, {}, at)).toThrow('no signature');
  const late = new Date(at.getTime() + 301_000);
  expect(() => verifyWebhook(secret, body, signed(secret), late)).toThrow('five minutes');
  const undated = { ...signed(secret), 'webhook-timestamp': 'soon' };
  expect(() => verifyWebhook(secret, body, undated, at)).toThrow('five minutes');
});
