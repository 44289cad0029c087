/** What a failing database means: before a write nothing was saved; in the middle of one, nobody knows. */
import { DomainError } from '../../errors.js';
import { isDatabaseFault } from '../../models/database-fault.js';

/** Runs what comes before the write. Any failure of the database means that nothing was saved. */
export async function reading<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    if (isDatabaseFault(error))
      throw new DomainError('DATABASE_AWAY', 'The database cannot be reached; nothing was saved.', {
        cause: error,
      });
    throw error;
  }
}

/**
 * Runs the write itself. Every failure leaves its outcome unknown: the driver repeats a write whose answer was lost, and where no server
 * can be found for the repeat it names that fault alone, though the first may have been kept.
 */
export async function writing<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof DomainError || !isDatabaseFault(error)) throw error;
    throw new DomainError(
      'OUTCOME_UNKNOWN',
      'The database went away in the middle; take it that nothing was saved, and try again.',
      { cause: error },
    );
  }
}

export function isDuplicateKey(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 11_000;
}
