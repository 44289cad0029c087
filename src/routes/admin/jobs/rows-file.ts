/** The result of a job as a file, row by row. Names and addresses are looked up during the download, since a job stores none. */
import type { Response } from 'express';
import type { Deps } from '../../../deps.js';
import { filterContext } from '../../../domain/contacts/find.js';
import { displayName } from '../../../domain/contacts/words.js';
import { findContactsById } from '../../../models/contact.js';
import { jobRows, type JobRow, type RowOutcome } from '../../../models/job-chunk.js';
import type { Job } from '../../../models/job.js';
import { askedOf } from '../../../jobs/registry.js';
import { isAnyInScope } from '../../../vocabulary/scope.js';
import { dayIn } from '../../../vocabulary/time-zones.js';
import { reasonWords } from '../../../vocabulary/words.js';
import { auditBy } from '../audit-by.js';
import { sendCsv } from '../csv-file.js';
import type { Ask } from '../route.js';

/** Number of rows whose contacts are looked up together. */
const batchSize = 500;

export async function sendRows(deps: Deps, ask: Ask, response: Response, job: Job): Promise<void> {
  await auditBy(deps, ask, { kind: 'EXPORTED', about: `job:${job._id}`, detail: 'result of a job' });
  const wishes = askedOf(job, await filterContext(deps, ask.scope)).columns;
  const columns = ['Contact', 'Name', 'E-mail', 'Phone', ...wishes];
  await sendCsv(response, `job-${dayIn(job.at, ask.zone)}.csv`, columns, lines(deps, ask, job, wishes));
}

async function* lines(deps: Deps, ask: Ask, job: Job, wishes: readonly string[]): AsyncGenerator<string[]> {
  let batch: JobRow[] = [];
  for await (const row of jobRows(deps.models, job._id)) {
    batch.push(row);
    if (batch.length < batchSize) continue;
    yield* linesOf(deps, ask, batch, wishes);
    batch = [];
  }
  yield* linesOf(deps, ask, batch, wishes);
}

/** A contact that was deleted, or is outside the scope now, is shown by its outcome alone. */
async function* linesOf(
  { models }: Deps,
  { scope }: Ask,
  rows: readonly JobRow[],
  wishes: readonly string[],
): AsyncGenerator<string[]> {
  const ids = rows.flatMap(({ contactId }) => contactId ?? []);
  const found = ids.length > 0 ? await findContactsById(models.contacts, ids) : [];
  const seen = new Map(
    found.filter((one) => !one.blankUntil && isAnyInScope(scope, one.unitIds)).map((one) => [one._id, one]),
  );
  for (const { contactId, subscriberId, outcomes } of rows) {
    const contact = seen.get(contactId ?? '');
    const [only] = outcomes;
    // If no wish applied, the row has one outcome, which counts for each.
    const told = outcomes.length === wishes.length ? outcomes : wishes.map(() => only ?? 'NO_CHANGE');
    yield [
      contactId ?? subscriberId ?? '',
      contact ? displayName(contact) : '',
      contact?.email ?? '',
      contact?.phone ?? '',
      ...told.map(outcomeWords),
    ];
  }
}

const doneWords: Partial<Readonly<Record<RowOutcome, string>>> = {
  CHANGED: 'Changed',
  PENDING: 'Waits for the contact to confirm',
  NO_CHANGE: 'Was so already',
};

/** The outcome of one wish. */
function outcomeWords(outcome: RowOutcome): string {
  return doneWords[outcome] ?? `Refused: ${reasonWords(outcome)}`;
}
