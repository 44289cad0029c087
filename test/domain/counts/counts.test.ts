/** The counts of the overview: which event counts as what, each feed entry once, and reports whose sums agree. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Change, ConsentEvent } from '../../../src/vocabulary/terms.js';
import { countsOf } from '../../../src/domain/counts/counts-of.js';
import { daysUntil, reportOf } from '../../../src/domain/counts/report.js';
import { buckets } from '../../../src/models/change.js';
import { countFurther, findCampaignCounts, findCounts } from '../../../src/models/daily-count.js';
import type { CountedEntry } from '../../../src/models/daily-count.js';
import { createModels } from '../../../src/models/index.js';
import type { Models } from '../../../src/models/index.js';
import { openTestDatabase } from '../../support/connection.js';
import type { TestDatabase } from '../../support/connection.js';

const at = new Date('2026-03-02T23:59:59.999Z');
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

describe('an event is counted', () => {
  it.each([
    ['an opt-in', optIn, ['OPT_IN']],
    ['an opt-out', optOut, ['OPT_OUT']],
    ['an opt-out of all', all, ['OPT_OUT']],
    ['a bounce', { op: 'UNDELIVERABLE', unitId: null, typeId: null, reason: 'HARD_BOUNCE' }, ['BOUNCE']],
    ['a complaint', { op: 'UNDELIVERABLE', unitId: null, typeId: null, reason: 'COMPLAINT' }, ['COMPLAINT']],
    ['lifting an opt-out of all: nothing', { ...all, from: true, to: false }, []],
    ['what an opt-in keeps of an opt-out of all: nothing', { ...optOut, isRemainder: true }, []],
    ['a pause: nothing', { op: 'SNOOZE', unitId: 0, typeId: 1, from: null, to: at }, []],
    ['a status reset to not specified: nothing', { ...optIn, to: 'NOT_SPECIFIED' }, []],
  ] as [string, Change, string[]][])('by what it did: %s', (_what, change, things) => {
    expect(countsOf(eventOf(change)).map(({ what }) => what)).toEqual(things);
  });

  it('on its UTC day, by its source, by campaign, and as machine-made where it was', () => {
    const event = eventOf(optOut, { actor: { kind: 'ONE_CLICK' }, campaign: 'spring', isMachine: true });
    expect(countsOf(event)).toMatchObject([
      { day: '2026-03-02', what: 'OPT_OUT', unitId: 0, typeId: 1, by: 'ONE_CLICK', campaign: null },
      { what: 'MACHINE' },
      { what: 'OPT_OUT', unitId: 0, typeId: null, campaign: 'spring' },
    ]);
  });
});

describe('counts kept in the database', () => {
  let database: TestDatabase;
  let models: Models;
  beforeAll(async () => {
    database = await openTestDatabase();
    models = createModels(database.connection);
  });
  beforeEach(() => models.dailyCounts.deleteMany({}));
  afterAll(() => database.close());
  const kept = () => findCounts(models.dailyCounts, '2026-03-02', '2026-03-03');
  /** Entries of the feed, numbered from one. */
  const entriesOf = (events: ConsentEvent[]): CountedEntry[] =>
    events.flatMap((event, index) => countsOf(event).map((count) => ({ number: index + 1, count })));

  it('count each feed entry once, however often and in whatever batches it arrives', async () => {
    const entries = entriesOf([optIn, optOut, optIn, optOut, all].map((change) => eventOf(change)));
    await countFurther(models.dailyCounts, 0, entries.slice(0, 2));
    await countFurther(models.dailyCounts, 0, entries.slice(1, 4));
    await countFurther(models.dailyCounts, 0, entries);
    expect((await kept()).map(({ what, unitId, n }) => [what, unitId, n]).sort()).toEqual([
      ['OPT_IN', 0, 2],
      ['OPT_OUT', 0, 2],
      ['OPT_OUT', 1, 1],
    ]);
  });

  it('are right when several processes handle the same entries of every bucket at once', async () => {
    const entries = entriesOf(Array.from({ length: 20 }, (_, at) => eventOf(at % 2 ? optOut : optIn)));
    const cuts = [5, 12, 20];
    await Promise.all(
      buckets.flatMap((bucket) =>
        cuts.map((cut) => countFurther(models.dailyCounts, bucket, entries.slice(0, cut))),
      ),
    );
    await Promise.all(buckets.map((bucket) => countFurther(models.dailyCounts, bucket, entries)));
    expect((await kept()).map(({ what, n }) => [what, n]).sort()).toEqual([
      ['OPT_IN', 40],
      ['OPT_OUT', 40],
    ]);
  });

  it('add to the counts of an older release', async () => {
    const [old] = countsOf(eventOf(optIn));
    if (old) await models.dailyCounts.create({ ...old, n: 7 });
    await countFurther(models.dailyCounts, 1, entriesOf([eventOf(optIn)]));
    expect((await kept()).map(({ n }) => n)).toEqual([8]);
  });

  it('list the largest campaigns first, for the requested units', async () => {
    const events = [
      ...[1, 2, 3].map(() => eventOf(optOut, { campaign: 'autumn' })),
      eventOf(optIn, { campaign: 'spring' }),
      eventOf(all, { campaign: 'theirs' }),
    ];
    await countFurther(models.dailyCounts, 0, entriesOf(events));
    const query = { from: '2026-03-02', until: '2026-03-03', limit: 10 };
    expect(await findCampaignCounts(models.dailyCounts, { ...query, unitIds: [0] })).toEqual([
      { campaign: 'autumn', optIns: 0, optOuts: 3 },
      { campaign: 'spring', optIns: 1, optOuts: 0 },
    ]);
    expect(await findCampaignCounts(models.dailyCounts, { ...query, unitIds: null })).toHaveLength(3);
    expect(await findCampaignCounts(models.dailyCounts, { ...query, unitIds: [] })).toEqual([]);
  });
});

it('the sums of a report agree in every direction', () => {
  const change = fc.constantFrom(
    optIn,
    optOut,
    all,
    { ...optIn, typeId: 2 },
    { ...optOut, unitId: 1, typeId: 5 },
  );
  const kind = fc.constantFrom('CONTACT', 'ONE_CLICK', 'API', 'STAFF') as fc.Arbitrary<'CONTACT' | 'API'>;
  const event = fc
    .tuple(change, kind, fc.integer({ min: 0, max: 40 }))
    .map(([one, by, ago]) =>
      eventOf(one, { actor: { kind: by }, at: new Date(at.getTime() - ago * 86_400_000) }),
    );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const days = daysUntil(at, 30);
      const { days: byDay, ...others } = reportOf(events.flatMap(countsOf), days);
      const within = events.filter((one) => days.includes(one.at.toISOString().slice(0, 10)));
      const sum = (rows: { optIns: number; optOuts: number }[]) => [
        rows.reduce((total, { optIns }) => total + optIns, 0),
        rows.reduce((total, { optOuts }) => total + optOuts, 0),
      ];
      const ins = within.filter(({ change: one }) => one.op === 'STATUS' && one.to === 'SUBSCRIBED').length;
      for (const rows of [byDay, others.byUnit, others.byType, others.bySource])
        expect(sum(rows)).toEqual([ins, within.length - ins]);
      expect(byDay).toHaveLength(30);
      expect(byDay.at(-1)?.day).toBe('2026-03-02');
    }),
  );
});
