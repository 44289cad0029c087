/** All scheduled work of the workers: what, how often, and the function. Several workers may run it at once. */
import { trusted } from 'mongoose';
import { keepUsage } from '../domain/marketing/usage.js';
import { queueDueSources } from '../domain/sources/sources.js';
import { endAbandonedMails, rankUnrankedMails } from '../models/mail.js';
import { deleteOldFiles } from '../models/stored-file.js';
import { forgetOldJobs } from './forget-jobs.js';
import type { JobDeps } from './job-deps.js';
import { queueUpdateWhereDue } from './kinds/marketing.js';
import { queueRefreshWhereDue } from './kinds/refresh-contacts.js';

const seconds = 1000;
const minutes = 60 * seconds;

interface Schedule {
  what: string;
  everyMs: number;
  run: (deps: JobDeps, signal: AbortSignal) => Promise<unknown>;
}

/** Loaded only if there are workflows, since a worker without them needs none of their code. */
async function queueNewDaysOfWorkflows(deps: JobDeps): Promise<void> {
  if (!(await deps.models.workflows.exists({ state: trusted({ $ne: 'DRAFT' }) }))) return;
  const { queueNewDays } = await import('../domain/workflows/update.js');
  await queueNewDays(deps);
}

// oxfmt-ignore
export const schedules: readonly Schedule[] = [
  { what: 'queue a refresh of the contacts index after units or types changed', everyMs: 5 * seconds,  run: queueRefreshWhereDue },
  { what: 'end mails whose worker stopped while sending',                       everyMs: 1 * minutes,  run: ({ models }) => endAbandonedMails(models.mails) },
  { what: 'rank mails that an older release queued during the upgrade',         everyMs: 1 * minutes,  run: ({ models }) => rankUnrankedMails(models.mails) },
  { what: 'queue the runs of scheduled sources that are due',                    everyMs: 1 * minutes,  run: queueDueSources },
  { what: 'queue the monthly update of marketing contacts',                      everyMs: 1 * minutes,  run: queueUpdateWhereDue },
  { what: 'count marketing contacts',                                           everyMs: 5 * minutes,  run: keepUsage },
  { what: 'evaluate workflows for a new day, and finish what was interrupted',   everyMs: 1 * minutes,  run: queueNewDaysOfWorkflows },
  { what: 'delete jobs that ended 90 days ago',                                 everyMs: 60 * minutes, run: forgetOldJobs },
  { what: 'delete files that have expired, and uploads that were interrupted',  everyMs: 60 * minutes, run: deleteOldFiles },
];
