/** Days of the dashboard in words. They are calendar days, so they are written without a time zone. */

const zone = { timeZone: 'UTC' } as const;
const long = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', ...zone });
const longest = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', ...zone });
const short = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', ...zone });

const dateOf = (day: string) => new Date(`${day}T00:00:00Z`);

/** "2 March" */
export function dayWords(day: string): string {
  return long.format(dateOf(day));
}

/** "2 March 2026" */
export function fullDay(day: string): string {
  return longest.format(dateOf(day));
}

/** "2 Mar" */
export function shortDay(day: string): string {
  return short.format(dateOf(day));
}

/** "1 June to 28 November 2026", "30 December 2025 to 2 January 2026", or one day. */
export function rangeWords({ from, to }: { from: string; to: string }): string {
  if (from === to) return fullDay(to);
  return `${from.slice(0, 4) === to.slice(0, 4) ? dayWords(from) : fullDay(from)} to ${fullDay(to)}`;
}
