/** Saving on the preference page: only what the contact altered is applied, and the page says exactly what changed. */
import { describe, expect, it } from 'vitest';
import { effectiveStatus } from '../../../src/domain/consent/effective.js';
import { readHistory } from '../../../src/domain/consent/history.js';
import type { SubscriptionType } from '../../../src/vocabulary/terms.js';
import { raiseCatalogueVersion } from '../../../src/models/setting.js';
import { openTestPortal } from '../../support/app.js';
import { dumpOf } from '../../support/dump.js';
import { newcomer } from '../../support/newcomer.js';
import { offers, orderNotices, productNews, trailNotes, weekendLetters } from '../../support/people.js';
import { winterCatalogue } from '../../support/people.js';
import { firefox, visitorOf } from '../../support/visitor.js';

const portal = await openTestPortal();
const person = visitorOf(portal);

let count = 0;
/** A new subscriber with these types on, and the path of the preference page. */
async function somebody(...on: SubscriptionType[]): Promise<{ address: string; path: string; id: string }> {
  const who = await newcomer(portal, `saver-${++count}@example.com`, on);
  const { preferences } = await portal.linksOf(who);
  return { address: who.address, path: preferences, id: who.subscriberId };
}
async function historyOf(id: string) {
  const history = await readHistory(portal.deps.models, id);
  if (!history) throw new Error('nobody knows this subscriber');
  return {
    ...history,
    statusOf: (type: SubscriptionType) => effectiveStatus(history.subscriber, type).status,
  };
}

it('a save applies what was altered, records how, and lists exactly that', async () => {
  const { path, id } = await somebody(trailNotes);
  const page = await person.open(path);
  const done = await person.press(page, /Save/, { 'type-1': null, 'type-2': 'on' });
  expect(done.text).toContain(
    'Saved. Trail notes will no longer reach you. Product news will reach you from now on.',
  );
  const { events, statusOf } = await historyOf(id);
  expect([statusOf(trailNotes), statusOf(productNews), statusOf(offers)]).toEqual([
    'UNSUBSCRIBED',
    'SUBSCRIBED',
    'NOT_SPECIFIED',
  ]);
  const [, off, on] = events;
  expect(off).toMatchObject({ actor: { kind: 'CONTACT', ref: 'preferences link' }, locale: 'en' });
  expect(on).toMatchObject({ legalBasis: 'CONSENT_WITH_NOTICE', detail: { userAgent: firefox } });
  expect(off?.legalBasis).toBeUndefined();
  const wording = await portal.deps.models.wordings.findById(on?.wording).lean();
  expect(JSON.parse(wording?.text ?? '{}')).toMatchObject({
    heading: 'What would you like to hear from us?',
  });
});

it('a save without alterations changes nothing and says so', async () => {
  const { path } = await somebody(trailNotes);
  const page = await person.open(path);
  const before = await dumpOf(portal.database.connection);
  expect((await person.press(page, /Save/)).text).toContain('Nothing was changed.');
  expect((await person.post(path, {})).text).toContain('Nothing was changed.');
  expect(await dumpOf(portal.database.connection)).toEqual(before);
});

describe('a save from an old tab', () => {
  it('keeps a newer change to a type that it left alone', async () => {
    const { path, id } = await somebody(trailNotes, offers);
    const oldTab = await person.open(path);
    await person.press(await person.open(path), /Save/, { 'type-3': null, 'type-2': 'on' });
    await person.press(oldTab, /Save/, { 'type-4': 'on' });
    const { statusOf } = await historyOf(id);
    expect([offers, productNews, trailNotes].map(statusOf)).toEqual([
      'UNSUBSCRIBED',
      'SUBSCRIBED',
      'SUBSCRIBED',
    ]);
  });

  it('does not opt in again after a one-click opt-out in the meantime', async () => {
    const { path, id, address } = await somebody(trailNotes);
    const oldTab = await person.open(path);
    const { oneClick } = await portal.linksOf({ address });
    await visitorOf(portal).ask('POST', oneClick);
    await person.press(oldTab, /Save/, { 'type-2': 'on' });
    const { statusOf } = await historyOf(id);
    expect([trailNotes, productNews].map(statusOf)).toEqual(['UNSUBSCRIBED', 'SUBSCRIBED']);
  });

  it('switches off what each of two tabs switched off', async () => {
    const { path, id } = await somebody(trailNotes, offers);
    const [one, other] = [await person.open(path), await person.open(path)];
    await Promise.all([
      person.press(one, /Save/, { 'type-1': null }),
      person.press(other, /Save/, { 'type-3': null }),
    ]);
    const { statusOf } = await historyOf(id);
    expect([trailNotes, offers].map(statusOf)).toEqual(['UNSUBSCRIBED', 'UNSUBSCRIBED']);
  });
});

