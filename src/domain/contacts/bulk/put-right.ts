/** The input of a job that corrects all automated opt-outs that are listed. */
import { z } from 'zod';
import { severalLines } from '../../../clean-text.js';
import { legalBases } from '../../../vocabulary/terms.js';
import { longestExplanation } from './bulk-edit.js';

/** The input of a `PUT_RIGHT` job. What it is about is the list within its scope, as it was when the job was asked for. */
export const putRightSchema = z.object({
  legalBasis: z.enum(legalBases).nullable(),
  explanation: z.string().overwrite(severalLines).min(1).max(longestExplanation),
});
