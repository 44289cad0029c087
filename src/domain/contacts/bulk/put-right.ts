/** Opt-outs that a machine made, put right for many subscribers whose contacts say so: the input of the job, and its wishes. */
import { z } from 'zod';
import { severalLines } from '../../../clean-text.js';
import { isInScope } from '../../../scope.js';
import type { Scope } from '../../../scope.js';
import { machineOptOutsOf, undoMachineOptOut } from '../../consent/machine-opt-outs.js';
import { legalBases } from '../../consent/terms.js';
import type { Catalogue, ConsentEvent, ConsentState, Wish } from '../../consent/terms.js';
import { longestExplanation } from './bulk-edit.js';

/** The input of a `PUT_RIGHT` job. */
export const putRightSchema = z.strictObject({
  subscriberIds: z.array(z.string().min(1).max(40)).min(1).max(5000),
  legalBasis: z.enum(legalBases).nullable(),
  explanation: z.string().overwrite(severalLines).min(1).max(longestExplanation),
});
export type PutRight = z.infer<typeof putRightSchema>;

/** A wish for each machine-made opt-out that stands and is in reach. @param events the subscriber's, archived ones too */
export function wishesToPutRight(
  state: Pick<ConsentState, 'statuses' | 'optOuts'>,
  events: readonly ConsentEvent[],
  { catalogue, scope }: { catalogue: Pick<Catalogue, 'types'>; scope: Scope },
): Wish[] {
  return machineOptOutsOf(state, catalogue)
    .filter(({ unitId }) => isInScope(scope, unitId))
    .flatMap(({ standing }) => {
      const event = events.find(({ seq }) => seq === standing.seq);
      return event ? [undoMachineOptOut(event)] : [];
    });
}
