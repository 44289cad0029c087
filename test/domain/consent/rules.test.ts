/** The table "Who may change what", written again from the specification and compared with `decide` cell by cell. */
import { describe, expect, it } from 'vitest';
import { emptyState } from '../../../src/domain/consent/apply.js';
import type { RefusalCode } from '../../../src/vocabulary/refusal-codes.js';
import type { Actor, ActorKind, Circumstances, Wish } from '../../../src/vocabulary/terms.js';
import { actors, given, judge, optedOut, ownState, statusOf, worldWith } from '../../support/judge.js';
import { northwind, trailNotes } from '../../support/people.js';

type Row = keyof typeof actors;
type Level = 'OWN' | 'BRAND' | 'PORTAL';

/** Everything a cell may depend on. */
interface Case {
  isPrivacyMode: boolean;
  hasDoubleOptIn: boolean;
  hasBasis: boolean;
  hasExplanation: boolean;
}

interface OptedOutCase extends Case {
  who: ActorKind;
  level: Level;
}

/** The expected outcome: one answer, or several possible codes where more than one reason applies. */
type Expected = 'CHANGED' | 'PENDING' | RefusalCode[];

const booleans = [false, true];
const levels: Level[] = ['OWN', 'BRAND', 'PORTAL'];
const whoOptsOut: ActorKind[] = ['CONTACT', 'ONE_CLICK', 'STAFF', 'IMPORT', 'WORKFLOW', 'API'];
const rows = Object.keys(actors) as Row[];

const cases: Case[] = booleans.flatMap((isPrivacyMode) =>
  booleans.flatMap((hasDoubleOptIn) =>
    booleans.flatMap((hasBasis) =>
      booleans.map((hasExplanation) => ({ isPrivacyMode, hasDoubleOptIn, hasBasis, hasExplanation })),
    ),
  ),
);
const optedOutCases: OptedOutCase[] = cases.flatMap((one) =>
  whoOptsOut.flatMap((who) => levels.map((level) => ({ ...one, who, level }))),
);

const isTheContact = (who: ActorKind) => who === 'CONTACT' || who === 'ONE_CLICK';
const orAllowed = (codes: RefusalCode[]): Expected => (codes.length > 0 ? codes : 'CHANGED');
const need = (isNeeded: boolean, code: RefusalCode): RefusalCode[] => (isNeeded ? [code] : []);

/** "with explanation; with basis in privacy mode" */
const explained = (c: Case): RefusalCode[] => [
  ...need(!c.hasExplanation, 'EXPLANATION_REQUIRED'),
  ...need(c.isPrivacyMode && !c.hasBasis, 'LEGAL_BASIS_REQUIRED'),
];
/** "with basis and explanation" */
const basisAndExplanation = (c: Case): RefusalCode[] => [
  ...need(!c.hasBasis, 'LEGAL_BASIS_REQUIRED'),
  ...need(!c.hasExplanation, 'EXPLANATION_REQUIRED'),
];
const inPrivacyMode = (c: Case) => (c.isPrivacyMode ? basisAndExplanation(c) : []);
const confirmed = (c: Case): Expected => (c.hasDoubleOptIn ? 'PENDING' : 'CHANGED');
/** "only one that staff set" */
const onlyOfStaff = (c: OptedOutCase) => need(c.level !== 'OWN' && c.who !== 'STAFF', 'NOT_SET_BY_STAFF');

const optInFromNotSpecified: Record<Row, (c: Case) => Expected> = {
  freshContact: confirmed,
  copiedContact: confirmed,
  expiredContact: () => ['LINK_EXPIRED'],
  oneClick: () => ['NOT_ALLOWED'],
  staff: (c) => orAllowed(explained(c)),
  bulkStaff: (c) => orAllowed(explained(c)),
  importer: () => ['NOT_ALLOWED'],
  contactImporter: (c) => orAllowed(basisAndExplanation(c)),
  workflow: (c) => orAllowed(inPrivacyMode(c)),
  apiV3: (c) => orAllowed(inPrivacyMode(c)),
  apiV4: (c) => orAllowed(inPrivacyMode(c)),
  system: () => ['NOT_ALLOWED'],
};

