/** The predicate, sift on the compiled query, and the database agree on random filters and contacts. */
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import sift from 'sift';
import { describe, expect, it } from 'vitest';
import { catalogueOf } from '../../../src/domain/consent/catalogue.js';
import { facetsOf, standingsOf } from '../../../src/domain/contacts/facets.js';
import { keysOf, wordsOf } from '../../../src/domain/contacts/words.js';
import { compileFilter } from '../../../src/domain/filters/compile.js';
import type { CompiledFilter } from '../../../src/domain/filters/compile.js';
import type { FilterContext, FilterList } from '../../../src/domain/filters/condition-kind.js';
import { allOf, filterSchema, noFilter } from '../../../src/domain/filters/filter.js';
import type { Condition } from '../../../src/domain/filters/filter.js';
import { positiveOf } from '../../../src/domain/filters/operators.js';
import { fieldsOf, predicateOf } from '../../../src/domain/filters/predicate.js';
import type { Contact } from '../../../src/models/contact.js';
import type { Scope } from '../../../src/vocabulary/scope.js';
import { channels } from '../../../src/vocabulary/terms.js';
import { openContactRoom } from '../../support/contact-room.js';
import { conditionsOn, everySubject } from '../../support/every-condition.js';
import { by, optedOut } from '../../support/judge.js';
import { guestSurvey, trailNotes, types, units } from '../../support/people.js';
import type { PropertyDefinition } from '../../../src/vocabulary/properties.js';
import { runs } from '../../support/soak.js';

const properties: PropertyDefinition[] = [
  { name: 'Age', kind: 'NUMBER', choices: [] },
  { name: 'Birthday', kind: 'DATE', choices: [] },
  { name: 'VIP', kind: 'YES_NO', choices: [] },
  { name: 'Plan', kind: 'CHOICE', choices: ['Free', 'Pro plus'] },
];
const catalogue = catalogueOf([...units], [...types], false, { properties });
/** Two static lists, and active lists of two groups, of other lists, of one unit, and without a filter. */
const condition = (on: string, is: Condition['is'], ...values: string[]): Condition => ({
  on,
  of: '',
  is,
  values,
});
const lists = new Map<string, FilterList>(
  [
    { id: 's1', name: 'Readers', unitIds: null, filter: null },
    { id: 's2', name: 'Guests', unitIds: [1], filter: null },
    {
      ...{ id: 'a1', name: 'Norwegian, or with a phone', unitIds: null },
      filter: {
        any: [
          { all: [condition('language', 'IS', 'nb')] },
          { all: [condition('has-address', 'IS', 'SMS'), condition('source', 'IS_NOT', 'API')] },
        ],
      },
    },
    {
      ...{ id: 'a2', name: 'Of lists', unitIds: null },
      filter: allOf([condition('list', 'IS_ANY_OF', 's1', 'a1'), condition('list', 'IS_NOT', 's2')]),
    },
    { id: 'a3', name: 'Of one unit', unitIds: [1], filter: allOf([condition('name', 'IS_KNOWN')]) },
    { id: 'a4', name: 'Without a filter', unitIds: null, filter: noFilter },
  ].map((list) => [list.id, list]),
);
const contextFor = (scope: Scope, timeZone: string): FilterContext => ({
  ...{ catalogue: { ...catalogue, timeZone }, scope, lists },
  now: new Date('2026-03-01T23:30:00Z'),
});

/** Contacts that differ in everything a filter can compare, and sometimes lack it. */
const moment = fc
  .constantFrom(
    ...['2026-03-01T22:59:59.999Z', '2026-03-01T23:00:00Z', '2026-02-28T00:00:00Z', '2025-01-01T12:00:00Z'],
  )
  .map((text) => new Date(text));
