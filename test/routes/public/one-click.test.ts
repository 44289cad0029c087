/** One-click unsubscribe as mail clients do it (RFC 8058). */
import { describe, expect, it } from 'vitest';
import { effectiveStatus } from '../../../src/domain/consent/effective.js';
import { readHistory } from '../../../src/domain/consent/history.js';
import type { SubscriptionType } from '../../../src/vocabulary/terms.js';
import { openTestPortal } from '../../support/app.js';
import { dumpOf } from '../../support/dump.js';
import { newcomer } from '../../support/newcomer.js';
import { northwind, offers, productNews, trailNotes, weekendLetters } from '../../support/people.js';
import { visitorOf } from '../../support/visitor.js';
import type { Body } from '../../support/visitor.js';

const portal = await openTestPortal();

const oneClick = (path: string, body?: Body, headers: Record<string, string> = {}) =>
  visitorOf(portal, { userAgent: 'Google-mail-client' }).ask('POST', path, body, headers);
const asked = () => new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });

async function historyOf(subscriberId: string) {
  const history = await readHistory(portal.deps.models, subscriberId);
  if (!history) throw new Error('nobody knows this subscriber');
  const statusOf = (type: SubscriptionType) => effectiveStatus(history.subscriber, type).status;
  return { ...history, statusOf };
}

function multipart(): FormData {
  const form = new FormData();
  form.set('List-Unsubscribe', 'One-Click');
  return form;
}

describe('a one-click request', () => {
  const forms: [string, () => Body | undefined, Record<string, string>][] = [
    ['urlencoded', asked, {}],
    ['multipart', multipart, {}],
    ['empty', () => undefined, {}],
    ['plain text', () => 'anything at all', { 'content-type': 'text/plain' }],
    ['of an invalid type', () => 'x', { 'content-type': '/;;=' }],
    ['of an unknown charset', asked, { 'content-type': 'application/x-www-form-urlencoded; charset=x' }],
    ['marked as compressed although it is not', asked, { 'content-encoding': 'gzip' }],
    ['a megabyte long', () => `List-Unsubscribe=One-Click&x=${'x'.repeat(1_000_000)}`, {}],
  ];
  it.each(forms)(
    'opts out and answers one line, without redirect and cookie, with the body: %s',
    async (name, body, headers) => {
      const who = await newcomer(portal, `click-${name.replaceAll(' ', '-')}@example.com`, [
        trailNotes,
        offers,
      ]);
      const { oneClick: path, subscriberId } = await portal.linksOf(who);
      const answer = await oneClick(path, body(), headers);
      expect([answer.status, answer.html, answer.location]).toEqual([200, 'You are unsubscribed.\n', null]);
      expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
      const { statusOf } = await historyOf(subscriberId);
      expect([statusOf(trailNotes), statusOf(offers)]).toEqual(['UNSUBSCRIBED', 'SUBSCRIBED']);
    },
  );

  it('repeated gives the same answer and leaves one event', async () => {
    const who = await newcomer(portal, 'again@example.com', [trailNotes]);
    const { oneClick: path, subscriberId } = await portal.linksOf(who);
    const answers = [await oneClick(path, asked()), await oneClick(path, asked()), await oneClick(path)];
    expect(answers.map(({ status, html }) => [status, html])).toEqual(
      answers.map(() => [200, 'You are unsubscribed.\n']),
    );
    const { events } = await historyOf(subscriberId);
    expect(events.filter(({ actor }) => actor.kind === 'ONE_CLICK')).toHaveLength(1);
  });

  it('two hundred times at once leaves one event, and each gets a success', async () => {
    const who = await newcomer(portal, 'crowd@example.com', [trailNotes]);
    const { oneClick: path, subscriberId } = await portal.linksOf(who);
    const answers = await Promise.all(Array.from({ length: 200 }, () => oneClick(path, asked())));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const { events, statusOf } = await historyOf(subscriberId);
    expect(events.filter(({ actor }) => actor.kind === 'ONE_CLICK')).toHaveLength(1);
    expect(statusOf(trailNotes)).toBe('UNSUBSCRIBED');
  });

  it('of a link for everything stops the unit, and no other unit', async () => {
    const who = await newcomer(portal, 'all@example.com', [trailNotes, productNews]);
    const { unsubscribeAll, subscriberId } = await portal.linksOf(who);
    await oneClick(unsubscribeAll.replace('/u/', '/o/'), asked());
    const { subscriber, statusOf } = await historyOf(subscriberId);
    expect([statusOf(trailNotes), statusOf(productNews)]).toEqual(['UNSUBSCRIBED', 'UNSUBSCRIBED']);
    expect(statusOf(weekendLetters)).toBe('NOT_SPECIFIED');
    expect(subscriber.optOuts.portal).toBeNull();
  });

  it('opts out an address that the database does not know, as after a restore', async () => {
    const subscriberId = portal.deps.subscriberIds('EMAIL', 'restored@example.com');
    const claims = { subscriberId, unitId: northwind.id, typeId: trailNotes.id, epoch: 0 };
    const token = await portal.deps.tokens.mint('unsubscribe', claims, portal.deps.clock());
    expect((await oneClick(`/o/${token}`, asked())).status).toBe(200);
    expect((await historyOf(subscriberId)).statusOf(trailNotes)).toBe('UNSUBSCRIBED');
  });

  it('for an unknown type stops the whole unit', async () => {
    const { subscriberId } = await newcomer(portal, 'lost-type@example.com', [trailNotes]);
    const claims = { subscriberId, unitId: northwind.id, typeId: 4711, epoch: 0 };
    const token = await portal.deps.tokens.mint('unsubscribe', claims, portal.deps.clock());
    expect((await oneClick(`/o/${token}`, asked())).status).toBe(200);
    const { subscriber } = await historyOf(subscriberId);
    expect(subscriber.optOuts.units[northwind.id]).toMatchObject([{ by: 'ONE_CLICK' }]);
  });

  it('by a revoked link ten years old still opts out', async () => {
    const who = await newcomer(portal, 'old@example.com', [trailNotes]);
    const { oneClick: path, subscriberId } = await portal.linksOf(who);
    await portal.deps.models.subscribers.updateOne({ _id: subscriberId }, { $set: { epoch: 9 } });
    const old = await portal.deps.tokens.mint(
      'unsubscribe',
      { subscriberId, unitId: northwind.id, epoch: 0 },
      new Date('2016-01-01'),
    );
    expect((await oneClick(path, asked())).status).toBe(200);
    expect((await oneClick(`/o/${old}`, asked())).status).toBe(200);
    const { subscriber, statusOf } = await historyOf(subscriberId);
    expect(statusOf(trailNotes)).toBe('UNSUBSCRIBED');
    expect(subscriber.optOuts.units[northwind.id]).toMatchObject([{ by: 'ONE_CLICK' }]);
  });
});

