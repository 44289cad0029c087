/** What became of a row of a job, in words. */
import { refusalCodes } from '../../../vocabulary/refusal-codes.js';
import type { RowOutcome, RowRefusal } from '../../../models/job-chunk.js';
import { refusalWords } from '../../../vocabulary/words.js';

const rowRefusals: Readonly<Record<RowRefusal, string>> = {
  NO_CONTACT: 'Was deleted or erased meanwhile.',
  OTHER_UNIT: 'Does not belong to the business unit in whose name it was to be sent.',
};

/** A refusal's code as a sentence. */
export function reasonWords(code: string): string {
  if (isRowRefusal(code)) return rowRefusals[code];
  const known = refusalCodes.find((one) => one === code);
  return known ? refusalWords[known] : code;
}

/** For the CSV: what became of one wish. */
export function outcomeWords(outcome: RowOutcome): string {
  switch (outcome) {
    case 'CHANGED':
      return 'Changed';
    case 'PENDING':
      return 'Waits for the contact to confirm';
    case 'NO_CHANGE':
      return 'Was so already';
    default:
      return `Refused: ${reasonWords(outcome)}`;
  }
}

function isRowRefusal(code: string): code is RowRefusal {
  return Object.hasOwn(rowRefusals, code);
}
