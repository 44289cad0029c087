/** Links that expired, were revoked or belong to an erased contact: they opt out, show nothing, and never opt in. */
import { describe, expect, it } from 'vitest';
import { changeConsent } from '../../../src/domain/consent/change.js';
import { effectiveStatus } from '../../../src/domain/consent/effective.js';
import type { SubscriptionType } from '../../../src/vocabulary/terms.js';
import { openTestPortal } from '../../support/app.js';
import { dumpOf } from '../../support/dump.js';
import { newcomer } from '../../support/newcomer.js';
import { northwind, offers, productNews, trailNotes } from '../../support/people.js';
import { visitorOf } from '../../support/visitor.js';

const portal = await openTestPortal();
const person = visitorOf(portal);

const staff = { kind: 'STAFF', isBulk: false, ref: 'a test', scope: null } as const;
const ways = ['expired', 'revoked'] as const;

let count = 0;
/** A subscriber whose preference link can only opt out. */
async function somebody(way: (typeof ways)[number]) {
  const who = await newcomer(portal, `elder-${++count}@example.com`, [trailNotes, offers]);
  const { subscriberId, unsubscribe } = await portal.linksOf(who);
  const claims = { subscriberId, unitId: northwind.id, typeId: trailNotes.id, epoch: 0, locale: 'en' };
  const mintedAt = way === 'expired' ? new Date(Date.now() - 181 * 86_400_000) : new Date();
  const token = await portal.deps.tokens.mint('preferences', claims, mintedAt);
  const opened = await person.open(`/p/${token}`);
  if (way === 'revoked') {
    const wishes = [{ kind: 'REVOKE_LINKS' } as const];
    await changeConsent(portal.deps, { subscriberId, channel: 'EMAIL', actor: staff, wishes });
  }
  const state = () => portal.subscriberOf(who);
  const statusOf = async (type: SubscriptionType) => effectiveStatus(await state(), type).status;
  return { who, subscriberId, unsubscribe, path: `/p/${token}`, opened, state, statusOf };
}

describe.each(ways)('a link that is %s', (way) => {
  it('shows nothing of the contact, and offers opt-outs and a fresh link', async () => {
    const { path } = await somebody(way);
    const page = await person.open(path);
    expect(page.status).toBe(200);
    expect(page.text).toContain('This link has expired');
    expect(page.html).not.toMatch(/••••|@|checkbox|name="shown"/);
    expect(page.text).not.toContain('Offers and discounts');
    expect((await person.open(`${path}/data`)).text).toContain('This link has expired');
    expect((await person.open(`${path}/data.json`)).status).toBe(410);
  });

  it.each([/Unsubscribe from Trail notes/, /Stop everything from Northwind/, /Stop everything from all/])(
    'opts out by %s, and says so also after a second click',
    async (button) => {
      const { path, statusOf } = await somebody(way);
      const page = await person.open(path);
      for (const click of ['first', 'second']) {
        const done = await person.press(page, button);
        expect(done.text, click).toContain('You are unsubscribed');
        expect(done.text, click).not.toContain('Offers');
      }
      expect(await statusOf(trailNotes)).toBe('UNSUBSCRIBED');
    },
  );

  it('shows nothing of the contact when a form is refused', async () => {
    const { path, state } = await somebody(way);
    const before = (await state()).seq;
    const answer = await person.post(path, { shown: '1:1,999999:1', 'type-1': 'on' });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('This link has expired');
    expect(answer.html).not.toMatch(/••••|@|checkbox|name="shown"/);
    expect(answer.text).not.toContain('Offers and discounts');
    expect((await state()).seq).toBe(before);
  });

  it('never opts in, by any form', async () => {
    const { path, state, statusOf } = await somebody(way);
    const answer = await person.post(path, {
      shown: '1:1,2:0,3:1',
      'type-1': 'on',
      'type-2': 'on',
      'type-3': 'on',
    });
    expect(answer.text).toContain('This link has expired');
    const stopped = await person.ask('POST', path, new URLSearchParams({ stop: 'all' }));
    const undo = new URL(stopped.location ?? '', portal.url).searchParams.get('saved') ?? '';
    const before = (await state()).seq;
    await person.post(path, { undo, sure: 'yes' });
    await person.post(path, { shown: '1:1', 'type-1': 'on', 'pause-1': '30' });
    await person.post(`${path}/data`, { sure: 'yes' });
    expect((await state()).seq).toBe(before);
    expect(await statusOf(productNews)).toBe('UNSUBSCRIBED');
    expect((await state()).erasedAt).toBeNull();
  });

  it('applies the opt-outs of a page opened earlier, and names the opt-ins that it could not do', async () => {
    const { path, statusOf } = await somebody(way);
    const done = await person.post(path, { shown: '1:1,2:0,3:1', 'type-2': 'on', 'type-3': 'on' });
    expect(done.text).toContain('Trail notes will no longer reach you.');
    expect(done.text).toContain('too old to switch on Product news');
    expect([await statusOf(trailNotes), await statusOf(productNews)]).toEqual([
      'UNSUBSCRIBED',
      'NOT_SPECIFIED',
    ]);
  });

  it('shows nothing of the contact’s latest save', async () => {
    const { who, path } = await somebody(way);
    const { preferences } = await portal.linksOf(who);
    await person.press(await person.open(preferences), /Save/, { 'type-3': null });
    for (const fields of [{}, { shown: '2:0', 'type-2': 'on' }, { shown: '1:1', 'type-1': 'on' }])
      expect((await person.post(path, fields)).text).not.toContain('Offers and discounts');
  });

  it('mails the contact one fresh link, however often it is requested', async () => {
    const { path, subscriberId } = await somebody(way);
    const page = await person.open(path);
    for (let i = 0; i < 3; i++)
      expect((await person.press(page, /fresh link/)).text).toContain('Look in your inbox');
    const mails = await portal.deps.models.mails.find({ subscriberId, kind: 'FRESH_LINK' }).lean();
    // A new minute may have begun in between.
    expect(mails.length).toBeGreaterThan(0);
    expect(mails.length).toBeLessThan(3);
  });
});

