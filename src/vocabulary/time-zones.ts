/** Time zones of the IANA database, by name, and the calendar days in them. */

/** Names for a choice, UTC first. */
export function timeZones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];
}

export function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
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
  return isDay(day) ? { from: startOfDay(day, zone), until: startOfDay(addDays(day, 1), zone) } : null;
}

/** True for a date of the calendar, written as `2026-11-24`. */
export function isDay(text: string): boolean {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
  return at !== null && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** The day a number of days later. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The day of a moment in a time zone. */
export function dayIn(at: Date, timeZone: string): string {
  // Canadian dates have the format of ISO 8601.
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  formats.set(timeZone, format);
  return format.format(at);
}

/** The first moment of a day in a time zone; where clocks skip midnight, the first moment after it. */
export function startOfDay(day: string, timeZone: string): Date {
  // No zone is further than a day from UTC, and offsets are whole quarters of an hour.
  const quarter = 900_000;
  let low = Date.parse(`${day}T00:00:00Z`) / quarter - 96;
  let high = low + 192;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (dayIn(new Date(middle * quarter), timeZone) < day) low = middle + 1;
    else high = middle;
  }
  return new Date(low * quarter);
}
