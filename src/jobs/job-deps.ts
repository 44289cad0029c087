/** Dependencies of the kinds of jobs, and the actor of a job. */
import type { Config } from '../config.js';
import type { SubscriberIds } from '../domain/consent/address.js';
import type { ConsentDeps, Outcome } from '../domain/consent/change.js';
import type { Actor, Catalogue } from '../vocabulary/terms.js';
import { staffRef } from '../vocabulary/access.js';
import type { RowOutcome } from '../models/job-chunk.js';
import type { Models } from '../models/index.js';
import type { Job } from '../models/job.js';

export interface JobDeps extends ConsentDeps {
  /** For the URLs and the credentials of scheduled sources. */
  config: Pick<Config, 'subscriberIdKey' | 'privateSources'>;
  models: Models;
  subscriberIds: SubscriberIds;
  /** The catalogue as the database has it now. */
  rereadCatalogue: () => Promise<Catalogue>;
}

/**
 * The job as the actor of its changes. It never overrides an opt-out that is newer than the request for the job: its preview did not show it. A job of an
 * API key acts as the API, for which an opt-out is final (decision 0824).
 */
export function actorOf(job: Job): Extract<Actor, { kind: 'STAFF' | 'API' }> {
  const { requestedBy } = job;
  if (requestedBy?.startsWith('key:'))
    return { kind: 'API', version: 3, ref: jobRef(job._id), by: requestedBy, scope: job.scope };
  const by = requestedBy === null ? {} : { by: staffRef({ id: requestedBy }) };
  return { kind: 'STAFF', isBulk: true, ref: jobRef(job._id), ...by, scope: job.scope, decidedAt: job.at };
}

/** How events name a job. */
export function jobRef(jobId: string): string {
  return `job:${jobId}`;
}

/** An outcome as a row keeps it. */
export function rowOutcomeOf(outcome: Outcome): RowOutcome {
  return outcome.result === 'REFUSED' ? outcome.code : outcome.result;
}
