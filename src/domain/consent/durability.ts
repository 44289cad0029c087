/** What a failing database means: before a write nothing was saved; in the middle of one, nobody knows. */
import { DomainError } from '../../errors.js';
import { isDatabaseFault } from '../../models/database-fault.js';

/** Milliseconds that somebody waits at most for the truth. A write has time for the majority to answer (`connect`: wtimeoutMS). */
const patienceMs = { reading: 5000, writing: 8000 };

/** Runs what comes before the write. Any failure of the database, and its silence, means that nothing was saved. */
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
 * Runs the write itself. Every failure leaves its outcome unknown: the driver repeats a write whose answer was lost, and where no server
 * can be found for the repeat it names that fault alone, though the first may have been kept.
 */
export async function writing<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await within(patienceMs.writing, act);
  } catch (error) {
    if (error instanceof DomainError || !isAway(error)) throw error;
    throw new DomainError(
      'OUTCOME_UNKNOWN',
      'The database went away in the middle; take it that nothing was saved, and try again.',
      { cause: error },
    );
  }
}

class Silence extends Error {}

/**
 * The driver has a limit for each of its steps, and repeats, but none for the whole (its `timeoutMS` does nothing in version 7). What is
 * given up here ends by those limits.
 */
async function within<T>(ms: number, act: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Silence(`the database said nothing for ${ms} ms`)), ms);
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
