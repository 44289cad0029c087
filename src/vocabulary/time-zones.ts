/** Time zones of the IANA database, by name, and the calendar days in them. */

/** Names for a choice, UTC first. */
export function timeZones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];
}

export function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }) !== null;
  } catch {
    return false;
  }
}

/** When a calendar day begins and when the next one begins. */
export interface DaySpan {
  from: Date;
  until: Date;
}

/**
 * @param day `2026-11-24`
 * @param zone IANA name
 * @returns the span of the day, of 23 to 25 hours where clocks change; null for text that is not a date
 */
export function spanOfDay(day: string, zone: string): DaySpan | null {
  const noon = new Date(`${day}T12:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(noon.getTime()) || !noon.toISOString().startsWith(day))
    return null;
  const next = new Date(noon.getTime() + dayMs).toISOString().slice(0, 10);
  return { from: startOf(day, zone), until: startOf(next, zone) };
}

const dayMs = 86_400_000;

/** The first instant of a day. Where clocks change at midnight, only one of the two offsets may give an instant within the day. */
function startOf(day: string, zone: string): Date {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const written = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
  const candidates = [midnight - dayMs, midnight + dayMs]
    .map((near) => midnight - offsetAt(near, zone))
    .sort((one, other) => one - other);
  const first = candidates.find((at) => written.format(at) === day);
  return new Date(first ?? candidates[0] ?? midnight);
}

/** How far the clocks of a zone are ahead of UTC, in ms. */
function offsetAt(instant: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    timeZoneName: 'longOffset',
  }).formatToParts(instant);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours = '0', minutes = '0', seconds = '0'] =
    /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(name) ?? [];
  const ahead = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -ahead : ahead;
}
