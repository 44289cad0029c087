/** The words that each page showed are recorded with its act, and never another page's words. */
import { describe, expect, it } from 'vitest';
import { readHistory } from '../../../src/domain/consent/history.js';
import { openTestPortal } from '../../support/app.js';
import { newcomer } from '../../support/newcomer.js';
import { fjell, northwind, offers, trailNotes, weekendLetters } from '../../support/people.js';
import { visitorOf } from '../../support/visitor.js';

const portal = await openTestPortal();
const person = visitorOf(portal);

let count = 0;
async function somebody() {
  const who = await newcomer(portal, `reader-${++count}@example.com`, [trailNotes, offers]);
  return { ...who, ...(await portal.linksOf(who)) };
}

/** The stored words that the newest event names; undefined when it names none. */
async function wordsOfLast(subscriberId: string): Promise<unknown> {
  const history = await readHistory(portal.deps.models, subscriberId);
  const named = history?.events.at(-1)?.wording;
  if (named === undefined) return undefined;
  const kept = await portal.deps.models.wordings.findById(named).lean();
  return JSON.parse(kept?.text ?? 'null');
}

it('the proof of a double opt-in names the words of the confirmation page', async () => {
  const { subscriberId, preferences, address } = await somebody();
  await person.press(await person.open(preferences), /Save/, { [`type-${weekendLetters.id}`]: 'on' });
  const [{ id: pendingId } = { id: 'none' }] = (await portal.subscriberOf({ address })).pending;
  const claims = { subscriberId, unitId: fjell.id, epoch: 0, pendingId, locale: 'en' };
  const path = `/c/${await portal.deps.tokens.mint('confirm', claims, portal.deps.clock())}`;
  const unticked = await person.press(await person.open(path), /Confirm/);
  await person.press(unticked, /Confirm/, { sure: 'yes' });
  expect(await wordsOfLast(subscriberId)).toEqual({
    heading: 'One last step',
    sentences: ['Do you want Weekend letters from Fjell Hotels? It starts once you say yes here.'],
    forms: [{ ticks: ['Yes, send me this'], button: 'Confirm' }],
  });
});

describe('the wording of an unsubscription', () => {
  it('is that of its page in the language shown; Undo records the words of its own page', async () => {
    const { subscriberId, unsubscribe } = await somebody();
    const done = await person.press(await person.open(`${unsubscribe}?lang=de`), /Abbestellen/);
    expect(JSON.stringify(await wordsOfLast(subscriberId))).toContain('Wegnotizen');
    const asked = await person.press(done, /Rückgängig/);
    await person.press(asked, /Rückgängig/, { sure: 'yes' });
    expect(await wordsOfLast(subscriberId)).toHaveProperty('heading', 'War das ein Versehen?');
  });

  it('is missing when the form names none, or another page’s', async () => {
    for (const fields of [{}, { wording: 'A'.repeat(43) }]) {
      const { subscriberId, unsubscribe } = await somebody();
      await person.post(unsubscribe, fields);
      expect(await wordsOfLast(subscriberId)).toBeUndefined();
    }
  });
});

it('the wording of an Undo on the preference page is the notice next to it', async () => {
  const { subscriberId, preferences } = await somebody();
  const saved = await person.press(await person.open(preferences), /Save/, { 'type-1': null });
  await person.press(saved, /Undo/);
  expect(await wordsOfLast(subscriberId)).toEqual({
    heading: 'Saved.',
    sentences: ['Trail notes will no longer reach you.'],
    forms: [{ button: 'Undo' }],
  });
});

it('the wording of an erasure is what its page said', async () => {
  const { subscriberId, preferences } = await somebody();
  await person.press(await person.open(`${preferences}/data`), /Remove my data/, { sure: 'yes' });
  expect(await wordsOfLast(subscriberId)).toMatchObject({ forms: [{ ticks: ['Yes, remove my data'] }] });
});

it('the wording of an act through an expired link is what its page said', async () => {
  const { subscriberId } = await somebody();
  const claims = { subscriberId, unitId: northwind.id, typeId: trailNotes.id, epoch: 0, locale: 'en' };
  const token = await portal.deps.tokens.mint('preferences', claims, new Date(Date.now() - 181 * 86_400_000));
  await person.press(await person.open(`/p/${token}`), /Stop everything from Northwind/);
  expect(await wordsOfLast(subscriberId)).toHaveProperty('heading', 'This link has expired');
});
