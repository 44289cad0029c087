/** Who asked for a job, by name: looked up when it is shown. */
import mongoose from 'mongoose';
import type { Deps } from '../../../deps.js';
import type { Job } from '../../../models/job.js';

/** @returns by job id; one read for all of them */
export async function namesOf(
  { models }: Pick<Deps, 'models'>,
  jobs: readonly Pick<Job, '_id' | 'requestedBy'>[],
): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(jobs.flatMap(({ requestedBy }) => requestedBy ?? []))];
  const users =
    ids.length === 0
      ? []
      : await models.users
          .find({ _id: mongoose.trusted({ $in: ids }) }, { name: 1 })
          .lean<{ _id: string; name: string }[]>();
  const byUser = new Map(users.map(({ _id, name }) => [_id, name]));
  return new Map(
    jobs.map(({ _id, requestedBy }) => [
      _id,
      requestedBy === null
        ? 'The portal itself'
        : (byUser.get(requestedBy) ?? 'Somebody who is no longer there'),
    ]),
  );
}