describe('an unsubscribe link that staff revoked', () => {
  it('opts out and offers no undo', async () => {
    const { unsubscribe, statusOf } = await somebody('revoked');
    const done = await person.press(await person.open(unsubscribe), /Unsubscribe/);
    expect(done.text).toContain('You are unsubscribed');
    expect(done.forms.flatMap(({ buttons }) => buttons.map(({ label }) => label))).not.toContain('Undo');
    const undo = new URL(done.path, portal.url).searchParams.get('done') ?? '';
    const answer = await person.ask('POST', unsubscribe, new URLSearchParams({ undo, sure: 'yes' }));
    expect([answer.status, await statusOf(trailNotes)]).toEqual([410, 'UNSUBSCRIBED']);
  });
});

it('a link revoked while its opt-in waits in the queue does not opt in', async () => {
  const { subscriberId, state, statusOf } = await somebody('revoked');
  const result = await changeConsent(portal.deps, {
    subscriberId,
    channel: 'EMAIL',
    actor: { kind: 'CONTACT', isLinkFresh: true },
    linkEpoch: (await state()).epoch - 1,
    wishes: [{ kind: 'OPT_IN', typeId: productNews.id }],
  });
  expect(result.outcomes).toMatchObject([{ result: 'REFUSED', code: 'LINK_EXPIRED' }]);
  expect(await statusOf(productNews)).toBe('NOT_SPECIFIED');
});

it('a link of one kind opens no page of another kind', async () => {
  const { path, unsubscribe } = await somebody('expired');
  const before = await dumpOf(portal.database.connection);
  const [preferences, unsub] = [path.slice(3), unsubscribe.slice(3)];
  for (const wrong of [
    `/p/${unsub}`,
    `/p/${unsub}/data`,
    `/p/${unsub}/data.json`,
    `/u/${preferences}`,
    `/c/${unsub}`,
  ]) {
    expect((await person.open(wrong)).status, wrong).toBe(404);
    expect((await person.ask('POST', wrong, new URLSearchParams({ sure: 'yes', stop: 'all' }))).status).toBe(
      404,
    );
  }
  expect(await dumpOf(portal.database.connection)).toEqual(before);
});