const optInAfterOptOut: Record<Row, (c: OptedOutCase) => Expected> = {
  freshContact: confirmed,
  // The contact's own opt-out ends only after the contact confirms by mail.
  copiedContact: (c) => (isTheContact(c.who) ? 'PENDING' : confirmed(c)),
  expiredContact: () => ['LINK_EXPIRED'],
  oneClick: () => ['NOT_ALLOWED'],
  staff: (c) => orAllowed([...explained(c), ...onlyOfStaff(c)]),
  bulkStaff: (c) =>
    orAllowed([
      ...need(isTheContact(c.who), 'PREVIOUSLY_OPTED_OUT'),
      ...need(c.level !== 'OWN', 'OPTED_OUT_OF_ALL'),
      ...explained(c),
    ]),
  importer: () => ['PREVIOUSLY_OPTED_OUT'],
  contactImporter: () => ['PREVIOUSLY_OPTED_OUT'],
  workflow: () => ['PREVIOUSLY_OPTED_OUT'],
  apiV3: () => ['PREVIOUSLY_OPTED_OUT'],
  // The API may not lift an opt-out of all, so it never opts in under one.
  apiV4: (c) =>
    orAllowed([
      ...need(isTheContact(c.who) || c.level !== 'OWN', 'PREVIOUSLY_OPTED_OUT'),
      ...basisAndExplanation(c),
    ]),
  system: () => ['NOT_ALLOWED'],
};

const mayOptOut = (row: Row) => row !== 'system';
const isStaff = (row: Row) => row === 'staff' || row === 'bulkStaff';

/** "yes" for staff; in bulk never if the contact opted out; one by one the contact's own needs reasons. */
function setBackAfter(row: Row, c: OptedOutCase): Expected {
  if (!isStaff(row)) return ['NOT_ALLOWED'];
  if (!isTheContact(c.who)) return 'CHANGED';
  return row === 'bulkStaff' ? ['PREVIOUSLY_OPTED_OUT'] : orAllowed(explained(c));
}

function why(c: Case): Circumstances {
  return {
    ...(c.hasBasis ? { legalBasis: given.legalBasis } : {}),
    // Blanks alone are not an explanation.
    explanation: c.hasExplanation ? given.explanation : '  ',
  };
}

function hold(answer: string, expected: Expected, about: unknown): void {
  const allowed = Array.isArray(expected) ? expected : [expected];
  expect(allowed, JSON.stringify(about)).toContain(answer);
}

