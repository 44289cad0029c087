/** What `offers` predicts is what `changeConsent` plans, for random histories, actors, scopes and wishes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeConsentInBulk } from '../../../src/domain/consent/change-in-bulk.js';
import { offers, previewConsent } from '../../../src/domain/consent/offers.js';
import { planOf } from '../../../src/domain/consent/plan.js';
import type { Actor, Circumstances, Wish } from '../../../src/vocabulary/terms.js';
import type { Scope } from '../../../src/vocabulary/scope.js';
import { act, actor, wish } from '../../support/consent-acts.js';
import { consentInMemory, openConsentRoom } from '../../support/consent-room.js';
import { actors, given, worldWith } from '../../support/judge.js';
import { fjell, northwind, trailNotes, weekendLetters } from '../../support/people.js';
import { runs } from '../../support/soak.js';

const room = await openConsentRoom();

const start = Date.parse('2026-03-02T12:00:00Z');
const minute = 60_000;
const codes = { legalBasis: 'LEGAL_BASIS_REQUIRED', explanation: 'EXPLANATION_REQUIRED' } as const;

const scope = fc.constantFrom<Scope[]>(null, null, [northwind.id], [fjell.id], []);
/** An actor with a scope, where its kind may have one. */
const scoped = fc
  .tuple(actor, scope)
  .map(([by, units]): Actor => ('scope' in by ? { ...by, scope: units } : by));
const corrected: fc.Arbitrary<Wish> = fc
  .record({
    unitId: fc.constantFrom(northwind.id, fjell.id, null),
    typeId: fc.constantFrom(trailNotes.id, weekendLetters.id, null),
    seq: fc.integer({ min: 1, max: 4 }),
  })
  .map((of): Wish => ({ kind: 'UNDO_MACHINE_OPT_OUT', of }));
const anyWish = fc.oneof(
  { weight: 8, arbitrary: wish },
  { weight: 2, arbitrary: corrected },
  { weight: 1, arbitrary: fc.constantFrom<Wish[]>({ kind: 'ERASE' }, { kind: 'REVOKE_LINKS' }) },
);
const acts = fc.array(fc.array(anyWish, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 });

describe('the dry run of the rules', () => {
  it('predicts the plan of every act', async () => {
    let changed = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(act, { maxLength: 8 }),
        scoped,
        acts,
        async (isPrivacyMode, history, by, offered) => {
          const catalogue = worldWith({ isPrivacyMode });
          const memory = consentInMemory();
          memory.setCatalogue(catalogue);
          const subscriberId = await memory.somebody();
          for (const [place, { actor: one, wishes, why }] of history.entries()) {
            memory.setTime(new Date(start + place * minute));
            await memory.change({ subscriberId, actor: one, wishes, circumstances: why });
          }
          const now = new Date(start + 60 * minute);
          const { subscriber } = await memory.history(subscriberId);
          for (const wishes of offered) {
            // Each act is offered and done on the same state.
            const [offer] = offers({ subscriber, catalogue, now }, by, [wishes]);
            const plan = (circumstances: Circumstances) =>
              planOf({ channel: 'EMAIL', subscriberId, actor: by, wishes, circumstances }, subscriber, {
                now,
                catalogue,
              });
            for (const reason of ['legalBasis', 'explanation'] as const) {
              const { [reason]: _, ...rest } = given;
              const lacks = plan(rest).outcomes.some((one) => 'code' in one && one.code === codes[reason]);
              expect(offer?.needs(reason), reason).toBe(lacks);
            }
            const after = offer?.after();
            const result = plan(given);
            expect(offer?.outcomes).toEqual(result.outcomes);
            // A repeated request that still waits for its confirmation has no event of its own.
            const waits = result.outcomes.some((outcome) => outcome.result === 'PENDING');
            expect(offer?.isOffered).toBe(waits || result.events.length > 0);
            const { optOuts, subscriptions } = result.next;
            expect(partiesIn(after?.optOuts)).toEqual(partiesIn(optOuts));
            expect(Object.keys(after?.subscriptions ?? {})).toEqual(Object.keys(subscriptions));
            changed += result.events.length > 0 ? 1 : 0;
          }
        },
      ),
      runs(1000, { inSoak: 20_000 }),
    );
    expect(changed).toBeGreaterThan(100);
  });

  it('predicts what changeConsentInBulk does, and what each change overrides', async () => {
    const [nothing, byStaff, out] = await Promise.all([1, 2, 3].map(() => room.somebody()));
    await room.act(byStaff ?? '', actors.staff, { kind: 'OPT_OUT', typeId: trailNotes.id });
    await room.act(out ?? '', actors.freshContact, { kind: 'OPT_OUT', typeId: trailNotes.id });
    const inputs = [nothing, byStaff, out].map((subscriberId = '') => ({
      subscriberId,
      channel: 'EMAIL' as const,
      actor: actors.bulkStaff,
      wishes: [{ kind: 'OPT_IN', typeId: trailNotes.id }] satisfies Wish[],
      circumstances: given,
    }));
    const previews = await previewConsent(room.deps, inputs);
    const results = await changeConsentInBulk(room.deps, inputs);
    expect(previews.map(({ outcomes }) => outcomes)).toEqual(results.map(({ outcomes }) => outcomes));
    expect(previews.map(({ overrides }) => overrides)).toEqual([['NOT_SPECIFIED'], ['STAFF'], [null]]);
  });

  it('reads no other type where an opt-in would lift an opt-out of all: a page asks about thousands of types', async () => {
    const id = await room.somebody();
    await room.act(id, actors.staff, { kind: 'OPT_OUT_OF_ALL', unitId: northwind.id });
    const { subscriber } = await room.history(id);
    let reads = 0;
    const { orderedTypes, ...world } = worldWith();
    const catalogue = {
      ...world,
      get orderedTypes() {
        reads += 1;
        return orderedTypes;
      },
    };
    const about = { subscriber, catalogue, now: new Date(start) };
    const [offer] = offers(about, actors.staff, [[{ kind: 'OPT_IN', typeId: trailNotes.id }]]);
    expect([offer?.isOffered, reads]).toEqual([true, 0]);
    expect(offer?.after().subscriptions[trailNotes.id]?.by).toBe('STAFF');
    expect(reads).toBeGreaterThan(0);
  });

  it('offers nothing outside the actor’s units', async () => {
    const id = await room.somebody();
    const { subscriber } = await room.history(id);
    const about = { subscriber, catalogue: worldWith(), now: new Date(start) };
    const limited: Actor = { ...actors.staff, scope: [northwind.id] };
    const [inside, outside] = offers(about, limited, [
      [{ kind: 'OPT_IN', typeId: trailNotes.id }],
      [{ kind: 'OPT_IN', typeId: weekendLetters.id }],
    ]);
    expect([inside?.isOffered, inside?.refusal]).toEqual([true, null]);
    expect([outside?.isOffered, outside?.refusal]).toEqual([false, 'UNKNOWN_TYPE']);
  });
});

/** Which party opted out of which target. */
function partiesIn(optOuts: unknown): unknown {
  return JSON.parse(
    JSON.stringify(optOuts, (key, value: unknown) =>
      ['at', 'seq', 'ref', 'legalBasis', 'explanation', 'isMachine', 'by'].includes(key) ? undefined : value,
    ),
  );
}
