/** One job's page: what was asked for, how far it is, what would change or did, and what may be done with it. */
import { adminPaths } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { findFilters } from '../../../domain/contacts/filters.js';
import type { Job, JobCounts } from '../../../models/job.js';
import type { AdminJobPage, JobFigures } from '../../../views/admin-bulk-pages.js';
import { adminFrame } from '../frame.js';
import type { Sayings } from '../frame.js';
import type { Ask } from '../route.js';
import { counted, figure, momentOf } from '../../../vocabulary/words.js';
import { countedOf, isMoving, kindWords, progressOf, sentencesOf, stateOf, stepOf } from './job-words.js';
import { factsOf } from './job-facts.js';
import { mayWork } from './job-rights.js';
import { namesOf } from './names.js';
import { reasonWords } from './outcome-words.js';

/** Of a page that is looked at again later, only what is still news. */
function sayingsOf(job: Job): Sayings {
  if (job.state === 'CANCELLED') return { cancelled: { tone: 'good', strong: 'Cancelled.' } };
  if (!isMoving(job)) return {};
  return {
    confirmed: { tone: 'good', strong: 'Confirmed.', sentence: 'A worker does it now.' },
    retried: { tone: 'good', strong: 'It is tried again.' },
  };
}

export async function jobPage(deps: Deps, ask: Ask, job: Job): Promise<string> {
  const [catalogue, groups, names] = await Promise.all([
    deps.catalogue(),
    findFilters(deps, ask.scope),
    namesOf(deps, [job]),
  ]);
  const heading = kindWords[job.kind];
  const counted = job.phase === 'RUN' ? job.counts : job.preview;
  const hasCounts = counted !== null && !isMoving(job) && (job.phase === 'RUN' || job.state === 'WAITING');
  const acts = mayWork(ask.user.role, job.kind) ? actsOn(job) : {};
  const download = job.phase === 'RUN' && !isMoving(job) ? downloadOf(job) : undefined;
  return deps.views.page('admin-job', {
    ...adminFrame(ask, 'jobs', heading, sayingsOf(job)),
    jobsHref: adminPaths.jobs(),
    heading,
    state: stateOf(job),
    sentences: sentencesOf(job),
    facts: [...factsOf(job, { catalogue, groups }), ...whenOf(job, names.get(job._id) ?? '', ask.zone)],
    ...(isMoving(job)
      ? {
          progress: progressOf(job),
          live: { href: adminPaths.jobProgress(job._id), step: stepOf(job) },
          refresh: 2,
        }
      : {}),
    ...(hasCounts ? { counts: countsOf(job, counted) } : {}),
    refusals: hasCounts ? refusalsOf(counted) : [],
    areRefusalsMore: hasCounts && sumOf(counted.byCode) > counted.refused,
    ...(job.lastError !== null && job.state === 'DEAD' ? { fault: job.lastError } : {}),
    hasActions: Object.keys(acts).length > 0 || download !== undefined,
    ...acts,
    ...(download ? { download } : {}),
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
  const isMail = job.kind === 'SEND_LINKS';
  const word = (would: string, did: string) => (isRun ? did : would);
  return {
    heading: word('What would happen', 'What happened'),
    rows: [
      {
        label: isMail ? word('Would get a mail', 'Mail queued') : word('Would change', 'Changed'),
        figure: figure(counts.changed),
        tone: 'in',
      },
      {
        label: isMail ? 'Had the mail already' : word('Would stay as they are', 'Stayed as they were'),
        figure: figure(counts.unchanged),
        tone: 'none',
      },
      { label: word('Would be refused', 'Refused'), figure: figure(counts.refused), tone: 'out' },
    ],
  };
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
      const label =
        job.kind === 'SEND_LINKS'
          ? `Send ${counted(changed, 'mail')}`
          : `Change ${countedOf(job.kind, changed)}`;
      return {
        cancel,
        confirm: {
          action: adminPaths.jobConfirmations(job._id),
          label,
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

function downloadOf(job: Job): AdminJobPage['download'] {
  if (job.kind === 'REFRESH_CONTACTS' || job.done === 0) return undefined;
  return { action: adminPaths.jobDownloads(job._id), label: 'Download row by row (CSV)' };
}