it('the second click of a double click shows the first one’s result and adds no event', async () => {
  const { path, id } = await somebody(trailNotes);
  const page = await person.open(path);
  const changed = { 'type-1': null };
  const [one, other] = await Promise.all([
    person.press(page, /Save/, changed),
    person.press(page, /Save/, changed),
  ]);
  for (const answer of [one, other]) expect(answer.text).toContain('Trail notes will no longer reach you.');
  expect((await historyOf(id)).events).toHaveLength(2);
});

describe('a save of types that the page did not show', () => {
  it('never touches internal, archived and unknown types or another channel, whatever the form says', async () => {
    const { path, id } = await somebody(trailNotes);
    const all = [orderNotices, winterCatalogue, { id: 6 }, { id: 99 }];
    const shown = [...all.map((type) => `${type.id}:0`), `${trailNotes.id}:1`].join(',');
    const ticks = Object.fromEntries([...all, trailNotes].map((type) => [`type-${type.id}`, 'on']));
    const before = await dumpOf(portal.database.connection);
    await person.post(path, { shown, ...ticks });
    await person.post(path, { 'type-2': 'on', 'type-3': 'on' });
    // A form that claims to have shown them switched on.
    for (const { id: typeId } of [orderNotices, winterCatalogue])
      expect((await person.post(path, { shown: `${typeId}:1` })).status).toBe(422);
    expect(await dumpOf(portal.database.connection)).toEqual(before);
    expect((await person.ask('POST', path, new URLSearchParams({ stop: 'type-7' }))).status).toBe(400);
    expect((await historyOf(id)).statusOf(trailNotes)).toBe('SUBSCRIBED');
  });

  it.each([{ isActive: false }, { isInternal: true }])(
    'saves nothing and says so when a type has become %o since the page was shown',
    async (change) => {
      const { path, id } = await somebody(productNews, trailNotes);
      const page = await person.open(path);
      const { types } = portal.deps.models;
      await types.updateOne({ _id: productNews.id }, { $set: change });
      await portal.deps.rereadCatalogue();
      const done = await person.press(page, /Save/, { 'type-2': null, 'type-3': 'on' });
      await types.updateOne({ _id: productNews.id }, { $set: { isActive: true, isInternal: false } });
      await portal.deps.rereadCatalogue();
      expect([done.status, done.text.includes('nothing was saved')]).toEqual([422, true]);
      const { statusOf } = await historyOf(id);
      expect([productNews, offers].map(statusOf)).toEqual(['SUBSCRIBED', 'NOT_SPECIFIED']);
    },
  );

  it('counts an opt-out of a type new to this process, and never calls one of an unknown type saved', async () => {
    const { path, id } = await somebody(trailNotes);
    await portal.deps.catalogue();
    const brandNew = { ...productNews, id: 1_234_567_890 };
    const { id: _id, ...rest } = brandNew;
    await portal.deps.models.types.create({ _id, ...rest });
    await raiseCatalogueVersion(portal.deps.models.settings);
    const done = await person.post(path, { shown: `${_id}:1` });
    await portal.deps.models.types.deleteOne({ _id });
    await portal.deps.rereadCatalogue();
    expect(done.text).toContain('Saved. Product news will no longer reach you.');
    expect((await historyOf(id)).statusOf(brandNew)).toBe('UNSUBSCRIBED');
    const before = await dumpOf(portal.database.connection);
    const unknown = await person.post(path, { shown: '77:1,1:1', 'type-2': 'on' });
    expect(unknown.status).toBe(422);
    expect(unknown.text).toContain('Please assume that nothing was saved');
    expect(unknown.text).not.toContain('Saved.');
    expect(await dumpOf(portal.database.connection)).toEqual(before);
  });

  it('finds such types on no page', async () => {
    const { path } = await somebody(trailNotes);
    const { text } = await person.open(path);
    expect(text).toContain('Product news');
    for (const hidden of ['Order notices', 'Winter catalogue', 'Guest survey'])
      expect(text).not.toContain(hidden);
  });
});

