/** Opt-outs that a machine made, put right for many subscribers whose contacts say so: the input of the job, and its wishes. */
import { z } from 'zod';
import { isInScope } from '../../../scope.js';
import type { Scope } from '../../../scope.js';
import { machineOptOutsOf, undoMachineOptOut } from '../../consent/machine-opt-outs.js';
import { legalBases } from '../../consent/terms.js';
import type { Catalogue, ConsentEvent, ConsentState, Wish } from '../../consent/terms.js';
import { longestExplanation } from './bulk-edit.js';
import type { BulkFault } from './bulk-edit.js';

/** The input of a `PUT_RIGHT` job. */
export const putRightSchema = z.strictObject({
  subscriberIds: z.array(z.string().min(1).max(40)).min(1).max(5000),
  legalBasis: z.enum(legalBases).nullable(),
  explanation: z.string().trim().min(1).max(longestExplanation),
});
export type PutRight = z.infer<typeof putRightSchema>;

/** Reads what a form asks for. @returns the input of the job, or everything that is wrong with it */
export function readPutRight(
  asked: unknown,
  { catalogue }: { catalogue: Pick<Catalogue, 'isPrivacyMode'> },
): { putRight: PutRight } | { faults: BulkFault[] } {
  const parsed = putRightSchema.safeParse(asked);
  if (!parsed.success) {
    return {
      faults: parsed.error.issues.map(({ path }) => {
        const field = String(path[0] ?? 'subscriberIds');
        return { field, message: sentences[field] ?? 'Choose one of the values in the list.' };
      }),
    };
  }
  if (catalogue.isPrivacyMode && !parsed.data.legalBasis)
    return { faults: [{ field: 'legalBasis', message: 'Choose the legal basis for communicating again.' }] };
  return { putRight: parsed.data };
}

const sentences: Readonly<Record<string, string>> = {
  subscriberIds: 'Choose at least one opt-out, and at most 5,000.',
  explanation: `Say how the contacts told you, in at most ${longestExplanation} characters.`,
};

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
