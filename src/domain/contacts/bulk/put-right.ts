/** Opt-outs that a machine made, put right for all subscribers that are listed: the input of the job, and its wishes. */
import { z } from 'zod';
import { severalLines } from '../../../clean-text.js';
import { isInScope } from '../../../vocabulary/scope.js';
import type { Scope } from '../../../vocabulary/scope.js';
import { machineOptOutsOf, undoMachineOptOut } from '../../consent/machine-opt-outs.js';
import { legalBases } from '../../../vocabulary/terms.js';
import type { Catalogue, ConsentState, Wish } from '../../../vocabulary/terms.js';
import { longestExplanation } from './bulk-edit.js';

/** The input of a `PUT_RIGHT` job. What it is about is the list within its scope, as it was when the job was asked for. */
export const putRightSchema = z.object({
  legalBasis: z.enum(legalBases).nullable(),
  explanation: z.string().overwrite(severalLines).min(1).max(longestExplanation),
});

/** A wish for each automated opt-out that is in reach. */
export function wishesToPutRight(
  state: Pick<ConsentState, 'optOuts'>,
  { catalogue, scope }: { catalogue: Pick<Catalogue, 'types'>; scope: Scope },
): Wish[] {
  return machineOptOutsOf(state, catalogue)
    .filter(({ unitId }) => isInScope(scope, unitId))
    .map(undoMachineOptOut);
}
