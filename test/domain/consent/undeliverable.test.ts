/** Who marks an address as unable to receive, and who clears it: every actor. */
import { expect, it } from 'vitest';
import { decide } from '../../../src/domain/consent/decide.js';
import { emptyState } from '../../../src/domain/consent/apply.js';
import type { RuleContext } from '../../../src/domain/consent/rule-context.js';
import type { Actor, ConsentState, UndeliverableReason } from '../../../src/vocabulary/terms.js';
import { catalogueOf } from '../../../src/domain/consent/catalogue.js';
import { types, units } from '../../support/people.js';

const context: RuleContext = {
  catalogue: catalogueOf([...units], [...types], false),
  channel: 'EMAIL',
  now: new Date('2026-03-02T12:00:00Z'),
  circumstances: { explanation: 'the mailbox works again' },
  hasAddress: true,
  newPendingId: () => 'pending',
  pendingLifetimeMs: 1,
};
const marked = (reason: UndeliverableReason): ConsentState => ({
  ...emptyState(),
  undeliverable: { reason, at: context.now, by: 'SYSTEM', seq: 4 },
});
const actors: Record<string, Actor> = {
  'fresh link': { kind: 'CONTACT', isLinkFresh: true },
  'expired link': { kind: 'CONTACT', isLinkFresh: false },
  'copied link': { kind: 'CONTACT', isLinkFresh: true, by: 'user:1' },
  'one-click': { kind: 'ONE_CLICK' },
  staff: { kind: 'STAFF', isBulk: false, ref: 'user:1', scope: null },
  'limited staff': { kind: 'STAFF', isBulk: false, ref: 'user:1', scope: [0] },
  'staff in bulk': { kind: 'STAFF', isBulk: true, ref: 'user:1', scope: null },
  import: { kind: 'IMPORT', ref: 'import:1' },
  workflow: { kind: 'WORKFLOW', ref: 'workflow:1' },
  api: { kind: 'API', version: 4, ref: 'key:1', scope: null },
  system: { kind: 'SYSTEM' },
};
const verdict = (state: ConsentState, wish: Parameters<typeof decide>[1], who: string, more = context) => {
  const actor = actors[who];
  if (!actor) throw new Error(who);
  const decided = decide(state, wish, actor, more);
  return decided.kind === 'REFUSED' ? decided.code : decided.kind;
};

it.each(Object.keys(actors))('only the system marks, not %s', (who) => {
  const wish = { kind: 'MARK_UNDELIVERABLE', reason: 'HARD_BOUNCE' } as const;
  expect(verdict(emptyState(), wish, who)).toBe(who === 'system' ? 'CHANGE' : 'NOT_ALLOWED');
});

it.each(Object.keys(actors))('only staff who reach all units clear a hard bounce, one by one: %s', (who) => {
  const wish = { kind: 'CLEAR_UNDELIVERABLE' } as const;
  expect(verdict(marked('HARD_BOUNCE'), wish, who)).toBe(who === 'staff' ? 'CHANGE' : 'NOT_ALLOWED');
});

it.each(Object.keys(actors))('only the contact’s own fresh link clears a complaint: %s', (who) => {
  const expected = who === 'fresh link' ? 'CHANGE' : who === 'expired link' ? 'LINK_EXPIRED' : 'NOT_ALLOWED';
  expect(verdict(marked('COMPLAINT'), { kind: 'CLEAR_UNDELIVERABLE', seq: 4 }, who)).toBe(expected);
});

it('clearing needs an explanation, the right complaint, and something to clear', () => {
  const wish = { kind: 'CLEAR_UNDELIVERABLE' } as const;
  expect(verdict(marked('HARD_BOUNCE'), wish, 'staff', { ...context, circumstances: {} })).toBe(
    'EXPLANATION_REQUIRED',
  );
  expect(verdict(marked('COMPLAINT'), { ...wish, seq: 3 }, 'fresh link')).toBe('LINK_EXPIRED');
  expect(verdict(emptyState(), wish, 'staff')).toBe('NO_CHANGE');
  const gone = { ...marked('HARD_BOUNCE'), erasedAt: context.now };
  expect(verdict(gone, wish, 'staff', { ...context, hasAddress: false })).toBe('ERASED');
});
