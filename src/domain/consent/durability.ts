/** What a database failure means: before a write, nothing was saved; during one, the outcome is unknown. */
import { DomainError, type ErrorCode } from '../../errors.js';
import { isDatabaseFault } from '../../models/database-fault.js';

/** Runs what comes before the write. If the database fails or does not answer, nothing was saved. */
export function reading<T>(act: () => Promise<T>): Promise<T> {
  return asked(act, 5000, 'DATABASE_AWAY', 'The database cannot be reached; nothing was saved.');
}

/**
 * Runs the write itself, which has time for the majority to answer (`connect`: wtimeoutMS). Every failure leaves its outcome unknown. The driver repeats
 * a write whose answer was lost. If it finds no server for the repeat, it reports only that fault, although the first write may be stored.
 */
export function writing<T>(act: () => Promise<T>): Promise<T> {
  const message = 'The database stopped answering, so this may not be saved. Try again.';
  return asked(act, 8000, 'OUTCOME_UNKNOWN', message);
}

/** @param ms how long the caller waits at most, in milliseconds */
async function asked<T>(act: () => Promise<T>, ms: number, code: ErrorCode, message: string): Promise<T> {
  try {
    return await within(ms, act);
  } catch (error) {
    if (error instanceof DomainError || !(error instanceof Silence || isDatabaseFault(error))) throw error;
    throw new DomainError(code, message, { cause: error });
  }
}

class Silence extends Error {}

/**
 * The driver limits each of its steps and repeats, but not the whole (its `timeoutMS` does nothing in version 7). An operation that is abandoned here
 * still ends by those limits.
 */
async function within<T>(ms: number, act: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Silence(`the database did not answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([act(), silence]);
  } finally {
    clearTimeout(timer);
  }
}
