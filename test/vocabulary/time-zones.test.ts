/** Calendar days in time zones, also on the days on which clocks change. */
import { expect, it } from 'vitest';
import { isTimeZone, spanOfDay, timeZones } from '../../src/vocabulary/time-zones.js';
import { dayOf, momentOf } from '../../src/vocabulary/words.js';

it.each([
  ['UTC', '2026-11-28', '2026-11-28T00:00:00Z', 24],
  ['Europe/Oslo', '2026-11-28', '2026-11-27T23:00:00Z', 24],
  ['Europe/Oslo', '2026-03-29', '2026-03-28T23:00:00Z', 23],
  ['Europe/Oslo', '2026-10-25', '2026-10-24T22:00:00Z', 25],
  ['America/New_York', '2026-11-28', '2026-11-28T05:00:00Z', 24],
  ['Asia/Kolkata', '2026-11-28', '2026-11-27T18:30:00Z', 24],
  // Clocks change at midnight: the first has no midnight, the second has two.
  ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00:00Z', 23],
  ['America/Havana', '2026-03-08', '2026-03-08T05:00:00Z', 23],
  ['America/Havana', '2026-11-01', '2026-11-01T04:00:00Z', 25],
])('in %s the day %s begins at %s and has %i hours', (zone, day, from, hours) => {
  const span = spanOfDay(day, zone);
  expect(span?.from).toEqual(new Date(from));
  expect(((span?.until.getTime() ?? 0) - (span?.from.getTime() ?? 0)) / 3_600_000).toBe(hours);
});

it('accepts only dates of the calendar', () => {
  for (const day of ['', '2026-02-30', '2026-13-01', '2026-1-1', '28 Nov 2026', '2026-11-28T00:00'])
    expect(spanOfDay(day, 'Europe/Oslo')).toBeNull();
});

it('offers only time zones in which dates can be written', () => {
  expect(timeZones()).toContain('Europe/Oslo');
  for (const zone of timeZones()) expect(isTimeZone(zone)).toBe(true);
  for (const zone of ['', 'Oslo', 'Europe/Atlantis']) expect(isTimeZone(zone)).toBe(false);
});

it('writes days and moments in the time zone, and names the zone with each time', () => {
  const at = new Date('2026-11-28T23:30:00Z');
  expect([dayOf(at, 'UTC'), dayOf(at, 'Europe/Oslo')]).toEqual(['28 Nov 2026', '29 Nov 2026']);
  expect(momentOf(at, 'UTC')).toBe('28 Nov 2026, 23:30\u00a0UTC');
  expect(momentOf(at, 'Asia/Kolkata')).toBe('29 Nov 2026, 05:00\u00a0GMT+5:30');
});
