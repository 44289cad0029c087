/** The list of jobs, newest first. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { jobKinds } from '../../../jobs/registry.js';
import { findJobs, jobStates, type Job } from '../../../models/job.js';
import { cursorIn, cursorText, timeAndId } from '../../../cursor.js';
import type { ListPage } from '../kit/list-page.js';
import { momentOf } from '../../../vocabulary/words.js';
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
    const place = cursorIn(before, timeAndId);
    const found = await findJobs(deps.models, {
      scope: ask.scope,
      ...(state ? { state } : {}),
      ...(kind ? { kinds: [kind.name] } : {}),
      ...(place ? { before: place } : {}),
      limit: perPage + 1,
    });
    const jobs = found.slice(0, perPage);
    const names = await namesOf(deps, jobs);
    const last = jobs.at(-1);
    return {
      rows: jobs.map((job) => ({ job, by: names.get(job._id) ?? '' })),
      ...(found.length > perPage && last ? { older: cursorText({ at: last.at, id: last._id }) } : {}),
    };
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
