/**
 * Link scanners: following every link changes nothing; submitting every form never opts anyone in, and is marked. In the gate each person is in one
 * privacy mode, `npm run soak` tries both.
 */
import { describe, expect, it } from 'vitest';
import { changeConsent } from '../../../src/domain/consent/change.js';
import { effectiveStatus, isShownOn } from '../../../src/domain/consent/effective.js';
import { readHistory } from '../../../src/domain/consent/history.js';
import type { History } from '../../../src/domain/consent/history.js';
import type { Wish } from '../../../src/vocabulary/terms.js';
import { openTestPortal } from '../../support/app.js';
import { dumpOf } from '../../support/dump.js';
import { alice, bob, charlie, fjell, trailNotes, types, weekendLetters } from '../../support/people.js';
import { followLinks, submitEverything } from '../../support/scanner.js';
import { isTried } from '../../support/soak.js';
import { visitorOf } from '../../support/visitor.js';

const modes = [
  { mode: 'on', isPrivacyMode: true },
  { mode: 'off', isPrivacyMode: false },
];

/** The history of a new contact: the wishes made before the scanner comes. */
const pasts: { name: string; wishes: Wish[] }[] = [
  { name: 'was unknown before', wishes: [] },
  {
    name: 'stopped everything',
    wishes: [
      { kind: 'OPT_IN', typeId: trailNotes.id },
      { kind: 'OPT_OUT_OF_ALL', unitId: null },
    ],
  },
  {
    name: 'paused a type and has a pending wish',
    wishes: [
      { kind: 'OPT_IN', typeId: trailNotes.id },
      { kind: 'SNOOZE', typeId: trailNotes.id, days: 60 },
      { kind: 'OPT_IN', typeId: weekendLetters.id },
    ],
  },
];

