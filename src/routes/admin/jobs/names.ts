/** Who asked for a job: the person, as it was called then. */
import type { Deps } from '../../../deps.js';
import { staffRef } from '../../../vocabulary/access.js';
import { doerInWords, findDoers } from '../../../domain/staff/names.js';
import type { Job } from '../../../models/job.js';

/** @returns by job id; one read for all of them */
export async function namesOf(
  deps: Pick<Deps, 'models'>,
  jobs: readonly Pick<Job, '_id' | 'requestedBy' | 'at'>[],
): Promise<ReadonlyMap<string, string>> {
  const refOf = (id: string | null) => (id === null ? null : staffRef({ id }));
  const doerOf = await findDoers(
    deps,
    jobs.map(({ requestedBy }) => refOf(requestedBy)),
  );
  return new Map(
    jobs.map(({ _id, requestedBy, at }) => {
      const doer = doerOf(refOf(requestedBy), at);
      if (doer) return [_id, doerInWords(doer)];
      return [_id, requestedBy === null ? 'The portal itself' : 'Somebody who is no longer there'];
    }),
  );
}
