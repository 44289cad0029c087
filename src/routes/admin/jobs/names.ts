/** The person who requested a job, with the name of that time. */
import type { Deps } from '../../../deps.js';
import { staffRef } from '../../../vocabulary/access.js';
import { doerInWords, findDoers } from '../../../domain/staff/names.js';
import type { Job } from '../../../models/job.js';

/** @returns the names by job id, with one read for all of them */
export async function namesOf(
  deps: Pick<Deps, 'models'>,
  jobs: readonly Pick<Job, '_id' | 'requestedBy' | 'at'>[],
): Promise<ReadonlyMap<string, string>> {
  const refOf = (id: string | null) => (id === null || id.startsWith('key:') ? id : staffRef({ id }));
  const doerOf = await findDoers(
    deps,
    jobs.map(({ requestedBy }) => refOf(requestedBy)),
  );
  return new Map(
    jobs.map(({ _id, requestedBy, at }) => {
      const doer = doerOf(refOf(requestedBy), at);
      if (doer) return [_id, doerInWords(doer)];
      return [_id, requestedBy === null ? 'The portal' : 'A deleted account'];
    }),
  );
}
