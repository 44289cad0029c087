/** What a database failure means: before a write, nothing was saved; during one, the outcome is unknown. */
import { DomainError } from '../../errors.js';
import { isDatabaseFault } from '../../models/database-fault.js';

/** Milliseconds that a caller waits at most. A write has time for the majority to answer (`connect`: wtimeoutMS). */
const patienceMs = { reading: 5000, writing: 8000 };

/** Runs what comes before the write. If the database fails or does not answer, nothing was saved. */
export async function reading<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await within(patienceMs.reading, act);
  } catch (error) {
    if (error instanceof DomainError || !isAway(error)) throw error;
    throw new DomainError('DATABASE_AWAY', 'The database cannot be reached; nothing was saved.', {
      cause: error,
    });
  }
}

/**
 * Runs the write itself. Every failure leaves its outcome unknown. The driver repeats a write whose answer was lost. If it finds no server for the
 * repeat, it reports only that fault, although the first write may be stored.
 */
export async function writing<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await within(patienceMs.writing, act);
  } catch (error) {
    if (error instanceof DomainError || !isAway(error)) throw error;
    throw new DomainError(
      'OUTCOME_UNKNOWN',
      'The database stopped answering, so this may not be saved. Try again.',
      { cause: error },
    );
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

function isAway(error: unknown): boolean {
  return error instanceof Silence || isDatabaseFault(error);
}
