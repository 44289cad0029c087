/** One job's page: its request, its progress, what will change or has changed, and what staff may do with it. */
import { adminPaths } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { actorWithin } from '../../../domain/consent/actors.js';
import { filterContext } from '../../../domain/contacts/find.js';
import { askedOf, kindOf } from '../../../jobs/registry.js';
import { findJobFile } from '../../../models/job-file.js';
import type { Job, JobCounts } from '../../../models/job.js';
import type { AdminJobPage, JobFigures } from '../../../views/admin-bulk-pages.js';
import { adminFrame, type Sayings } from '../frame.js';
import type { Ask } from '../route.js';
import { mayRole } from '../../../vocabulary/access.js';
import { actorKinds, subscriptionStatuses } from '../../../vocabulary/terms.js';
import { figure, momentOf, reasonWords, statusNames } from '../../../vocabulary/words.js';
import {
  countedOf,
  fileWords,
  isMoving,
  labelOf,
  progressOf,
  sentencesOf,
  states,
  stepOf,
} from './job-words.js';
import { namesOf } from './names.js';

/** When the page is opened again later, only what is still true. */
function sayingsOf(job: Job): Sayings {
  if (job.state === 'CANCELLED') return { cancelled: { tone: 'good', strong: 'Cancelled.' } };
  if (!isMoving(job)) return {};
  return {
    confirmed: { tone: 'good', strong: 'Confirmed.', sentence: 'A worker starts it now.' },
    retried: { tone: 'good', strong: 'The job will be retried.' },
  };
}

export async function jobPage(deps: Deps, ask: Ask, job: Job): Promise<string> {
  const [context, names] = await Promise.all([filterContext(deps, ask.scope), namesOf(deps, [job])]);
  const kind = kindOf(job);
  const asked = askedOf(job, context);
  const heading = labelOf(job);
  const counted = job.phase === 'RUN' ? job.counts : job.preview;
  const hasCounts =
    counted !== null && !kind?.file && !isMoving(job) && (job.phase === 'RUN' || job.state === 'WAITING');
  const acts = kind && mayRole(ask.user.role, kind.permission) ? actsOn(job) : {};
  const hasRows = job.phase === 'RUN' && !isMoving(job) && job.done > 0 && kind?.columns !== undefined;
  const file = kind?.file ? await findJobFile(deps.models, job, deps.clock()) : undefined;
  const hasDownload = file ? mayRole(ask.user.role, 'exports.read') : hasRows;
  const download = file
    ? { action: adminPaths.exportFiles(job._id), label: 'Download the file' }
    : { action: adminPaths.jobDownloads(job._id), label: 'Download row by row (CSV)' };
  return deps.views.page('admin-job', {
    ...adminFrame(ask, 'jobs', heading, sayingsOf(job)),
    jobsHref: adminPaths.jobs(),
    heading,
    state: states[job.state],
    sentences: sentencesOf(job),
    facts: [
      ...asked.facts,
      ...whenOf(job, names.get(job._id) ?? '', ask.zone),
      ...(kind?.file && job.state === 'DONE' ? [{ term: 'File', words: [fileWords(file, ask.zone)] }] : []),
    ],
    ...(isMoving(job) && {
      progress: progressOf(job),
      live: { href: adminPaths.jobProgress(job._id), step: stepOf(job) },
      refresh: 2,
    }),
    ...(hasCounts ? { counts: countsOf(job, counted) } : {}),
    overrides: hasCounts ? overridesOf(asked.columns, counted) : [],
    refusalsHeading: job.phase === 'RUN' ? 'What was refused, and why' : 'What will be refused, and why',
    refusals: hasCounts ? refusalsOf(counted) : [],
    areRefusalsMore: hasCounts && sumOf(counted.byCode) > counted.refused,
    ...(job.lastError !== null && job.state === 'DEAD' ? { fault: job.lastError } : {}),
    hasActions: Object.keys(acts).length > 0 || hasDownload,
    ...acts,
    ...(hasDownload ? { download } : {}),
  });
}

function whenOf(job: Job, by: string, zone: string): AdminJobPage['facts'] {
  return [
    { term: 'Asked for by', words: [by] },
    { term: 'Asked for', words: [momentOf(job.at, zone)] },
    ...(job.confirmedAt ? [{ term: 'Confirmed', words: [momentOf(job.confirmedAt, zone)] }] : []),
    ...(job.endedAt ? [{ term: 'Ended', words: [momentOf(job.endedAt, zone)] }] : []),
  ];
}

function countsOf(job: Job, counts: JobCounts): JobFigures {
  const isRun = job.phase === 'RUN';
  const { changed = 'Changed', unchanged = 'Unchanged' } = kindOf(job)?.results ?? {};
  const word = (would: string, did: string) => (isRun ? did : would);
  return {
    heading: word('What will happen', 'What happened'),
    rows: [
      {
        label: word('Will change', changed),
        figure: figure(counts.changed),
        tone: 'in',
      },
      {
        label: word('Will not change', unchanged),
        figure: figure(counts.unchanged),
        tone: 'none',
      },
      { label: word('Will be refused', 'Refused'), figure: figure(counts.refused), tone: 'out' },
    ],
  };
}

/** In a preview: what will change, split by the current status. */
function overridesOf(columns: readonly string[], { byOverride = {} }: JobCounts): AdminJobPage['overrides'] {
  return Object.entries(byOverride)
    .map(([key, count]) => ({ place: Number(key.split(':')[0]), what: key.split(':')[1] ?? '', count }))
    .sort((one, other) => one.place - other.place || other.count - one.count)
    .map(({ place, what, count }) => ({
      reason: `${columns[place] ?? ''}, now ${overriddenWords(what)}`,
      figure: figure(count),
    }));
}

/** "subscribed", "opted out by an import" */
function overriddenWords(what: string): string {
  const kind = actorKinds.find((one) => one === what);
  if (kind) return `opted out by ${actorWithin({ kind })}`;
  const status = subscriptionStatuses.find((one) => one === what);
  return status ? statusNames[status].toLowerCase() : what;
}

function sumOf(byCode: JobCounts['byCode']): number {
  return Object.values(byCode).reduce((sum, count) => sum + count, 0);
}

/** Most frequent first. */
function refusalsOf({ byCode }: JobCounts): AdminJobPage['refusals'] {
  return Object.entries(byCode)
    .sort(([, one], [, other]) => other - one)
    .map(([code, count]) => ({ reason: reasonWords(code), figure: figure(count) }));
}

function actsOn(job: Job): Pick<AdminJobPage, 'confirm' | 'cancel' | 'retry'> {
  const cancel = { action: adminPaths.jobCancellations(job._id), label: 'Cancel the job' };
  switch (job.state) {
    case 'WAITING': {
      const changed = job.preview?.changed ?? 0;
      if (changed === 0) return { cancel };
      return {
        cancel,
        confirm: {
          action: adminPaths.jobConfirmations(job._id),
          label: `Change ${countedOf(job, changed)}`,
          sentence: 'Anyone who opts out in the meantime stays opted out.',
        },
      };
    }
    case 'QUEUED':
    case 'RUNNING':
      return { cancel };
    case 'DEAD':
      return { cancel, retry: { action: adminPaths.jobRetries(job._id), label: 'Try again' } };
    case 'DONE':
    case 'CANCELLED':
      return {};
  }
}
