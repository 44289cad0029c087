/** What the preference page shows and in which language, and how it handles requests that no browser sends. */
import { describe, expect, it } from 'vitest';
import { locales } from '../../../src/vocabulary/locales.js';
import { openTestPortal } from '../../support/app.js';
import { dumpOf } from '../../support/dump.js';
import { newcomer } from '../../support/newcomer.js';
import { alice, charlie, fjell, trailNotes, weekendLetters } from '../../support/people.js';
import { visitorOf } from '../../support/visitor.js';
import type { Body } from '../../support/visitor.js';

const hostile = `"><script>alert(1)</script>'{{7*7}}&amp;`;
const portal = await openTestPortal({
  alter: ({ types }) => types.updateOne({ _id: 4 }, { $set: { name: hostile, description: hostile } }),
});

const languageOf = ({ html }: { html: string }) => /<html lang="(\w+)"/.exec(html)?.[1];

it('the preference page shows the masked address, the unit of the mail first, and why', async () => {
  const { preferences } = await portal.linksOf(alice, {
    unitId: fjell.id,
    typeId: weekendLetters.id,
    locale: 'en',
  });
  const { text, html } = await visitorOf(portal).open(preferences);
  expect(text).toContain('Preferences of a••••@example.com');
  expect(html).not.toContain(alice.address);
  expect(text.indexOf('Weekend letters')).toBeLessThan(text.indexOf('Trail notes'));
  expect(text).toContain('you came from this e-mail');
  expect(text).toContain('You switched this on here, and confirmed it by e-mail on 3 May 2025.');
});

it('the preference page says under an opt-out of all that no mail comes', async () => {
  const { preferences } = await portal.linksOf(charlie);
  const { text } = await visitorOf(portal).open(preferences);
  expect(text).toContain('You get no news or offers from Northwind Outdoors.');
});