describe('opting in under an opt-out of all', () => {
  it('resumes that type only', async () => {
    const { path, id } = await somebody(trailNotes, productNews);
    await person.press(await person.open(path), /Stop everything from all/);
    const page = await person.open(path);
    expect(page.text).toContain(
      'You get no news or offers from any of our brands. Switch something on to hear from us again. Messages that you need, such as receipts, still reach you.',
    );
    await person.press(page, /Save/, { 'type-1': 'on' });
    const { subscriber, statusOf } = await historyOf(id);
    expect([trailNotes, productNews, offers, weekendLetters].map(statusOf)).toEqual([
      'SUBSCRIBED',
      'UNSUBSCRIBED',
      'UNSUBSCRIBED',
      'UNSUBSCRIBED',
    ]);
    expect([subscriber.optOuts.portal, subscriber.optOuts.units[1]?.[0]?.by]).toEqual([null, 'CONTACT']);
  });
});

describe('an opt-out of all on the preference page', () => {
  it('of one unit keeps the other unit, and says what still arrives', async () => {
    const { path, id } = await somebody(trailNotes, offers);
    const page = await person.open(path);
    expect(page.text).toContain('Messages that you need, such as receipts, still reach you.');
    const done = await person.press(page, /Stop everything from Northwind/);
    expect(done.text).toContain(
      'Saved. You will get no more news or offers from Northwind Outdoors. Messages that you need, such as receipts, still reach you.',
    );
    const { subscriber, statusOf } = await historyOf(id);
    expect([statusOf(trailNotes), statusOf(weekendLetters)]).toEqual(['UNSUBSCRIBED', 'NOT_SPECIFIED']);
    expect(subscriber.optOuts.portal).toBeNull();
  });

  it('of an unknown unit is refused', async () => {
    const { path } = await somebody(trailNotes);
    expect((await person.ask('POST', path, new URLSearchParams({ stop: 'unit-77' }))).status).toBe(400);
  });
});

describe('a pause on the preference page', () => {
  it('is stored, is not an opt-out, and ends when resumed', async () => {
    const { path, id } = await somebody(trailNotes);
    const paused = await person.press(await person.open(path), /Save/, { 'pause-1': '30' });
    expect(paused.text).toMatch(/Trail notes will stay quiet until \d+ \w+ \d{4}\./);
    const { subscriber, statusOf } = await historyOf(id);
    expect(statusOf(trailNotes)).toBe('SUBSCRIBED');
    const days = (Number(subscriber.snoozes[1]?.until) - Date.now()) / 86_400_000;
    expect(days).toBeCloseTo(30, 1);
    // A save without alterations keeps the pause.
    await person.press(paused, /Save/);
    expect((await historyOf(id)).subscriber.snoozes[1]).toEqual(subscriber.snoozes[1]);
    const resumed = await person.press(await person.open(path), /Save/, { 'pause-1': '0' });
    expect(resumed.text).toContain('the pause is over');
    expect((await historyOf(id)).subscriber.snoozes).toEqual({});
  });

  it('of any other number of days changes nothing', async () => {
    const { path } = await somebody(trailNotes);
    const page = await person.open(path);
    const before = await dumpOf(portal.database.connection);
    for (const days of ['31', '-1', '1e9', '030', 'x']) await person.press(page, /Save/, { 'pause-1': days });
    expect(await dumpOf(portal.database.connection)).toEqual(before);
  });
});
