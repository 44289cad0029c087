/** Evidence of a consent that is later than the contact's own opt-out: what each API does with it, and where it is shown. */
import { expect, it } from 'vitest';
import { changeConsent } from '../../../src/domain/consent/change.js';
import { callApi, keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';
import { newcomer } from '../../support/newcomer.js';
import { offers, trailNotes } from '../../support/people.js';

const portal = await openTestPortal();
const key = await keyIn(portal, ['statuses.read', 'statuses.write']);
const call = (method: string, path: string, body?: object) => callApi(portal, key, method, path, body);

/** Somebody who opted out of two types an hour ago. @returns the time of the opt-out */
async function optedOut(address: string): Promise<number> {
  const { subscriberId } = await newcomer(portal, address, [trailNotes]);
  const of = { subscriberId, channel: 'EMAIL', actor: { kind: 'ONE_CLICK', ref: 'a test' } } as const;
  const wishes = [trailNotes, offers].map(({ id }) => ({ kind: 'OPT_OUT' as const, typeId: id }));
  await changeConsent(portal.deps, { ...of, wishes });
  const at = portal.deps.clock().getTime();
  portal.advance(3_600_000);
  return at;
}

const minute = 60_000;
const isoTime = (time: number) => new Date(time).toISOString();

it('Sayso’s own API opts in on a later consent, and the history shows it', async () => {
  const address = 'later@example.com';
  const at = await optedOut(address);
  const reasons = { legalBasis: 'CONSENT_WITH_NOTICE', explanation: 'A form on paper.' };
  const person = `/api/v1/subscribers/${encodeURIComponent(address)}`;
  const optIn = (consentedAt?: number) =>
    call('PUT', `${person}/subscriptions/${trailNotes.id}`, {
      ...{ status: 'SUBSCRIBED', ...reasons },
      ...(consentedAt === undefined ? {} : { consentedAt: isoTime(consentedAt) }),
    });
  expect((await optIn()).status).toBe(409);
  expect((await optIn(at - minute)).status).toBe(409);
  expect((await optIn(at + 120 * minute)).status, 'in the future').toBe(400);
  expect((await optIn(at + 10 * minute)).answer).toMatchObject({ outcome: 'CHANGED' });
  const { answer } = await call('GET', `${person}/history`);
  expect(answer.results[0]).toMatchObject({
    data: { to: 'SUBSCRIBED', legalBasis: reasons.legalBasis },
    evidence: {
      ...{ explanation: reasons.explanation, consentedAt: isoTime(at + 10 * minute) },
      ...{ language: null, startedBy: null },
    },
  });
  expect(answer.results[1]).toMatchObject({ evidence: { consentedAt: null } });
  expect(answer.results.at(-1)).toMatchObject({ evidence: { language: 'en' } });
});

it('v4 and resubscribe take it too, and v3 ignores it', async () => {
  const emailAddress = 'later-hubspot@example.com';
  const at = await optedOut(emailAddress);
  const reasons = { legalBasis: 'CONSENT_WITH_NOTICE', legalBasisExplanation: 'A form on paper.' };
  const consentedAt = isoTime(at + 10 * minute);
  const v3 = { emailAddress, ...reasons, consentedAt };
  const preferences = '/communication-preferences';
  const subscribed = await call('POST', `${preferences}/v3/subscribe`, {
    ...v3,
    subscriptionId: trailNotes.id,
  });
  expect(subscribed.status).toBe(400);
  const again = await call('POST', `${preferences}/2026-09/resubscribe`, {
    ...v3,
    subscriptionId: trailNotes.id,
  });
  expect(again).toMatchObject({ status: 200, answer: { status: 'SUBSCRIBED' } });
  const v4 = { channel: 'EMAIL', subscriptionId: offers.id, statusState: 'SUBSCRIBED', ...reasons };
  const path = `${preferences}/v4/statuses/${encodeURIComponent(emailAddress)}`;
  expect((await call('POST', path, v4)).status).toBe(400);
  expect((await call('POST', path, { ...v4, consentedAt: isoTime(at + 120 * minute) })).status).toBe(400);
  const changed = await call('POST', path, { ...v4, consentedAt });
  expect(changed.answer.results[0]).toMatchObject({ status: 'SUBSCRIBED' });
});
