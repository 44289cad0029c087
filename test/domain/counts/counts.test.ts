/** The counts of the dashboard: which event counts as what, each feed entry once, and reports whose sums agree. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Change, ConsentEvent } from '../../../src/vocabulary/terms.js';
import { countsOf, countsOfReason } from '../../../src/domain/counts/counts-of.js';
import { longest, reportOf, stepsOf } from '../../../src/domain/counts/report.js';
import { buckets } from '../../../src/models/change.js';
import { addTo, countFurther, countId, findDayCounts, mostCampaigns } from '../../../src/models/day-count.js';
import type { Count, CountedEntry, DayCount } from '../../../src/models/day-count.js';
import { addDays } from '../../../src/vocabulary/time-zones.js';
import { openTestDatabase } from '../../support/connection.js';

const at = new Date('2026-03-02T23:30:00.000Z');
const optIn: Change = { op: 'STATUS', unitId: 0, typeId: 1, from: 'NOT_SPECIFIED', to: 'SUBSCRIBED' };
const optOut: Change = { op: 'STATUS', unitId: 0, typeId: 1, from: 'SUBSCRIBED', to: 'UNSUBSCRIBED' };
const all: Change = { op: 'OPT_OUT_OF_ALL', unitId: 1, typeId: null, from: false, to: true };

function eventOf(change: Change, more: Partial<ConsentEvent> = {}): ConsentEvent {
  return {
    ...{ seq: 1, at, channel: 'EMAIL', actor: { kind: 'CONTACT' }, change, detail: null },
    ...{ detailHash: '', previous: '', hash: '' },
    ...more,
  };
}

/** Documents as the database holds them after these counts. */
function documentsOf(counts: readonly Count[]): DayCount[] {
  const all = new Map<string, DayCount>();
  for (const count of counts) {
    const _id = countId(count);
    const known = all.get(_id) ?? { _id, unitId: count.unitId, n: {} };
    addTo(known.n, [count]);
    all.set(_id, known);
  }
  return [...all.values()];
}

describe('an event is counted', () => {
  it.each([
    ['an opt-in', optIn, ['OPT_IN:1:CONTACT']],
    ['an opt-out', optOut, ['OPT_OUT:1:CONTACT']],
    ['an opt-out of all', all, ['OPT_OUT::CONTACT']],
    ['a bounce', { op: 'UNDELIVERABLE', unitId: null, typeId: null, reason: 'HARD_BOUNCE' }, ['BOUNCE']],
    ['a complaint', { op: 'UNDELIVERABLE', unitId: null, typeId: null, reason: 'COMPLAINT' }, ['COMPLAINT']],
    ['lifting an opt-out of all: nothing', { ...all, from: true, to: false }, []],
    ['what an opt-in keeps of an opt-out of all: nothing', { ...optOut, isRemainder: true }, []],
    ['a pause: nothing', { op: 'SNOOZE', unitId: 0, typeId: 1, from: null, to: at }, []],
    ['a status reset to not specified: nothing', { ...optIn, to: 'NOT_SPECIFIED' }, []],
  ] as [string, Change, string[]][])('by what it did: %s', (_what, change, keys) => {
    expect(countsOf(eventOf(change), 'UTC').map(({ key }) => key)).toEqual(keys);
  });

  it('by source and campaign, and as machine-made where it was', () => {
    const event = eventOf(optOut, { actor: { kind: 'ONE_CLICK' }, campaign: 'spring', isMachine: true });
    expect(countsOf(event, 'UTC')).toEqual(
      ['OPT_OUT:1:ONE_CLICK', 'MACHINE', 'CAMPAIGN:OUT:spring'].map((key) => ({
        ...{ span: 'd:2026-03-02', unitId: 0, key, n: 1 },
      })),
    );
  });

  it.each([
    ['UTC', 'd:2026-03-02'],
    ['Europe/Oslo', 'd:2026-03-03'],
    ['Pacific/Honolulu', 'd:2026-03-02'],
  ])('on the day of the event in the account’s time zone: %s', (zone, span) => {
    expect(countsOf(eventOf(optIn), zone).map((count) => count.span)).toEqual([span]);
  });

  it('once, if it was carried over from another spelling of the address', () => {
    expect(countsOf(eventOf(optIn, { carriedFrom: 'another' }), 'UTC')).toEqual([]);
  });
});

it('a second reason for the same opt-out replaces the first, on the day of the first', () => {
  const reason = { seq: 2, at, unitId: 0, reason: 'OTHER', was: 'TOO_MANY' };
  expect(countsOfReason(reason, 'UTC')).toMatchObject([
    { span: 'd:2026-03-02', key: 'REASON:OTHER', n: 1 },
    { span: 'd:2026-03-02', key: 'REASON:TOO_MANY', n: -1 },
  ]);
});

