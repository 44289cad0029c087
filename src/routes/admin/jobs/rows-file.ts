/** The result of a job row by row, as a file: whom it was about is looked up when it is downloaded. */
import type { Response } from 'express';
import type { Deps } from '../../../deps.js';
import { staffRef } from '../../../domain/staff/access.js';
import { recordAudit } from '../../../domain/staff/audit.js';
import { jobRows } from '../../../models/job-chunk.js';
import type { Job } from '../../../models/job.js';
import { sendCsv } from '../csv-file.js';
import type { Ask } from '../route.js';
import { outcomeWords } from './outcome-words.js';

export async function sendRows(deps: Deps, ask: Ask, response: Response, job: Job): Promise<void> {
  await recordAudit(deps, {
    kind: 'EXPORTED',
    by: staffRef(ask.user),
    from: ask.from,
    about: `job:${job._id}`,
    detail: 'result of a job',
  });
  await sendCsv(
    response,
    `job-${job.at.toISOString().slice(0, 10)}.csv`,
    ['contact', 'outcome'],
    rowsOf(deps, job),
  );
}

async function* rowsOf(deps: Deps, job: Job): AsyncGenerator<string[]> {
  for await (const { contactId, subscriberId, outcomes } of jobRows(deps.models, job._id))
    yield [contactId ?? subscriberId ?? '', ...outcomes.map(outcomeWords)];
}
