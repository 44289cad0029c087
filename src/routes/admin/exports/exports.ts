/** Exports: the list of files, the forms that ask for one, and the downloads. */
import type { Response } from 'express';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { cursorIn, timeAndId, pageIn, placeInTime } from '../../../cursor.js';
import type { Deps } from '../../../deps.js';
import { DomainError } from '../../../errors.js';
import { exportKinds } from '../../../jobs/kinds/export.js';
import { kindOf } from '../../../jobs/registry.js';
import { findJobFile, jobFileDays, readJobFile, type JobFile } from '../../../models/job-file.js';
import { findJob, findJobs, type Job } from '../../../models/job.js';
import { momentOf } from '../../../vocabulary/words.js';
import { sendText } from '../../send-text.js';
import { auditBy } from '../audit-by.js';
import { fileWords, isMoving, labelOf, progressOf, states, summaryOf } from '../jobs/job-words.js';
import { namesOf } from '../jobs/names.js';
import { formRoutes } from '../kit/form-page.js';
import { listRoute, type ListPage } from '../kit/list-page.js';
import { post, type AdminRoute, type Ask } from '../route.js';
import { historyExportPage, unsubscribedExportPage } from './choices-form.js';
import { contactExportPage } from './contacts-form.js';

const perPage = 50;
const kinds = exportKinds.map(({ name }) => name);

interface ExportRow {
  job: Job;
  by: string;
  file: JobFile | undefined;
}

const exportList: ListPage<ExportRow> = {
  pattern: adminPatterns.exports,
  path: adminPaths.exports,
  may: 'exports.read',
  section: 'exports',
  title: 'Exports',
  lead: `A file is kept for ${jobFileDays} days. Each download is in the audit log.`,
  links: [
    { href: adminPaths.unsubscribedExports(), label: 'Export unsubscribed', may: 'exports.make' },
    { href: adminPaths.contactExports(), label: 'Export contacts', may: 'exports.make' },
    { href: adminPaths.historyExports(), label: 'Export history', may: 'exports.make' },
  ],
  load: async (deps, { scope }, { before }) => {
    const asked = { scope, kinds, before: cursorIn(before, timeAndId), limit: perPage + 1 };
    const { page: jobs, next } = pageIn(await findJobs(deps.models, asked), perPage, placeInTime);
    const now = deps.clock();
    const [names, files] = await Promise.all([
      namesOf(deps, jobs),
      Promise.all(jobs.map((job) => findJobFile(deps.models, job, now))),
    ]);
    const rows = jobs.map((job, at) => ({ job, by: names.get(job._id) ?? '', file: files[at] }));
    return { rows, older: next };
  },
  columns: ({ zone }) => [
    {
      heading: 'Export',
      cell: ({ job }) => ({ href: adminPaths.job(job._id), text: labelOf(job).replace('Export: ', '') }),
    },
    { heading: 'State', cell: ({ job }) => ({ state: states[job.state] }) },
    {
      heading: 'Rows',
      cell: ({ job }) => (isMoving(job) ? { progress: progressOf(job) } : { text: summaryOf(job) }),
    },
    {
      heading: 'File',
      cell: ({ job, file }) => ({
        ...(job.state === 'DONE' ? { note: fileWords(file, zone) } : {}),
        ...(file && {
          act: { action: adminPaths.exportFiles(job._id), button: 'Download', about: labelOf(job) },
        }),
      }),
    },
    { heading: 'Requested by', cell: ({ by }) => ({ text: by }) },
    {
      heading: 'When',
      isNumeric: true,
      cell: ({ job }) => ({ time: { iso: job.at.toISOString(), words: momentOf(job.at, zone) } }),
    },
  ],
  empty: () => ({
    heading: 'No exports yet',
    sentence: 'Export the addresses that must not be mailed, contacts, or the history of consent.',
  }),
  refresh: (rows) => (rows.some(({ job }) => isMoving(job)) ? 5 : undefined),
};

export function exportRoutes(deps: Deps): AdminRoute[] {
  return [
    listRoute(deps, exportList),
    ...formRoutes(deps, unsubscribedExportPage),
    ...formRoutes(deps, contactExportPage),
    ...formRoutes(deps, historyExportPage),
    // A form and not a link: the download adds an entry to the audit log, and a GET writes nothing.
    post(adminPatterns.exportFiles, { may: 'exports.read', about: 'job' }, async (ask, response) =>
      sendFile(deps, ask, response),
    ),
  ];
}

async function sendFile(deps: Deps, ask: Ask, response: Response): Promise<void> {
  const id = String(ask.request.params['job']);
  const job = id.length > 200 ? null : await findJob(deps.models, id, ask.scope);
  const kind = job && kindOf(job);
  const now = deps.clock();
  const file = job && kind?.file ? await findJobFile(deps.models, job, now) : undefined;
  if (!job || !kind?.file || !file) throw new DomainError('NOT_FOUND');
  await auditBy(deps, ask, { kind: 'EXPORTED', about: `job:${job._id}`, detail: kind.label });
  const { name, type } = kind.file(job.input, job);
  response.set({
    'Content-Type': type,
    'Content-Disposition': `attachment; filename="${name}"`,
    'Content-Length': String(file.length),
  });
  await sendText(response, readJobFile(deps.models, file, now));
}
