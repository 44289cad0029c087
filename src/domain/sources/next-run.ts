/** When a source runs next. */
import type { Source } from '../../models/source.js';

const minuteMs = 60_000;
const day = 1440;

/**
 * The first moment after `now` that the schedule names. Where clocks skip it, the moment after the gap.
 * @param zone IANA name
 */
export function nextRun({ every, at }: Source['schedule'], now: Date, zone: string): Date {
  const [hours = 0, minutes = 0] = at.split(':').map(Number);
  const [wanted, period] = every === 'DAILY' ? [hours * 60 + minutes, day] : [minutes, 60];
  const ahead = modulo(wanted - minutesIn(now, zone), period) || period;
  const next = Math.floor(now.getTime() / minuteMs) * minuteMs + ahead * minuteMs;
  // Between now and then, clocks may change.
  const off = modulo(wanted - minutesIn(new Date(next), zone) + period / 2, period) - period / 2;
  const moved = next + off * minuteMs;
  return new Date(moved > now.getTime() ? moved : moved + period * minuteMs);
}

/** Minutes since midnight by the clocks of the zone. */
function minutesIn(at: Date, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  });
  const [hours = 0, minutes = 0] = format.format(at).split(':').map(Number);
  return hours * 60 + minutes;
}

const modulo = (value: number, by: number) => ((value % by) + by) % by;