describe('a request that is not one-click changes nothing', () => {
  it('when it is GET or HEAD of the same URL', async () => {
    const { oneClick: path } = await portal.linksOf({ address: 'alice@example.com' });
    const before = await dumpOf(portal.database.connection);
    const page = await visitorOf(portal).open(path);
    expect(page.status).toBe(200);
    expect((await visitorOf(portal).ask('HEAD', path)).status).toBe(200);
    expect(await dumpOf(portal.database.connection)).toEqual(before);
    // Scanners submit the forms they find, so the page's form must not lead to the header's URL.
    expect(page.forms.map(({ action }) => action).filter((action) => action.startsWith('/o/'))).toEqual([]);
  });

  /** The same token with one altered letter in its signature. */
  const withAnotherLetter = (token: string) =>
    token.slice(0, -20) + (token.at(-20) === 'A' ? 'B' : 'A') + token.slice(-19);

  it('when its link is of another kind, forged or broken: 404', async () => {
    const { preferences, oneClick: path } = await portal.linksOf({ address: 'alice@example.com' });
    const token = path.slice(3);
    const before = await dumpOf(portal.database.connection);
    const wrong = [preferences.slice(3), withAnotherLetter(token), `A${token}`, 'nonsense', '%00', '%zz'];
    for (const one of wrong) expect((await oneClick(`/o/${one}`, asked())).status, one).toBe(404);
    for (const method of ['PUT', 'PATCH', 'DELETE'])
      expect((await visitorOf(portal).ask(method, path)).status).toBe(404);
    expect(await dumpOf(portal.database.connection)).toEqual(before);
  });
});
