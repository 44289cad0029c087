/** "My data": the history as a page and as a file, and erasure. */
import { ownStatus } from '../../../src/domain/consent/effective.js';
import { describe, expect, it } from 'vitest';
import { changeConsent } from '../../../src/domain/consent/change.js';
import { faultsOfHistory, readHistory } from '../../../src/domain/consent/history.js';
import { linksIn } from '../../support/forms.js';
import { paths } from '../../../src/paths.js';
import { openTestPortal } from '../../support/app.js';
import { alice, dana, trailNotes } from '../../support/people.js';
import { contactIn } from '../../support/contacts.js';
import { newcomer } from '../../support/newcomer.js';
import { firefox, visitorOf } from '../../support/visitor.js';

const portal = await openTestPortal();
const person = visitorOf(portal);

it('"My data" lists every change with date, actor and basis, newest first', async () => {
  const { preferences } = await portal.linksOf(alice);
  const { text, html } = await person.open(`${preferences}/data`);
  expect(text).toContain('Trail notes was switched on');
  expect(text).toContain('one of our systems');
  expect(text.indexOf('Repair reminders was paused')).toBeLessThan(
    text.indexOf('Trail notes was switched on'),
  );
  expect(html).not.toContain(alice.address);
});

it('"My data" begins with what holds now: each status, the record and the mails, and nothing that names the reader', async () => {
  const who = await newcomer(portal, 'now.holds@example.com', [trailNotes]);
  const { preferences } = await portal.linksOf(who);
  await contactIn(portal, {
    ...{ firstName: 'Nora', lastName: 'Holds', email: who.address, locale: 'nb' },
    ...{ processingBasis: 'PERFORMANCE_OF_CONTRACT', unitIds: [trailNotes.unitId] },
  });
  const { text, html } = await person.open(`${preferences}/data`);
  expect(text).toMatch(/Trail notes · Northwind Outdoors on, since \d/);
  expect(text).toContain('Weekend letters · Fjell Hotels no choice made');
  expect(text).toContain('Language: Norsk');
  expect(text).toContain('an agreement with you that we must keep');
  for (const secret of ['Nora', 'Holds', who.address]) expect(html).not.toContain(secret);
  const file = await person.open(`${preferences}/data.json`);
  for (const { name, status } of JSON.parse(file.html).addresses[0].subscriptions)
    if (status === 'SUBSCRIBED') expect(text).toContain(`${name} · `);
});

it('the file of "My data" holds the whole history in a machine-readable form', async () => {
  const { preferences } = await portal.linksOf(alice);
  const answer = await person.open(`${preferences}/data.json`);
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="?my-preferences\.json/);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  const file: unknown = JSON.parse(answer.html);
  const { events } = (await readHistory(portal.deps.models, (await portal.subscriberOf(alice))._id)) ?? {
    events: [],
  };
  expect(file).toMatchObject({ addresses: [{ address: 'a••••@example.com', channel: 'EMAIL' }] });
  expect(answer.html).not.toContain(alice.address);
  const history: unknown = Object(file)['history'];
  expect(history).toHaveLength(events.length);
  expect(JSON.stringify(file)).toContain('Ticked the box for letters at the checkout.');
  expect(JSON.stringify(file)).not.toContain('Order notices');
});

it('"My data" says which changes staff made', async () => {
  const { preferences } = await portal.linksOf(dana);
  expect((await person.open(`${preferences}/data`)).text).toContain('By the people at Northwind Outdoors');
});

it('"My data" is paged, and its file is complete', async () => {
  const who = await newcomer(portal, 'long.story@example.com', [trailNotes]);
  const { preferences, subscriberId } = await portal.linksOf(who);
  for (let turn = 0; turn < 120; turn++)
    await changeConsent(portal.deps, {
      subscriberId,
      channel: 'EMAIL',
      actor: { kind: 'CONTACT', isLinkFresh: true, ref: 'a test' },
      wishes: [{ kind: turn % 2 ? 'OPT_IN' : 'OPT_OUT', typeId: trailNotes.id }],
      circumstances: { legalBasis: 'CONSENT_WITH_NOTICE', locale: 'en' },
    });
  const { seq } = await portal.subscriberOf(who);
  const lines: string[] = [];
  let pages = 0;
  for (let path = `${preferences}/data`; path; pages++) {
    const { html } = await person.open(path);
    const times = html.match(/<li><time [^>]*>/g) ?? [];
    expect(times.length).toBeLessThanOrEqual(50);
    lines.push(...times);
    path = linksIn(html).find((href) => href.includes('before=')) ?? '';
  }
  expect([pages, lines.length]).toEqual([Math.ceil(seq / 50), seq]);
  expect(lines).toEqual([...lines].sort().reverse());
  for (const wrong of ['x', '-1', '1e3'])
    expect((await person.open(`${preferences}/data?before=${wrong}`)).html).toContain(lines[0]);
  const file: unknown = JSON.parse((await person.open(`${preferences}/data.json`)).html);
  const numbers: unknown[] = Object(file)['history'].map((event: unknown) => Object(event)['seq']);
  expect(numbers).toEqual(Array.from({ length: seq }, (_, at) => seq - at));
});