const anyContact = fc
  .record({
    firstName: fc.constantFrom('', 'Åse', 'Ann', 'a.b+c', '😀', '\ue000x'),
    lastName: fc.constantFrom('', 'B', 'Oslo', '(x)'),
    email: fc.constantFrom(null, 'ann@example.com', 'bo+x@oslo.example'),
    phone: fc.constantFrom(null, '+4790000001', '+4612345690'),
    locale: fc.constantFrom(null, 'nb', 'de'),
    processingBasis: fc.constantFrom(null, 'CONSENT_WITH_NOTICE' as const, 'NON_GDPR' as const),
    unitIds: fc.constantFrom<number[]>([0], [1], [0, 1]),
    source: fc.constantFrom('STAFF' as const, 'API' as const),
    city: fc.constantFrom('', 'Oslo', '  os ', 'A.B+C', 'Straße', '\ue000'),
    age: fc.constantFrom('', '12', '-3.5', '0', '999999', 'old'),
    birthday: fc.constantFrom('', '1990-12-31', '2026-03-01', 'in May'),
    vip: fc.constantFrom('', 'yes', 'no'),
    plan: fc.constantFrom('', 'Free', 'Pro plus', 'gone'),
    email0: fc.constantFrom('NONE', 'FRESH', 'IN', 'OUT', 'BRAND', 'PORTAL', 'BOUNCED'),
    sms: fc.constantFrom('NONE', 'IN', 'PORTAL'),
    createdAt: moment,
    updatedAt: moment,
    isMarketing: fc.boolean(),
    leavesMarketingSince: fc.constantFrom(null, new Date('2026-02-01T00:00:00Z')),
    listIds: fc.constantFrom<string[] | undefined>(undefined, [], ['s1'], ['s2'], ['s2', 's1']),
  })
  .map(({ city, age, birthday, vip, plan, email0, sms, listIds, ...contact }): Contact => {
    const named: Record<string, string> = { City: city, Age: age, Birthday: birthday, VIP: vip, Plan: plan };
    const kept = {
      ...contact,
      ...(listIds ? { listIds } : {}),
      properties: Object.fromEntries(Object.entries(named).filter(([, value]) => value !== '')),
    };
    const decisions = {
      EMAIL: stateOf(email0, trailNotes.id),
      SMS: stateOf(sms, guestSurvey.id),
      WHATSAPP: null,
    };
    return {
      _id: '',
      ...kept,
      ...{
        subscribers: { EMAIL: null, SMS: null, WHATSAPP: null },
        createdBy: 'user:1',
        version: 1,
        projection: 1,
      },
      ...keysOf({ ...kept, _id: '' }),
      words: wordsOf(kept),
      facets: facetsOf(kept, decisions, catalogue),
      standings: standingsOf(decisions),
    };
  });

function stateOf(what: string, typeId: number) {
  const nothing = { subscriptions: {}, optOuts: { portal: null, units: {}, types: {} }, undeliverable: null };
  if (what === 'NONE') return null;
  const [early, late] = [new Date('2026-02-28T23:30:00Z'), new Date('2026-03-01T10:30:00Z')];
  const subscriptions = { [typeId]: by('IMPORT', early) };
  if (what === 'IN') return { ...nothing, subscriptions };
  // An opt-out decides over an older subscription, and one of all over that of the type.
  if (what === 'OUT')
    return { ...nothing, subscriptions, optOuts: optedOut('CONTACT', 'OWN', trailNotes, late).optOuts };
  if (what === 'BRAND' || what === 'PORTAL')
    return { ...nothing, subscriptions, optOuts: optedOut('STAFF', what, trailNotes, late).optOuts };
  if (what === 'BOUNCED')
    return { ...nothing, undeliverable: { ...by('SYSTEM'), reason: 'HARD_BOUNCE' as const } };
  return nothing;
}

const names = ['City', ...properties.map(({ name }) => name)];
const zones = ['UTC', 'Europe/Oslo', 'Pacific/Auckland', 'America/St_Johns'];
const anyScope = fc.constantFrom<Scope>(null, [0], [1], [0, 1], []);
const anyFilter = (context: FilterContext) => {
  const condition = fc
    .constantFrom(
      ...everySubject(context, names)
        .map(conditionsOn)
        .filter(({ length }) => length > 0),
    )
    .chain((all) => fc.constantFrom(...all));
  const group = fc.record({ all: fc.array(condition, { minLength: 1, maxLength: 3 }) });
  return fc.record({ any: fc.array(group, { maxLength: 3 }) });
};

