/** Client of Sayso's API: openapi-fetch with the types of the API, and the check of a webhook. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import createClient from 'openapi-fetch';

export function createSayso({ baseUrl, key, ...options }) {
  const headers = { ...options.headers, Authorization: `Bearer ${key}` };
  return createClient({ ...options, baseUrl, headers });
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export function verifyWebhook(secrets, body, headers, now = new Date()) {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signatures = headers['webhook-signature'];
  if (!id || !timestamp || !signatures) throw new Error('The webhook has no signature.');
  const age = now.getTime() / 1000 - Number(timestamp);
  if (!(Math.abs(age) <= 300)) throw new Error('The webhook is older than five minutes, or from the future.');
  const isSigned = [secrets].flat().some((secret) => {
    const bytes = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    const expected = createHmac('sha256', bytes).update(`${id}.${timestamp}.${body}`).digest();
    return String(signatures)
      .split(' ')
      .filter((signature) => signature.startsWith('v1,'))
      .map((signature) => Buffer.from(signature.slice(3), 'base64'))
      .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
  });
  if (!isSigned) throw new Error('The signature of the webhook is wrong.');
  return JSON.parse(body);
}
