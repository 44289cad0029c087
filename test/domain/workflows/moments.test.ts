/** Ends of waits and the time window, by the clocks of a time zone, also where clocks change. */
import { describe, expect, it } from 'vitest';
import { daysLater, momentAt, nextWeekday, openingOf } from '../../../src/domain/workflows/moments.js';

const iso = (at: Date) => at.toISOString().replace('.000Z', 'Z');

describe('a time of day', () => {
  it.each([
    ['Europe/Oslo', '2026-03-29', '02:30', '2026-03-29T01:00:00Z', 'skipped: the first moment after it'],
    ['Europe/Oslo', '2026-10-25', '02:30', '2026-10-25T00:30:00Z', 'twice: the first one'],
    ['America/New_York', '2026-03-08', '02:30', '2026-03-08T07:00:00Z', 'skipped'],
    ['America/New_York', '2026-11-01', '01:30', '2026-11-01T05:30:00Z', 'twice'],
    ['Australia/Sydney', '2026-10-04', '02:30', '2026-10-03T16:00:00Z', 'skipped, south of the equator'],
    ['Australia/Sydney', '2026-04-05', '02:30', '2026-04-04T15:30:00Z', 'twice, south of the equator'],
    ['Australia/Lord_Howe', '2026-10-04', '02:15', '2026-10-03T15:30:00Z', 'half an hour is skipped'],
    ['America/Santiago', '2026-09-06', '00:30', '2026-09-06T04:00:00Z', 'midnight is skipped'],
    ['Asia/Kathmandu', '2026-06-01', '09:00', '2026-06-01T03:15:00Z', 'a quarter of an hour'],
    ['UTC', '2026-06-01', '09:00', '2026-06-01T09:00:00Z', 'without changes'],
  ])('%s, %s %s is %s (%s)', (zone, day, time, expected) => {
    expect(iso(momentAt(day, time, zone))).toBe(expected);
  });
});

describe('a wait of days', () => {
  it('ends at the same time of day, although a day has 23 or 25 hours', () => {
    const at = new Date('2026-03-28T08:00:00Z');
    expect(iso(daysLater(at, 1, 'Europe/Oslo'))).toBe('2026-03-29T07:00:00Z');
    expect(iso(daysLater(new Date('2026-10-24T07:00:00Z'), 1, 'Europe/Oslo'))).toBe('2026-10-25T08:00:00Z');
  });

  it('keeps seconds', () => {
    expect(iso(daysLater(new Date('2026-06-01T08:00:17Z'), 7, 'Europe/Oslo'))).toBe('2026-06-08T08:00:17Z');
  });
});

describe('a day of the week', () => {
  it.each([
    ['2026-03-02T07:59:00Z', [1], '09:00', '2026-03-02T08:00:00Z'],
    ['2026-03-02T08:00:00Z', [1], '09:00', '2026-03-09T08:00:00Z'],
    ['2026-03-28T12:00:00Z', [7], '02:30', '2026-03-29T01:00:00Z'],
    ['2026-10-24T12:00:00Z', [7], '02:30', '2026-10-25T00:30:00Z'],
    // In the second of the doubled hours, the moment has passed.
    ['2026-10-25T01:10:00Z', [7], '02:30', '2026-11-01T01:30:00Z'],
    ['2026-03-02T12:00:00Z', [2, 4], '09:00', '2026-03-03T08:00:00Z'],
  ])('after %s, days %j at %s: %s', (now, days, at, expected) => {
    expect(iso(nextWeekday(new Date(now), { days, at }, 'Europe/Oslo'))).toBe(expected);
  });
});

describe('the time window', () => {
  const office = { days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00', zone: 'Europe/Oslo' };
  const night = { days: [5], from: '22:00', to: '02:00', zone: 'Europe/Oslo' };
  it.each([
    [office, '2026-03-02T07:00:00Z', '2026-03-02T07:00:00Z'],
    [office, '2026-03-02T06:59:00Z', '2026-03-02T07:00:00Z'],
    [office, '2026-03-02T17:00:00Z', '2026-03-03T07:00:00Z'],
    [office, '2026-03-07T10:00:00Z', '2026-03-09T07:00:00Z'],
    [night, '2026-03-06T23:30:00Z', '2026-03-06T23:30:00Z'],
    [night, '2026-03-07T01:00:00Z', '2026-03-13T21:00:00Z'],
  ])('%j, at %s: opens %s', (window, now, expected) => {
    expect(iso(openingOf(new Date(now), window))).toBe(expected);
  });
});