const room = await openContactRoom();
const crowd = fc
  .sample(anyContact, { numRuns: 200, seed: 7 })
  .map((contact, at) => ({ ...contact, _id: `c${at}` }));
await room.models.contacts.collection.insertMany(crowd as never[]);

/** A third evaluation of the query, by a library. */
const bySift = ({ query }: CompiledFilter): ((contact: Contact) => boolean) => sift.default<object>(query);

const idsOf = (contacts: readonly { _id: unknown }[]) => contacts.map(({ _id }) => String(_id)).sort();

describe('a filter finds the same contacts', () => {
  it('in memory, with sift and in the database, for random filters', async () => {
    const asked = fc
      .record({ scope: anyScope, timeZone: fc.constantFrom(...zones) })
      .chain(({ scope, timeZone }) => {
        const context = contextFor(scope, timeZone);
        return fc.record({ context: fc.constant(context), filter: anyFilter(context) });
      });
    let found = 0;
    await fc.assert(
      fc.asyncProperty(asked, async ({ context, filter }) => {
        expect(filterSchema.parse(filter)).toEqual(filter);
        const compiled = compileFilter(filter, context);
        const inMemory = idsOf(crowd.filter(predicateOf(filter, context)));
        expect(compiled ? idsOf(crowd.filter(bySift(compiled))) : []).toEqual(inMemory);
        // Jobs read the contacts of one range, and choose among them.
        for (const query of compiled?.ranges ?? []) {
          const within = crowd.filter(bySift({ query, ranges: [], mustScan: false }));
          expect(idsOf(within)).toEqual(expect.arrayContaining(inMemory));
        }
        const inDatabase = compiled
          ? await room.models.contacts.collection.find(compiled.query, { projection: { _id: 1 } }).toArray()
          : [];
        expect(idsOf(inDatabase)).toEqual(inMemory);
        found += inMemory.length;
      }),
      runs(150),
    );
    // The contacts are chosen so that filters find some of them and not others.
    expect(found).toBeGreaterThan(150);
  });

  it('for each single condition, and its negation finds all others', async () => {
    const context = contextFor(null, 'UTC');
    const matched = new Set<string>();
    for (const subject of everySubject(context, names)) {
      // The driver ends connections of a process that computes for seconds.
      await setImmediate();
      for (const condition of conditionsOn(subject)) {
        const filter = { any: [{ all: [condition] }] };
        const compiled = compileFilter(filter, context);
        expect(compiled, JSON.stringify(condition)).not.toBeNull();
        const inMemory = idsOf(crowd.filter(predicateOf(filter, context)));
        expect(compiled ? idsOf(crowd.filter(bySift(compiled))) : [], JSON.stringify(condition)).toEqual(
          inMemory,
        );
        const read = new Set<string>(['_id', ...fieldsOf(filter, context)]);
        const asRead = crowd.map((contact) =>
          Object.fromEntries(Object.entries(contact).filter(([field]) => read.has(field))),
        ) as unknown as Contact[];
        expect(idsOf(asRead.filter(predicateOf(filter, context)))).toEqual(inMemory);
        const { operator, isNegative } = positiveOf(condition.is);
        const positive = { any: [{ all: [{ ...condition, is: operator }] }] };
        const found = crowd.filter(predicateOf(positive, context)).length;
        expect(inMemory).toHaveLength(isNegative ? crowd.length - found : found);
        if (inMemory.length > 0 && inMemory.length < crowd.length) matched.add(condition.on);
      }
    }
    expect([...matched].sort()).toEqual(
      [...new Set(everySubject(context, names).map(({ on }) => on))].sort(),
    );
  });

  it('and a channel without an address has no facet to find', () => {
    for (const channel of channels)
      expect(crowd.some(({ facets }) => facets.includes(channel))).toBe(channel !== 'WHATSAPP');
  });
});
