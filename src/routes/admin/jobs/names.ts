/** Who asked for a job, by name: looked up when it is shown. */
import type { Deps } from '../../../deps.js';
import { staffRef } from '../../../domain/staff/access.js';
import { staffNames } from '../../../domain/staff/names.js';
import type { Job } from '../../../models/job.js';

/** @returns by job id; one read for all of them */
export async function namesOf(
  deps: Pick<Deps, 'models'>,
  jobs: readonly Pick<Job, '_id' | 'requestedBy'>[],
): Promise<ReadonlyMap<string, string>> {
  const refOf = (id: string | null) => (id === null ? null : staffRef({ id }));
  const names = await staffNames(
    deps,
    jobs.map(({ requestedBy }) => refOf(requestedBy)),
  );
  return new Map(
    jobs.map(({ _id, requestedBy }) => [
      _id,
      requestedBy === null
        ? 'The portal itself'
        : (names.get(staffRef({ id: requestedBy })) ?? 'Somebody who is no longer there'),
    ]),
  );
}
