/** Errors of an import's operations that the person can correct on the page. */
import { DomainError, type ErrorCode } from '../../../errors.js';
import type { FieldFault } from '../form.js';

const ofThePage: readonly ErrorCode[] = ['INVALID_FILE', 'INVALID_FORM', 'WRONG_NUMBER', 'CONFLICT'];

/** The sentence of such an error; null if there was none. */
export async function faultOf(act: () => Promise<unknown>): Promise<FieldFault | null> {
  try {
    await act();
    return null;
  } catch (error) {
    if (error instanceof DomainError && ofThePage.includes(error.code))
      return { text: error.message, href: '' };
    throw error;
  }
}
