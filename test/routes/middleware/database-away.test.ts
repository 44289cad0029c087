/** The database is unavailable: every answer is 503, says that nothing was saved, and never reports success. It recovers by itself. */
import { expect, it } from 'vitest';
import { effectiveStatus } from '../../../src/domain/consent/effective.js';
import { openTestPortal } from '../../support/app.js';
import { findCanaries } from '../../support/canary.js';
import { newcomer } from '../../support/newcomer.js';
import { offers, trailNotes } from '../../support/people.js';
import { severable } from '../../support/severable.js';
import { visitorOf } from '../../support/visitor.js';

const wire = severable();
const portal = await openTestPortal({ through: wire.through });

it('every page answers 503 with "nothing was saved" in the contact’s language, and recovers by itself', async () => {
  const who = await newcomer(portal, 'patient@example.com', [trailNotes, offers]);
  const german = await portal.linksOf(who, { locale: 'de' });
  const { preferences, unsubscribe, oneClick, subscriberId } = german;
  const claims = { subscriberId, unitId: 1, epoch: 0, pendingId: 'none', locale: 'de' };
  const confirm = `/c/${await portal.deps.tokens.mint('confirm', claims, portal.deps.clock())}`;
  const person = visitorOf(portal, { language: 'de' });
  await person.open(preferences);
  const { seq } = await portal.subscriberOf(who);

  wire.cut();
  const form = (fields: Record<string, string>) => new URLSearchParams(fields);
  const asks = [
    person.open(preferences),
    person.open(`${preferences}/data`),
    person.open(`${preferences}/data.json`),
    person.open(unsubscribe),
    person.open(oneClick),
    person.open(confirm),
    person.ask('POST', preferences, form({ shown: '1:1' })),
    person.ask('POST', preferences, form({ stop: 'all' })),
    person.ask('POST', `${preferences}/fresh-link`),
    person.ask('POST', `${preferences}/data`, form({ sure: 'yes' })),
    person.ask('POST', unsubscribe),
    person.ask('POST', confirm, form({ sure: 'yes' })),
    person.ask('POST', '/find', form({ address: who.address })),
  ];
  for (const answer of await Promise.all(asks)) {
    expect(answer.status, answer.text).toBe(503);
    expect(answer.text).toMatch(/nichts gespeichert/);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.html).not.toMatch(/Mongo|ECONN|127\.0\.0\.1/);
  }
  const header = await person.ask('POST', oneClick);
  expect([header.status, header.html]).toEqual([503, 'Nothing was saved. Please try again in a minute.\n']);
  expect((await person.open('/livez')).status).toBe(200);
  expect((await person.open('/readyz')).status).toBe(503);
  // Pages without the database still work: forged links look the same, and the lost-link page opens.
  expect((await person.open('/u/forged')).status).toBe(404);
  expect((await person.open('/find')).status).toBe(200);

  wire.mend();
  await expect
    .poll(() => person.open(preferences).then(({ status }) => status), { timeout: 20_000 })
    .toBe(200);
  expect((await portal.subscriberOf(who)).seq).toBe(seq);
  expect((await person.ask('POST', oneClick)).status).toBe(200);
  expect(effectiveStatus(await portal.subscriberOf(who), trailNotes).status).toBe('UNSUBSCRIBED');
  expect(
    findCanaries(portal.logged.join(''), [who.address, preferences.slice(3), oneClick.slice(3)]),
  ).toEqual([]);
  expect(portal.logged.some((line) => line.includes('"status":503'))).toBe(true);
}, 120_000);