describe('the language of the preference page', () => {
  it('comes from the request, else the link, else the browser, else the unit', async () => {
    const link = async (about: { unitId?: number; typeId?: number; locale?: string }) =>
      (await portal.linksOf(alice, about)).preferences;
    const plain = await link({});
    const german = await link({ locale: 'de' });
    const hotel = await link({ unitId: fjell.id, typeId: weekendLetters.id });
    const polish = visitorOf(portal, { language: 'xx, pl;q=0.9, en;q=0.1' });
    const nobody = visitorOf(portal);
    expect(languageOf(await polish.open(`${german}?lang=sv`))).toBe('sv');
    expect(languageOf(await polish.open(german))).toBe('de');
    expect(languageOf(await polish.open(plain))).toBe('pl');
    expect(languageOf(await nobody.open(hotel))).toBe('nb');
    expect(languageOf(await nobody.open(plain))).toBe('en');
    expect((await nobody.open(german)).text).toContain('Wegnotizen');
  });

  it.each(locales)('stays %s through a save and its undo, with the token', async (lang) => {
    const who = await newcomer(portal, `reader-${lang}@example.com`, [trailNotes]);
    const { preferences } = await portal.linksOf(who);
    const person = visitorOf(portal);
    const page = await person.open(`${preferences}?lang=${lang}`);
    const form = page.forms.find(({ fields }) => fields.some(([name]) => name === 'shown'));
    const saved = await person.post(form?.action ?? '', { shown: '1:1' });
    const undo = saved.forms.find(({ fields }) => fields.some(([name]) => name === 'undo'));
    const undone = await person.post(undo?.action ?? '', Object.fromEntries(undo?.fields ?? []));
    for (const one of [page, saved, undone]) expect([languageOf(one), one.status]).toEqual([lang, 200]);
    expect(saved.html).not.toMatch(/\{\{[a-z]|undefined|\[object/);
  });

  it('ignores an unsupported or malformed language', async () => {
    const { preferences } = await portal.linksOf(alice);
    for (const lang of ['xx', '%22%3E%3Cb%3E', 'en&lang=de', '[]', '%0d%0aX:1', 'e'.repeat(500)]) {
      const page = await visitorOf(portal).open(`${preferences}?lang=${lang}`);
      expect([page.status, languageOf(page)], lang).toEqual([200, 'en']);
      expect(page.html).not.toContain('<b>');
    }
  });
});

it('names with markup appear as plain text on every page', async () => {
  const who = await newcomer(portal, 'hostile@example.com', [trailNotes]);
  const { preferences, unsubscribe } = await portal.linksOf(who, { typeId: 4 });
  const person = visitorOf(portal);
  const page = await person.open(preferences);
  const saved = await person.press(page, /Save/, { 'type-4': 'on' });
  const data = await person.open(`${preferences}/data`);
  const leaving = await person.open(unsubscribe);
  for (const { html, text } of [page, saved, data, leaving]) {
    expect(html).not.toContain('<script');
    expect(text).not.toContain("'49");
    expect(text).toContain(hostile);
  }
});

describe('a request that no browser sends', () => {
  const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' };
  const bodies: [string, Body, number][] = [
    ['a list where a word belongs', 'stop=all&stop=unit-0', 400],
    ['a list of ticks', 'shown=1:1&type-1=on&type-1=on', 400],
    ['a list of states', 'shown=1:1&shown=2:0', 400],
    ['invalid states', 'shown=1:2', 400],
    ['states of a million types', `shown=${'1:1,'.repeat(3000)}1:1`, 400],
    ['an unknown button', 'stop=everything', 400],
    ['an undo with markup', 'undo=<b>', 400],
    ['a wording that is not a hash', 'shown=1:1&wording=x', 400],
    ['a tick that says no', 'undo=abc&sure=no', 400],
    ['too many fields', 'a=1&'.repeat(2500), 413],
    ['more than 64 kB', `shown=1:1&x=${'x'.repeat(66_000)}`, 413],
  ];
  it.each(bodies)('with %s is refused with a page and changes nothing', async (_name, body, status) => {
    const { preferences } = await portal.linksOf(alice, { locale: 'de' });
    const before = await dumpOf(portal.database.connection);
    const answer = await visitorOf(portal, { language: 'de' }).ask('POST', preferences, body, urlencoded);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain('Das konnten wir nicht lesen');
    expect(await dumpOf(portal.database.connection)).toEqual(before);
  });

  it.each([
    'shown[$ne]=1&type-1[$gt]=on',
    '__proto__=x&constructor=y&type-__proto__=on',
    'shown=',
    '%00=%ff',
    '&&==&',
  ])('with %s contains no wish', async (body) => {
    const { preferences } = await portal.linksOf(alice);
    const before = await dumpOf(portal.database.connection);
    const answer = await visitorOf(portal).ask('POST', preferences, body, urlencoded);
    expect([303, 400]).toContain(answer.status);
    expect(await dumpOf(portal.database.connection)).toEqual(before);
  });

  it('does not record a wording that was never shown', async () => {
    const who = await newcomer(portal, 'wording@example.com', [trailNotes]);
    const { preferences, subscriberId } = await portal.linksOf(who);
    await visitorOf(portal).post(preferences, { shown: '1:1', wording: 'A'.repeat(43) });
    await visitorOf(portal).post(preferences, { shown: '2:0', 'type-2': 'on' });
    const found = await portal.deps.models.subscribers.findById(subscriberId).lean();
    expect(found?.events).toHaveLength(3);
    for (const event of found?.events ?? []) expect(event.wording).toBeUndefined();
  });
});

describe('the preference page under an opt-out', () => {
  const text = 'Switch something on to hear from';

  it('of everything says so once, above the brands', async () => {
    const who = await newcomer(portal, 'stopped@example.com', [trailNotes]);
    const { preferences } = await portal.linksOf(who);
    const visitor = visitorOf(portal);
    const stopped = await visitor.press(await visitor.open(preferences), /Stop everything from all/);
    expect(stopped.text.split(text)).toHaveLength(2);
    expect(stopped.html.indexOf(text)).toBeLessThan(stopped.html.indexOf('<fieldset'));
  });

  it.each(['all our brands', 'Fjell Hotels'])(
    'of %s does not ask to confirm what is already pending',
    async (brands) => {
      const who = await newcomer(portal, `waiting-${brands.length}@example.com`, [trailNotes]);
      const { preferences } = await portal.linksOf(who, { unitId: 1, typeId: 5 });
      const visitor = visitorOf(portal);
      const button = new RegExp(`Stop everything from ${brands}`);
      const stopped = await visitor.press(await visitor.open(`${preferences}?lang=en`), button);
      expect(stopped.text).toContain(text);
      const asked = await visitor.press(stopped, /Save/, { 'type-5': 'on' });
      expect(asked.text).toContain('waiting for your confirmation');
      expect(asked.text).not.toContain(text);
    },
  );
});

it('a language chosen on the page is stored with the save, and not before', async () => {
  const who = await newcomer(portal, 'polyglot@example.com', [trailNotes]);
  const { preferences } = await portal.linksOf(who);
  const visitor = visitorOf(portal, { language: 'en' });
  const page = await visitor.open(`${preferences}?lang=de`);
  expect((await portal.subscriberOf(who)).locale).toBeNull();
  await visitor.press(page, /speichern/i, { 'type-2': 'on' });
  expect((await portal.subscriberOf(who)).locale).toBe('de');
  expect((await visitor.open(preferences)).html).toContain('<html lang="de"');
  const odd = await visitor.open(`${preferences}?lang=tlh`);
  await visitor.press(odd, /speichern/i, { 'type-3': 'on' });
  expect((await portal.subscriberOf(who)).locale).toBe('de');
});
