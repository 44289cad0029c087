/** The envelope of HubSpot's answers with several results. */
import type { Deps } from '../../../deps.js';

/**
 * A completed action. @param errors of its parts, for the answers that have a place for them
 */
export function complete(
  { clock }: Pick<Deps, 'clock'>,
  startedAt: Date,
  results: readonly object[],
  errors?: readonly object[],
): object {
  return {
    ...{ status: 'COMPLETE', results, requestedAt: startedAt, startedAt, completedAt: clock(), links: null },
    ...(errors ? { numErrors: errors.length, errors } : {}),
  };
}
