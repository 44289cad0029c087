/** The list of jobs, newest first. */
import { adminPaths } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { findJobs, jobKinds, jobStates } from '../../../models/job.js';
import type { JobKind, JobPlace, JobState } from '../../../models/job.js';
import type { Option } from '../../../views/admin-pages.js';
import { adminFrame } from '../frame.js';
import { queryOf } from '../form.js';
import type { Ask } from '../route.js';
import { momentOf } from '../words.js';
import { isMoving, kindWords, progressOf, stateOf, stateWords, summaryOf } from './job-words.js';
import { namesOf } from './names.js';

const perPage = 50;

export async function jobListPage(deps: Deps, ask: Ask): Promise<string> {
  const state = jobStates.find((one) => one === queryOf(ask.request, 'state', 20));
  const kind = jobKinds.find((one) => one === queryOf(ask.request, 'kind', 30));
  const before = placeIn(queryOf(ask.request, 'before', 200));
  const found = await findJobs(deps.models, {
    scope: ask.scope,
    ...(state ? { state } : {}),
    ...(kind ? { kind } : {}),
    ...(before ? { before } : {}),
    limit: perPage + 1,
  });
  const jobs = found.slice(0, perPage);
  const names = await namesOf(deps, jobs);
  const last = jobs.at(-1);
  const filter = { ...(state ? { state } : {}), ...(kind ? { kind } : {}) };
  const isFiltered = Object.keys(filter).length > 0;
  return deps.views.page('admin-jobs', {
    ...adminFrame(ask, 'jobs', 'Jobs'),
    action: adminPaths.jobs(),
    states: optionsOf(jobStates, stateWords, state, 'All states'),
    kinds: optionsOf(jobKinds, kindWords, kind, 'All work'),
    rows: jobs.map((job) => ({
      href: adminPaths.job(job._id),
      title: kindWords[job.kind],
      state: stateOf(job),
      summary: summaryOf(job),
      ...(isMoving(job) ? { progress: progressOf(job) } : {}),
      by: names.get(job._id) ?? '',
      moment: momentOf(job.at),
      isoTime: job.at.toISOString(),
    })),
    ...(before ? { newestHref: hrefOf(filter) } : {}),
    ...(found.length > perPage && last
      ? { olderHref: hrefOf({ ...filter, before: `${last.at.getTime()}~${last._id}` }) }
      : {}),
    empty: isFiltered
      ? 'Nothing of this kind is there. Jobs are kept for 90 days.'
      : 'Work on many contacts shows up here, with its progress and its result.',
    ...(jobs.some(isMoving) ? { refresh: 5 } : {}),
  });
}

function hrefOf(query: Record<string, string>): string {
  return adminPaths.jobs(new URLSearchParams(query).toString());
}

/** Where the page before ended. */
function placeIn(text: string | undefined): JobPlace | undefined {
  const [, ms = '', id = ''] = /^(\d{1,15})~(.+)$/.exec(text ?? '') ?? [];
  return id ? { at: new Date(Number(ms)), id } : undefined;
}

function optionsOf<T extends JobState | JobKind>(
  values: readonly T[],
  words: Readonly<Record<T, string>>,
  chosen: T | undefined,
  all: string,
): Option[] {
  return [
    { value: '', label: all, isSelected: chosen === undefined },
    ...values.map((value) => ({ value, label: words[value], isSelected: value === chosen })),
  ];
}
