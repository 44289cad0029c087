/** The monthly update: the first moment of the account's day of the month, in its time zone. */
import { dayIn, startOfDay } from '../../vocabulary/time-zones.js';

/** The update of one month. */
export interface MonthlyUpdate {
  /** `2026-11`: sorts, and names the update for good. */
  month: string;
  at: Date;
}

/** @param month `2026-11`. @param day 1 to 31; in shorter months, the last day */
export function updateOf(month: string, day: number, timeZone: string): MonthlyUpdate {
  const [year = 0, number = 1] = month.split('-').map(Number);
  // Day 0 of the following month is the last day of this one.
  const last = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return { month, at: startOfDay(`${month}-${String(Math.min(day, last)).padStart(2, '0')}`, timeZone) };
}

function monthAfter(month: string, count: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + count, 1)).toISOString().slice(0, 7);
}

/** The month of a moment in a time zone. */
export function monthIn(at: Date, timeZone: string): string {
  return dayIn(at, timeZone).slice(0, 7);
}

/** The newest update whose moment has come. */
export function lastUpdate(now: Date, day: number, timeZone: string): MonthlyUpdate {
  const month = monthIn(now, timeZone);
  const own = updateOf(month, day, timeZone);
  return own.at <= now ? own : updateOf(monthAfter(month, -1), day, timeZone);
}

/**
 * The next update.
 * @param done the last month that was updated. If the account changes its day or its time zone, no month is updated twice
 */
export function nextUpdate(now: Date, day: number, timeZone: string, done: string | null): MonthlyUpdate {
  const { month } = lastUpdate(now, day, timeZone);
  const next = updateOf(monthAfter(month, 1), day, timeZone);
  return done !== null && next.month <= done ? updateOf(monthAfter(done, 1), day, timeZone) : next;
}