describe('counts kept in the database', async () => {
  const { models } = await openTestDatabase();
  beforeEach(() => models.dayCounts.deleteMany({}));
  const day = { from: '2026-03-02', to: '2026-03-02' };
  const kept = async (unitIds: readonly number[] | null = null) =>
    (await findDayCounts(models.dayCounts, { ...day, unitIds })).map(({ _id, n }) => [_id, n]);
  /** Entries of the feed, numbered from one. */
  const entriesOf = (events: ConsentEvent[]): CountedEntry[] =>
    events.flatMap((event, index) => countsOf(event, 'UTC').map((count) => ({ number: index + 1, count })));

  it('count each feed entry once, however often and in whatever batches it arrives', async () => {
    const entries = entriesOf([optIn, optOut, optIn, optOut, all].map((change) => eventOf(change)));
    await countFurther(models.dayCounts, 0, entries.slice(0, 2));
    await countFurther(models.dayCounts, 0, entries.slice(1, 4));
    await countFurther(models.dayCounts, 0, entries);
    expect(await kept()).toEqual([
      ['d:2026-03-02:0', { 'OPT_IN:1:CONTACT': 2, 'OPT_OUT:1:CONTACT': 2 }],
      ['d:2026-03-02:1', { 'OPT_OUT::CONTACT': 1 }],
    ]);
  });

  it('are right when several processes handle the same entries of every bucket at once', async () => {
    const entries = entriesOf(Array.from({ length: 20 }, (_, at) => eventOf(at % 2 ? optOut : optIn)));
    await Promise.all(
      buckets.flatMap((bucket) =>
        [5, 12, 20].map((cut) => countFurther(models.dayCounts, bucket, entries.slice(0, cut))),
      ),
    );
    await Promise.all(buckets.map((bucket) => countFurther(models.dayCounts, bucket, entries)));
    expect(await kept()).toEqual([['d:2026-03-02:0', { 'OPT_IN:1:CONTACT': 40, 'OPT_OUT:1:CONTACT': 40 }]]);
  });

  it('of other units are not read', async () => {
    await countFurther(models.dayCounts, 0, entriesOf([eventOf(optIn), eventOf(all)]));
    expect((await kept([1])).map(([id]) => id)).toEqual(['d:2026-03-02:1']);
    expect(await kept([])).toEqual([]);
    expect(await kept(null)).toHaveLength(2);
  });

  it('name a limited number of campaigns a day, and count the others together', async () => {
    const events = Array.from({ length: mostCampaigns + 50 }, (_, at) =>
      eventOf(at % 2 ? optOut : optIn, { campaign: `mail.${at}` }),
    );
    await countFurther(models.dayCounts, 0, entriesOf(events.slice(0, 120)));
    await countFurther(models.dayCounts, 0, entriesOf(events));
    const [count] = await findDayCounts(models.dayCounts, { ...day, unitIds: null });
    const { byCampaign } = reportOf({ days: count ? [count] : [], months: [], ...day, only: null });
    expect(byCampaign).toHaveLength(mostCampaigns + 1);
    expect(byCampaign[0]).toMatchObject({ key: '', optIns: 25, optOuts: 25 });
    expect(byCampaign.find(({ key }) => key === 'mail.7')).toMatchObject({ optIns: 0, optOuts: 1 });
  });
});

it('the sums of a report agree in every direction, and nothing outside the range counts', () => {
  const change = fc.constantFrom(
    optIn,
    optOut,
    all,
    { ...optIn, typeId: 2 },
    { ...optOut, unitId: 1, typeId: 5 },
  );
  const kind = fc.constantFrom('CONTACT', 'ONE_CLICK', 'API', 'STAFF') as fc.Arbitrary<'CONTACT' | 'API'>;
  const event = fc
    .tuple(change, kind, fc.integer({ min: 0, max: 80 }))
    .map(([one, by, ago]) =>
      eventOf(one, { actor: { kind: by }, at: new Date(at.getTime() - ago * 86_400_000) }),
    );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), fc.integer({ min: 0, max: 70 }), (events, length) => {
      const range = { from: addDays('2026-03-02', -length), to: '2026-03-02' };
      const days = documentsOf(events.flatMap((one) => countsOf(one, 'UTC')));
      const report = reportOf({ days, months: [], ...range, only: null });
      const within = events.filter((one) => one.at.toISOString().slice(0, 10) >= range.from);
      const sum = (rows: { optIns: number; optOuts: number }[]) => [
        rows.reduce((total, { optIns }) => total + optIns, 0),
        rows.reduce((total, { optOuts }) => total + optOuts, 0),
      ];
      const ins = within.filter(({ change: one }) => one.op === 'STATUS' && one.to === 'SUBSCRIBED').length;
      for (const rows of [report.steps, report.byUnit, report.byType, report.bySource, [report]])
        expect(sum(rows)).toEqual([ins, within.length - ins]);
      const only = reportOf({ days, months: [], ...range, only: { what: 'source', key: 'API' } });
      expect(sum(only.steps)).toEqual(sum(report.bySource.filter(({ key }) => key === 'API')));
    }),
  );
});

it('the steps of a range are its days, or weeks from Monday, without a gap', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3000 }),
      fc.integer({ min: 0, max: longest - 1 }),
      (first, length) => {
        const from = addDays('2020-01-01', first);
        const to = addDays(from, length);
        const steps = stepsOf(from, to);
        expect([steps[0]?.from, steps.at(-1)?.to]).toEqual([from, to]);
        for (const [at, step] of steps.entries()) {
          expect(step.from <= step.to).toBe(true);
          const next = steps[at + 1];
          if (!next) continue;
          expect(next.from).toBe(addDays(step.to, 1));
          if (length > 50) expect(new Date(`${next.from}T00:00:00Z`).getUTCDay()).toBe(1);
        }
        expect(steps.length).toBeLessThanOrEqual(54);
      },
    ),
  );
});