describe.each(modes)('a scanner in privacy mode $mode', async ({ mode, isPrivacyMode }) => {
  const own = <T>(cases: readonly T[]) => cases.filter((_, at) => isTried(2, at, Number(isPrivacyMode)));
  const portal = await openTestPortal({
    // However slow this machine is, the scanner is faster than a person.
    isStill: true,
    alter: ({ settings }) => settings.updateOne({ _id: 'account' }, { $set: { value: { isPrivacyMode } } }),
  });
  expect((await portal.deps.catalogue()).isPrivacyMode).toBe(isPrivacyMode);

  /** All that a mail carries, and more: every link of either unit, and a confirmation for each pending wish. */
  async function linksOf(address: string): Promise<string[]> {
    const own = await portal.linksOf({ address });
    const hotel = await portal.linksOf(
      { address },
      { unitId: fjell.id, typeId: weekendLetters.id, campaign: 'may' },
    );
    const [waiting] = (await portal.subscriberOf({ address })).pending;
    const claims = {
      subscriberId: own.subscriberId,
      unitId: fjell.id,
      epoch: 0,
      pendingId: waiting?.id ?? 'none',
    };
    const confirm = await portal.deps.tokens.mint('confirm', claims, portal.deps.clock());
    const all = [own, hotel].flatMap((links) => [
      links.preferences,
      links.unsubscribe,
      links.unsubscribeAll,
      links.oneClick,
    ]);
    // The confirmation comes first, as in its mail: an opt-out would make it void.
    return [`/c/${confirm}`, ...new Set(all)];
  }

  async function historyOf(address: string): Promise<History> {
    const { subscriberId } = await portal.linksOf({ address });
    const history = await readHistory(portal.deps.models, subscriberId);
    if (!history) throw new Error('nobody knows this subscriber');
    return history;
  }

  async function scan(address: string): Promise<{ before: History; after: History }> {
    const links = await linksOf(address);
    const before = await historyOf(address);
    const { submitted, answers } = await submitEverything(portal, links);
    // The scan visited many pages, ended by itself, and caused no fault.
    expect(submitted.length).toBeGreaterThan(15);
    expect(submitted.length).toBeLessThan(400);
    const pressedUndo = submitted.filter((one) => one.includes('undo=') && one.includes('asked=1'));
    const hadSomething = types.some(
      (type) => !type.isInternal && isShownOn(before.subscriber, type, { isPrivacyMode }),
    );
    expect(pressedUndo.length > 0).toBe(hadSomething);
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    return { before, after: await historyOf(address) };
  }

  function expectNobodyLetIn(before: History, after: History): void {
    for (const type of types) {
      const [was, is] = [before, after].map(({ subscriber }) => effectiveStatus(subscriber, type).status);
      if (is === 'SUBSCRIBED') expect(was, type.name).toBe('SUBSCRIBED');
      if (was === 'UNSUBSCRIBED') expect(is, type.name).toBe('UNSUBSCRIBED');
      const paused = before.subscriber.snoozes[type.id];
      if (paused && is !== 'UNSUBSCRIBED') expect(after.subscriber.snoozes[type.id]).toEqual(paused);
    }
    const { optOuts, erasedAt, epoch, pending, address } = after.subscriber;
    for (const id of Object.keys(before.subscriber.optOuts.units)) expect(optOuts.units[id]).toBeDefined();
    if (before.subscriber.optOuts.portal) expect(optOuts.portal).not.toBeNull();
    expect(pending.filter(({ confirmedAt }) => confirmedAt)).toEqual(
      before.subscriber.pending.filter(({ confirmedAt }) => confirmedAt),
    );
    expect([erasedAt, epoch, address]).toEqual([null, 0, before.subscriber.address]);
  }

  function expectMarked(before: History, after: History): void {
    const made = after.events.slice(before.events.length);
    for (const { change, isMachine } of made) {
      expect(isMachine, change.op).toBe(true);
      expect(['STATUS', 'OPT_OUT_OF_ALL']).toContain(change.op);
      expect('to' in change && change.to, change.op).toBe(change.op === 'STATUS' ? 'UNSUBSCRIBED' : true);
    }
  }

  it('that follows every link, and every link behind them, in the same second, changes nothing', async () => {
    const links = (await Promise.all([alice, bob, charlie].map(({ address }) => linksOf(address)))).flat();
    const before = await dumpOf(portal.database.connection);
    const pages = await followLinks(portal, links);
    expect(pages.length).toBeGreaterThan(links.length);
    expect(await dumpOf(portal.database.connection)).toEqual(before);
  });

  const persons = own([alice, bob, charlie]);
  it.each(persons)('that submits every form never opts in $name, and is marked', async (person) => {
    const { before, after } = await scan(person.address);
    expectNobodyLetIn(before, after);
    expectMarked(before, after);
    // It did opt out: an opt-out always counts at once.
    expect(after.subscriber.optOuts.portal).toMatchObject([{ party: 'AUTOMATED' }]);
  });

  it.each(own(pasts))(
    'that submits every form never opts in a contact who $name',
    async ({ name, wishes }) => {
      const address = `${name.replaceAll(' ', '-')}@example.com`;
      const { subscriberId } = await portal.linksOf({ address });
      await changeConsent(portal.deps, {
        subscriberId,
        channel: 'EMAIL',
        actor: { kind: 'CONTACT', isLinkFresh: true, ref: 'a test' },
        wishes,
      });
      const { before, after } = await scan(address);
      expectNobodyLetIn(before, after);
      expectMarked(before, after);
    },
  );

  it('that submits every form of expired links never opts in', async () => {
    const address = `old-${mode}@example.com`;
    const { subscriberId } = await portal.linksOf({ address });
    const claims = { subscriberId, unitId: 0, typeId: trailNotes.id, epoch: 0 };
    const old = await portal.deps.tokens.mint('preferences', claims, new Date('2020-01-01'));
    const before = await historyOf(address);
    await submitEverything(portal, [`/p/${old}`]);
    const after = await historyOf(address);
    expectNobodyLetIn(before, after);
    expectMarked(before, after);
    expect(after.subscriber.optOuts.portal).not.toBeNull();
  });

  it('that arrives right after a person does not get that person’s undo', async () => {
    const address = `hasty-${mode}@example.com`;
    const { preferences } = await portal.linksOf({ address });
    const person = visitorOf(portal);
    await person.press(await person.open(preferences), /Save/, { 'type-1': 'on', 'type-2': 'on' });
    const found = await person.open(preferences);
    await person.press(found, /Save/, { 'type-1': null });
    const before = await historyOf(address);
    await submitEverything(portal, [preferences]);
    expectNobodyLetIn(before, await historyOf(address));
  });

  it('does not cause a person’s own save to be marked', async () => {
    const address = `person-${mode}@example.com`;
    const { preferences } = await portal.linksOf({ address });
    const person = visitorOf(portal);
    await person.press(await person.open(preferences), /Save/, { 'type-2': 'on' });
    await person.press(await person.open(preferences), /Save/, { 'type-1': null, 'type-2': null });
    await person.press(await person.open(preferences), /Save/, { 'type-1': 'on' });
    const { events } = await historyOf(address);
    expect(events.length).toBeGreaterThan(1);
    expect(events.filter(({ isMachine }) => isMachine)).toEqual([]);
  });
});