describe.each(rows)('the actor %s', (row) => {
  const actor: Actor = actors[row];
  const optIn: Wish = { kind: 'OPT_IN', typeId: trailNotes.id };

  it.each([
    ['a type', { kind: 'OPT_OUT', typeId: trailNotes.id }],
    ['all of a unit', { kind: 'OPT_OUT_OF_ALL', unitId: northwind.id }],
    ['all of the account', { kind: 'OPT_OUT_OF_ALL', unitId: null }],
  ] as [string, Wish][])(`opts out of %s: ${mayOptOut(row) ? 'yes' : 'no'}`, (_, wish) => {
    for (const c of cases) {
      const { answer, state } = judge({ actor, wish, catalogue: worldWith(c), why: why(c) });
      hold(answer, mayOptOut(row) ? 'CHANGED' : ['NOT_ALLOWED'], c);
      expect(statusOf(state)).toBe(mayOptOut(row) ? 'UNSUBSCRIBED' : 'NOT_SPECIFIED');
    }
  });

  it('opts in from NOT_SPECIFIED as the table says', () => {
    for (const c of cases) {
      const { answer, state } = judge({ actor, wish: optIn, catalogue: worldWith(c), why: why(c) });
      hold(answer, optInFromNotSpecified[row](c), c);
      expect(statusOf(state)).toBe(answer === 'CHANGED' ? 'SUBSCRIBED' : 'NOT_SPECIFIED');
    }
  });

  it('opts in after an opt-out as the table says, for every party and at every level', () => {
    for (const c of optedOutCases) {
      const before = optedOut(c.who, c.level);
      const { answer, state } = judge({
        state: before,
        actor,
        wish: optIn,
        catalogue: worldWith(c),
        why: why(c),
      });
      hold(answer, optInAfterOptOut[row](c), c);
      expect(statusOf(state)).toBe(answer === 'CHANGED' ? 'SUBSCRIBED' : 'UNSUBSCRIBED');
      if (answer !== 'CHANGED' && answer !== 'PENDING') expect(state).toEqual(before);
    }
  });

  it('sets back to NOT_SPECIFIED as the table says', () => {
    const wish: Wish = { kind: 'SET_NOT_SPECIFIED', typeId: trailNotes.id };
    for (const c of optedOutCases.filter(({ level }) => level === 'OWN')) {
      const { answer, state } = judge({
        state: optedOut(c.who, 'OWN'),
        actor,
        wish,
        catalogue: worldWith(c),
        why: why(c),
      });
      hold(answer, setBackAfter(row, c), c);
      expect(statusOf(state)).toBe(answer === 'CHANGED' ? 'NOT_SPECIFIED' : 'UNSUBSCRIBED');
    }
    const subscribed = { ...emptyState(), ...ownState(trailNotes, 'SUBSCRIBED') };
    hold(judge({ state: subscribed, actor, wish }).answer, isStaff(row) ? 'CHANGED' : ['NOT_ALLOWED'], row);
  });

  it('lifts an opt-out of all as the table says', () => {
    for (const who of whoOptsOut) {
      for (const [level, unitId] of [
        ['BRAND', northwind.id],
        ['PORTAL', null],
      ] as const) {
        const wish: Wish = { kind: 'LIFT_OPT_OUT_OF_ALL', unitId };
        const { answer, state } = judge({ state: optedOut(who, level), actor, wish });
        const ofStaff: Expected = who === 'STAFF' ? 'CHANGED' : ['NOT_SET_BY_STAFF'];
        hold(answer, isStaff(row) ? ofStaff : ['NOT_ALLOWED', 'LINK_EXPIRED'], { who, level });
        expect(statusOf(state)).toBe(answer === 'CHANGED' ? 'NOT_SPECIFIED' : 'UNSUBSCRIBED');
      }
    }
  });
});

describe('a link that staff copied', () => {
  const optIn: Wish = { kind: 'OPT_IN', typeId: trailNotes.id };
  const catalogue = worldWith({ hasDoubleOptIn: false });

  it('needs a confirmation also after an automated opt-out in the contact’s name', () => {
    const automated = judge({
      actor: actors.oneClick,
      wish: { kind: 'OPT_OUT', typeId: trailNotes.id },
      why: { isMachine: true },
    }).state;
    expect(judge({ state: automated, actor: actors.copiedContact, wish: optIn, catalogue }).answer).toBe(
      'PENDING',
    );
  });

  it.each(['NO_ADDRESS', 'UNDELIVERABLE', 'TOO_MANY_CONFIRMATIONS'] as const)(
    'is refused where a confirmation cannot be mailed: %s',
    (unconfirmable) => {
      for (const level of levels) {
        const ask = { actor: actors.copiedContact, wish: optIn, catalogue, context: { unconfirmable } };
        expect(judge({ ...ask, state: optedOut('CONTACT', level) }).answer).toBe(unconfirmable);
        expect(judge({ ...ask, state: optedOut('STAFF', level) }).answer).toBe('CHANGED');
      }
    },
  );

  it('counts as expired once it has expired', () => {
    const actor: Actor = { ...actors.copiedContact, isLinkFresh: false };
    expect(judge({ state: optedOut('CONTACT', 'OWN'), actor, wish: optIn, catalogue }).answer).toBe(
      'LINK_EXPIRED',
    );
  });
});

describe('bounces and complaints', () => {
  it.each(rows)('are recorded only by the system: %s', (row) => {
    const wish: Wish = { kind: 'MARK_UNDELIVERABLE', reason: 'HARD_BOUNCE' };
    const { answer, state } = judge({ actor: actors[row], wish });
    expect(answer).toBe(row === 'system' ? 'CHANGED' : 'NOT_ALLOWED');
    // A bounce is not an opt-out.
    expect(statusOf(state)).toBe('NOT_SPECIFIED');
  });
});
