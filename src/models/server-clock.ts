/** Times by the server's clock, since two machines' clocks may differ by more than the length of a lease. */
import type { Connection } from 'mongoose';
import { DomainError } from '../errors.js';

/**
 * Reads the server's clock once (`hello`, which is in the Stable API).
 * @returns the server's current time, continued with this process's clock; it lags by one network delay and is never ahead
 * @throws database errors
 */
export async function readServerClock({ db }: Pick<Connection, 'db'>): Promise<() => Date> {
  if (!db) throw new DomainError('DATABASE_AWAY');
  const { localTime }: { localTime?: unknown } = await db.command({ hello: 1 });
  if (!(localTime instanceof Date)) throw new TypeError('the database returned no time');
  const aheadMs = localTime.getTime() - Date.now();
  return () => new Date(Date.now() + aheadMs);
}

/** A time from now. @param ms the distance in milliseconds */
export const afterNow = (ms: number) => ({
  $dateAdd: { startDate: '$$NOW', unit: 'millisecond', amount: ms },
});