describe('erasing from "My data"', () => {
  it('needs the tick; afterwards the link only opts out, and nothing personal is left', async () => {
    const who = await newcomer(portal, 'forget.me@example.com', [trailNotes]);
    const { preferences, oneClick, unsubscribe, subscriberId } = await portal.linksOf(who);
    await person.press(await person.open(preferences), /Save/, { 'type-2': 'on' });
    const unticked = await person.press(await person.open(`${preferences}/data`), /Remove my data/);
    expect([unticked.status, (await portal.subscriberOf(who)).erasedAt]).toEqual([422, null]);
    const done = await person.press(unticked, /Remove my data/, { sure: 'yes' });
    expect(done.text).toContain('Your data is removed');

    const history = await readHistory(portal.deps.models, subscriberId);
    expect(history && faultsOfHistory(history)).toEqual([]);
    expect(history?.subscriber).toMatchObject({ address: null, locale: null, lastSave: null });
    expect(history?.subscriber.optOuts.portal).toMatchObject([{ by: 'CONTACT' }]);
    expect(JSON.stringify(history)).not.toMatch(/forget|@/);
    expect(JSON.stringify(history)).not.toContain(firefox);

    for (const path of [preferences, `${preferences}/data`]) {
      const page = await person.open(path);
      expect(page.text).toContain('Your data is removed');
      expect(page.html).not.toMatch(/forget|checkbox/);
    }
    expect((await person.open(`${preferences}/data.json`)).status).toBe(410);
    const { seq } = await portal.subscriberOf(who);
    await person.post(preferences, { shown: '1:0,2:0', 'type-1': 'on', 'type-2': 'on' });
    expect((await portal.subscriberOf(who)).seq).toBe(seq);
    expect((await person.ask('POST', oneClick)).status).toBe(200);
    expect((await person.press(await person.open(unsubscribe), /Unsubscribe/)).text).toContain(
      'unsubscribed',
    );
  });

  it('shows nothing personal even by a link of the current epoch', async () => {
    const who = await newcomer(portal, 'forgotten@example.com', [trailNotes]);
    const { preferences, subscriberId } = await portal.linksOf(who);
    await person.post(`${preferences}/data`, { sure: 'yes' });
    const { epoch } = await portal.subscriberOf(who);
    const claims = { subscriberId, unitId: 0, epoch, locale: 'en' };
    const fresh = `/p/${await portal.deps.tokens.mint('preferences', claims, portal.deps.clock())}`;
    for (const path of [fresh, `${fresh}/data`, `${fresh}/data.json`]) {
      const { status, html } = await person.open(path);
      expect(status).toBe(200);
      expect(html).not.toMatch(/forgotten|f••••|Firefox/);
    }
    const answer = await person.post(fresh, { shown: '1:0', 'type-1': 'on' });
    expect(answer.status).toBe(422);
    expect(ownStatus(await portal.subscriberOf(who), 1)).toBe('SUBSCRIBED');
    expect((await portal.subscriberOf(who)).optOuts.portal).not.toBeNull();
  });
});

it('"My data" omits archived types that the contact never had, and names a basis only for opt-ins', async () => {
  const who = await newcomer(portal, 'historian@example.com', [trailNotes]);
  const { preferences } = await portal.linksOf(who);
  await person.press(await person.open(preferences), /Stop everything from all/);
  await person.press(await person.open(preferences), /Save/, { 'type-1': 'on' });
  await person.press(await person.open(preferences), /Save/, { 'pause-1': '30' });
  const { text } = await person.open(`${preferences}/data`);
  expect(text).not.toContain('Winter catalogue');
  expect(text).toContain('Trail notes was paused');
  const lines = text.slice(text.indexOf('What has changed')).split(' By ');
  const based = lines.filter((line) => line.includes('Legal basis'));
  expect(based).toHaveLength(2);
  for (const line of lines.filter((_, i) => lines[i + 1]?.includes('Legal basis')))
    expect(line).toContain('Trail notes was switched on');
});

it('a link copied by staff neither offers erasure nor erases', async () => {
  const who = await newcomer(portal, 'copied.link@example.com', [trailNotes]);
  const { subscriberId } = await portal.linksOf(who);
  const claims = { subscriberId, unitId: 0, epoch: 0, copiedBy: 'user-1' };
  const path = paths.myHistory(await portal.deps.tokens.mint('preferences', claims, portal.deps.clock()));
  expect((await person.open(path)).html).not.toContain('name="sure"');
  const answer = await person.post(path, { sure: 'yes' });
  expect(answer.status).toBe(403);
  expect((await portal.subscriberOf(who)).erasedAt).toBeNull();
});
