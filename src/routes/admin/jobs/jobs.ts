/** Jobs: the list, each job's page, its live progress, and the acts of staff. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { DomainError } from '../../../errors.js';
import { kindOf } from '../../../jobs/registry.js';
import { cancelJob, confirmJob, findJob, retryJob, type Job } from '../../../models/job.js';
import { mayRole } from '../../../vocabulary/access.js';
import { auditBy } from '../audit-by.js';
import { saying } from '../frame.js';
import { listRoute } from '../kit/list-page.js';
import { get, post, type AdminRoute, type Ask } from '../route.js';
import { jobList } from './job-list.js';
import { jobPage } from './job-page.js';
import { streamProgress } from './progress.js';
import { createProgressFeed } from './progress-feed.js';
import { sendRows } from './rows-file.js';

/** @param isStopping ends open streams, which would keep the process running */
export function jobRoutes(deps: Deps, isStopping: () => boolean): AdminRoute[] {
  const feed = createProgressFeed(deps.models.jobs, isStopping);
  const { models } = deps;

  /** @throws DomainError `NOT_FOUND` if the job does not exist, or its scope is larger than the user's */
  async function jobOf({ request, scope }: Ask): Promise<Job> {
    const id = String(request.params['job']);
    const job = id.length > 200 ? null : await findJob(models, id, scope);
    if (!job) throw new DomainError('NOT_FOUND');
    return job;
  }

  /** An act on a job: it is audited, and leads back to the job's page. Repeating it changes nothing. */
  const act = (
    path: string,
    said: 'confirmed' | 'cancelled' | 'retried',
    work: (job: Job, ask: Ask) => Promise<Job | null>,
  ): AdminRoute =>
    post(path, { may: 'jobs.run', about: 'job' }, async (ask, response) => {
      const job = await jobOf(ask);
      const permission = kindOf(job)?.permission;
      if (!permission || !mayRole(ask.user.role, permission)) throw new DomainError('NOT_FOUND');
      const now = await work(job, ask);
      const isDone = now !== null && now.state !== job.state;
      if (isDone) await auditBy(deps, ask, { kind: 'JOB_CHANGED', about: `job:${job._id}`, detail: said });
      response.redirect(303, isDone ? saying(ask, adminPaths.job(job._id), said) : adminPaths.job(job._id));
    });

  return [
    listRoute(deps, jobList),
    get(
      adminPatterns.job,
      { may: 'jobs.read', about: 'job' },
      async (ask, response) => void response.send(await jobPage(deps, ask, await jobOf(ask))),
    ),
    get(adminPatterns.jobProgress, { may: 'jobs.read', about: 'job' }, async (ask, response) =>
      streamProgress(deps, feed, ask, response, await jobOf(ask)),
    ),
    act(adminPatterns.jobConfirmations, 'confirmed', ({ _id }, { scope }) => confirmJob(deps, _id, scope)),
    act(adminPatterns.jobCancellations, 'cancelled', ({ _id }, { scope }) => cancelJob(models, _id, scope)),
    act(adminPatterns.jobRetries, 'retried', ({ _id }, { scope }) => retryJob(models, _id, scope)),
    // A download of addresses is an export, which is audited. So it is not a GET, which writes nothing.
    post(adminPatterns.jobDownloads, { may: 'jobs.read', about: 'job' }, async (ask, response) =>
      sendRows(deps, ask, response, await jobOf(ask)),
    ),
  ];
}
