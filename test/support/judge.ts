/** Asks the rules one question in memory, and returns the result: the status, the code of a refusal, or that nothing changed. */
import { applyChange, emptyState } from '../../src/domain/consent/apply.js';
import { catalogueOf } from '../../src/domain/consent/catalogue.js';
import { effectiveStatus } from '../../src/domain/consent/effective.js';
import { partyOf } from '../../src/domain/consent/actors.js';
import type { RuleContext } from '../../src/domain/consent/rule-context.js';
import { decide } from '../../src/domain/consent/decide.js';
import type { Verdict } from '../../src/domain/consent/rule-context.js';
import type {
  Actor,
  ActorKind,
  Catalogue,
  Circumstances,
  ConsentState,
  OptOutSet,
  Party,
  Standing,
  SubscriptionStatus,
  SubscriptionType,
  Wish,
} from '../../src/vocabulary/terms.js';
import { trailNotes, types, units } from './people.js';

export const yesterday = new Date('2026-03-01T12:00:00Z');
export const now = new Date('2026-03-02T12:00:00Z');

/** One actor for each row of the table. */
export const actors = {
  freshContact: { kind: 'CONTACT', isLinkFresh: true },
  /** Through a link that staff copied. */
  copiedContact: { kind: 'CONTACT', isLinkFresh: true, by: 'user:1' },
  expiredContact: { kind: 'CONTACT', isLinkFresh: false },
  oneClick: { kind: 'ONE_CLICK' },
  staff: { kind: 'STAFF', isBulk: false, ref: 'user:1', scope: null },
  bulkStaff: { kind: 'STAFF', isBulk: true, ref: 'user:1', scope: null },
  importer: { kind: 'IMPORT', ref: 'import:1' },
  /** A row of an import of contacts. */
  contactImporter: { kind: 'IMPORT', ref: 'import:2:7', source: 'import:2', mayOptIn: true },
  workflow: { kind: 'WORKFLOW', ref: 'run:1' },
  apiV3: { kind: 'API', version: 3, ref: 'key:1', scope: null },
  apiV4: { kind: 'API', version: 4, ref: 'key:1', scope: null },
  system: { kind: 'SYSTEM' },
} as const satisfies Record<string, Actor>;

export const given = { legalBasis: 'CONSENT_WITH_NOTICE', explanation: 'Said yes at the counter.' } as const;

/** The world, in the given privacy mode; `hasDoubleOptIn` for every unit. */
export function worldWith(options: { isPrivacyMode?: boolean; hasDoubleOptIn?: boolean } = {}): Catalogue {
  const { isPrivacyMode = false, hasDoubleOptIn } = options;
  return catalogueOf(
    units.map((unit) => ({ ...unit, hasDoubleOptIn: hasDoubleOptIn ?? unit.hasDoubleOptIn })),
    [...types],
    isPrivacyMode,
  );
}

export const by = (kind: ActorKind, at = yesterday): Standing => ({ at, by: kind, seq: 1 });

/** A state with an opt-out at one level. */
export function optedOut(
  kind: ActorKind,
  level: 'OWN' | 'BRAND' | 'PORTAL',
  type = trailNotes,
  at = yesterday,
): ConsentState {
  const state = emptyState();
  const set = setBy(by(kind, at));
  if (level === 'OWN') return { ...state, optOuts: { ...state.optOuts, types: { [type.id]: set } } };
  if (level === 'BRAND') return { ...state, optOuts: { ...state.optOuts, units: { [type.unitId]: set } } };
  return { ...state, optOuts: { ...state.optOuts, portal: set } };
}

/** A set with one entry, by this actor. */
export function setBy(standing: Standing): OptOutSet {
  return [{ ...standing, party: partyOf({ kind: standing.by }, standing.isMachine) }];
}

/** The part of a state that gives a type this status of its own. */
export function ownState(
  { id }: Pick<SubscriptionType, 'id'>,
  status: SubscriptionStatus,
  standing = by('CONTACT'),
): Pick<ConsentState, 'subscriptions' | 'optOuts'> {
  const { subscriptions, optOuts } = emptyState();
  if (status === 'UNSUBSCRIBED')
    return { subscriptions, optOuts: { ...optOuts, types: { [id]: setBy(standing) } } };
  return { subscriptions: status === 'SUBSCRIBED' ? { [id]: standing } : {}, optOuts };
}

export interface Question {
  state?: ConsentState;
  actor: Actor;
  wish: Wish;
  catalogue?: Catalogue;
  why?: Circumstances;
  at?: Date;
  context?: Partial<RuleContext>;
}

export interface Judged {
  verdict: Verdict;
  state: ConsentState;
  /** The code of a refusal, `NO_CHANGE`, `PENDING`, or `CHANGED`. */
  answer: string;
}

/** Decides, and applies the decision. */
export function judge({
  state = emptyState(),
  actor,
  wish,
  catalogue,
  why,
  at = now,
  context,
}: Question): Judged {
  const verdict = decide(state, wish, actor, {
    catalogue: catalogue ?? worldWith(),
    channel: 'EMAIL',
    now: at,
    circumstances: why ?? {},
    hasAddress: true,
    newPendingId: () => 'pending-1',
    pendingLifetimeMs: 48 * 3_600_000,
    ...context,
  });
  if (verdict.kind === 'REFUSED') return { verdict, state, answer: verdict.code };
  if (verdict.kind === 'NO_CHANGE') return { verdict, state, answer: 'NO_CHANGE' };
  let seq = 1;
  let after = state;
  for (const change of verdict.changes) {
    seq += 1;
    after = applyChange(after, change, {
      at,
      by: actor.kind,
      seq,
      ...(actor.ref ? { ref: actor.ref } : {}),
      ...(why?.isMachine ? { isMachine: true } : {}),
    });
  }
  const isPending = verdict.changes.some(({ op }) => op === 'PENDING');
  return { verdict, state: after, answer: isPending ? 'PENDING' : 'CHANGED' };
}

/** Acts in sequence, each on the state after the one before. */
export function story(...questions: Omit<Question, 'state'>[]): ConsentState {
  return questions.reduce((state, question) => judge({ ...question, state }).state, emptyState());
}

/** The parties of a set's opt-outs. */
export const partiesOf = (set: OptOutSet | null | undefined): Party[] =>
  (set ?? []).map(({ party }) => party);

export const statusOf = (state: ConsentState, type = trailNotes) => effectiveStatus(state, type).status;
