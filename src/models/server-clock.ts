/** Moments by the server's clock: those of two machines may differ by more than a lease is long. */
import type { Connection } from 'mongoose';
import { DomainError } from '../errors.js';

/**
 * Reads the server's clock once (`hello`, which is in the Stable API).
 * @returns the server's present, as this process's clock carries it on; it lags by the way of one answer and is never ahead
 * @throws the database's faults
 */
export async function readServerClock({ db }: Pick<Connection, 'db'>): Promise<() => Date> {
  if (!db) throw new DomainError('DATABASE_AWAY');
  const { localTime }: { localTime?: unknown } = await db.command({ hello: 1 });
  if (!(localTime instanceof Date)) throw new TypeError('the database does not tell its time');
  const aheadMs = localTime.getTime() - Date.now();
  return () => new Date(Date.now() + aheadMs);
}

/** A moment from now. @param ms how long from now, in milliseconds */
export const afterNow = (ms: number) => ({
  $dateAdd: { startDate: '$$NOW', unit: 'millisecond', amount: ms },
});
