/** The list of jobs, newest first. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { cursorIn, timeAndId, pageIn, placeInTime } from '../../../cursor.js';
import { jobKinds } from '../../../jobs/registry.js';
import { findJobs, jobStates, type Job } from '../../../models/job.js';
import { momentOf } from '../../../vocabulary/words.js';
import type { ListPage } from '../kit/list-page.js';
import { isMoving, labelOf, progressOf, states, summaryOf } from './job-words.js';
import { namesOf } from './names.js';

const perPage = 50;

interface JobRow {
  job: Job;
  by: string;
}

export const jobList: ListPage<JobRow> = {
  pattern: adminPatterns.jobs,
  path: adminPaths.jobs,
  may: 'jobs.read',
  section: 'jobs',
  title: 'Jobs',
  filters: () => [
    {
      kind: 'select',
      name: 'state',
      label: 'State',
      all: 'All states',
      options: jobStates.map((value) => ({ value, label: states[value].words })),
    },
    {
      kind: 'select',
      name: 'kind',
      label: 'Kind of work',
      all: 'All kinds',
      options: jobKinds.map(({ name, label }) => ({ value: name, label })),
    },
  ],
  load: async (deps, ask, { chosen, before }) => {
    const state = jobStates.find((one) => one === chosen['state']);
    const kind = jobKinds.find(({ name }) => name === chosen['kind']);
    const found = await findJobs(deps.models, {
      scope: ask.scope,
      ...(state ? { state } : {}),
      ...(kind ? { kinds: [kind.name] } : {}),
      before: cursorIn(before, timeAndId),
      limit: perPage + 1,
    });
    const { page, next } = pageIn(found, perPage, placeInTime);
    const names = await namesOf(deps, page);
    return { rows: page.map((job) => ({ job, by: names.get(job._id) ?? '' })), older: next };
  },
  columns: ({ zone }) => [
    {
      heading: 'Work',
      cell: ({ job }) => ({ href: adminPaths.job(job._id), text: labelOf(job) }),
    },
    { heading: 'State', cell: ({ job }) => ({ state: states[job.state] }) },
    {
      heading: 'Progress',
      cell: ({ job }) => (isMoving(job) ? { progress: progressOf(job) } : { text: summaryOf(job) }),
    },
    { heading: 'Requested by', cell: ({ by }) => ({ text: by }) },
    {
      heading: 'When',
      isNumeric: true,
      cell: ({ job }) => ({ time: { iso: job.at.toISOString(), words: momentOf(job.at, zone) } }),
    },
  ],
  empty: (isFiltered) => ({
    heading: 'No jobs here',
    sentence: isFiltered
      ? 'No job matches these filters. Jobs are kept for 90 days after their end.'
      : 'Work on many contacts appears here, with its progress and its result.',
  }),
  refresh: (rows) => (rows.some(({ job }) => isMoving(job)) ? 5 : undefined),
};
