/** What the commands of imports share: they work on an import until it waits or has ended, show its progress, and write its files of rows. */
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deps } from '../deps.js';
import { importJobs } from '../domain/imports/contract.js';
import { importJob, isLive, requireImport } from '../domain/imports/operations.js';
import { recordAudit } from '../domain/staff/audit.js';
import { DomainError } from '../errors.js';
import { runDueJobs } from '../jobs/engine.js';
import { steppersOf } from '../jobs/registry.js';
import type { Import, ImportState } from '../models/import.js';
import { figure } from '../vocabulary/words.js';
import { writeWhole } from './write-file.js';

const progressEveryMs = 2000;

export const say = (line: string) => void process.stderr.write(`${line}\n`);

/** Writes the rows of an import to a file. @param bytes null for none; then nothing is written */
export async function writeRows(
  file: string | null,
  bytes: AsyncIterable<Uint8Array> | null,
  what: string,
): Promise<void> {
  if (!bytes || file === null) return;
  await writeWhole(file, textOf(bytes));
  if (file !== '-') say(`${what} are in ${file}`);
}

async function* textOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for await (const piece of bytes) yield decoder.decode(piece, { stream: true });
}

/** Asks a question at the terminal. @throws DomainError `INVALID_FORM` without one: `otherwise` says what to do */
export async function askAtTerminal(question: string, otherwise: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new DomainError(
      'INVALID_FORM',
      `This command cannot ask without a terminal, so nothing was written. ${otherwise}`,
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

/** Works on imports until this one is in one of the states. Another worker may work on it as well. */
export async function workUntil(deps: Deps, id: string, states: readonly ImportState[]): Promise<Import> {
  const names: readonly string[] = Object.values(importJobs);
  const steppers = new Map([...steppersOf(deps)].filter(([name]) => names.includes(name)));
  const which = { id, scope: null };
  const showing = setInterval(() => void showProgress(deps, id), progressEveryMs);
  try {
    for (;;) {
      await runDueJobs({ ...deps, steppers });
      const one = await requireImport(deps, which);
      if (states.includes(one.state)) return one;
      const job = await importJob(deps, one);
      const hasStopped = !isLive(job) || job?.state === 'DEAD';
      // Another worker may have ended the job between the two reads.
      if (hasStopped && (await requireImport(deps, which)).state === one.state)
        throw new DomainError(
          'CONFLICT',
          `The job of import ${id} has stopped: ${job?.lastError ?? 'it was cancelled'}`,
        );
      await sleep(200);
    }
  } finally {
    clearInterval(showing);
  }
}

async function showProgress(deps: Deps, id: string): Promise<void> {
  const job = await importJob(deps, await requireImport(deps, { id, scope: null })).catch(() => null);
  if (job?.done) say(`${figure(job.done)}${job.total === null ? '' : ` of ${figure(job.total)}`} …`);
}

/** Notes in the audit log that the command line started a job. */
export async function audit(deps: Deps, detail: string, { _id, unitId }: Import): Promise<void> {
  await recordAudit(deps, { kind: 'JOB_STARTED', by: 'cli', about: `import:${_id}`, unitId, detail });
}
