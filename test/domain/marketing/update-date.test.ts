/** The moment of the monthly update in six time zones, two of them south of the equator. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastUpdate, nextUpdate, updateOf } from '../../../src/domain/marketing/update-date.js';

const zones = [
  ...['UTC', 'Europe/Oslo', 'America/St_Johns', 'Asia/Kathmandu'],
  ...['Australia/Sydney', 'America/Santiago'],
];

/** What a clock on the wall shows at a moment. */
function onTheWall(at: Date, timeZone: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return format.format(at);
}

describe.each(zones)('in %s', (zone) => {
  it('each month has its update at the beginning of its day, the last day in short months', () => {
    for (const day of [1, 15, 28, 29, 30, 31])
      for (let count = 0; count < 26; count++) {
        const month = new Date(Date.UTC(2027, count, 1)).toISOString().slice(0, 7);
        const { at } = updateOf(month, day, zone);
        const last = new Date(Date.UTC(2027, count + 1, 0)).getUTCDate();
        const wanted = `${month}-${String(Math.min(day, last)).padStart(2, '0')}`;
        expect(onTheWall(at, zone).slice(0, 10)).toBe(wanted);
        expect(onTheWall(new Date(at.getTime() - 1000), zone).slice(0, 10) < wanted).toBe(true);
      }
  });

  it('of two moments that follow each other, updates are never missed and never come twice', () => {
    const moment = fc.integer({ min: Date.UTC(2027, 0, 1), max: Date.UTC(2029, 0, 1) });
    fc.assert(
      fc.property(moment, fc.integer({ min: 1, max: 31 }), (ms, day) => {
        const now = new Date(ms);
        const last = lastUpdate(now, day, zone);
        const next = nextUpdate(now, day, zone, last.month);
        expect(last.at <= now && now < next.at).toBe(true);
        expect(lastUpdate(new Date(next.at.getTime() - 1), day, zone)).toEqual(last);
        expect(lastUpdate(next.at, day, zone)).toEqual(next);
        expect(next.at.getTime() - last.at.getTime()).toBeLessThan(33 * 86_400_000);
      }),
      { numRuns: 200 },
    );
  });
});

it('begins after midnight where the clocks skip it', () => {
  // In Santiago, 5 September 2027 begins at 01:00.
  expect(onTheWall(updateOf('2027-09', 5, 'America/Santiago').at, 'America/Santiago')).toBe(
    '2027-09-05 01:00:00',
  );
});

it('a changed day of the month updates no month twice', () => {
  const now = new Date('2026-11-10T12:00:00Z');
  expect(nextUpdate(now, 20, 'UTC', '2026-11').month).toBe('2026-12');
  expect(nextUpdate(now, 20, 'UTC', '2026-10').month).toBe('2026-11');
});
