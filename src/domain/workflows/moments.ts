/** Moments by the clocks of a time zone: ends of waits, and the time window of actions. */
import { addDays, dayIn } from '../../vocabulary/time-zones.js';
import type { ActionWindow } from './plan.js';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds that the clocks of a zone are ahead of UTC. */
function aheadOf(at: number, timeZone: string): number {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', {
      ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
      ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
    });
  formats.set(timeZone, format);
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  const shown = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return shown - Math.floor(at / 1000) * 1000;
}

/**
 * The moment at which the clocks of a zone show this time. Of two such moments, the first. If clocks skip the time, the first moment after the gap.
 * @param time `02:30`
 */
export function momentAt(day: string, time: string, zone: string): Date {
  const shown = Date.parse(`${day}T${time}:00Z`);
  const offsets = [aheadOf(shown - dayMs, zone), aheadOf(shown + dayMs, zone)];
  const candidates = offsets.map((ahead) => shown - ahead).sort((a, b) => a - b);
  const fitting = candidates.find((at) => at + aheadOf(at, zone) === shown);
  if (fitting !== undefined) return new Date(fitting);
  // The clocks skip this time: they are put forward between the two candidates.
  let [low = 0, high = 0] = candidates;
  const before = aheadOf(low, zone);
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (middle <= low) break;
    if (aheadOf(middle, zone) === before) low = middle;
    else high = middle;
  }
  return new Date(high);
}

/** The time that the clocks of a zone show: `08:05`. */
function timeIn(at: Date, zone: string): string {
  return new Date(at.getTime() + aheadOf(at.getTime(), zone)).toISOString().slice(11, 16);
}

/** The same time of day some days later, by the clocks of a zone. Seconds are kept. */
export function daysLater(at: Date, days: number, zone: string): Date {
  const seconds = at.getTime() % minuteMs;
  const later = momentAt(addDays(dayIn(at, zone), days), timeIn(at, zone), zone);
  return new Date(later.getTime() + seconds);
}

/** Day of the week: 1 is Monday, 7 is Sunday. */
function weekdayOf(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
}

/** The first moment after `now` on one of these days of the week, at this time. */
export function nextWeekday(now: Date, wish: { days: readonly number[]; at: string }, zone: string): Date {
  const today = dayIn(now, zone);
  for (let ahead = 0; ahead <= 8; ahead++) {
    const day = addDays(today, ahead);
    const moment = momentAt(day, wish.at, zone);
    if (wish.days.includes(weekdayOf(day)) && moment > now) return moment;
  }
  return momentAt(addDays(today, 7), wish.at, zone);
}

/** When an action may run: `now` itself within the window, or the moment at which the window opens next. A window may go past midnight. */
export function openingOf(now: Date, { days, from, to, zone }: ActionWindow): Date {
  const today = dayIn(now, zone);
  for (const ahead of [-1, 0]) {
    const day = addDays(today, ahead);
    const end = momentAt(to > from ? day : addDays(day, 1), to, zone);
    if (days.includes(weekdayOf(day)) && momentAt(day, from, zone) <= now && now < end) return now;
  }
  return nextWeekday(now, { days, at: from }, zone);
}
