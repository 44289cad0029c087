/** EXPORT_…: one kind of job for each export. A step writes one part of the file, and a repeated step replaces its part. */
import { filterContext } from '../../domain/contacts/find.js';
import { factsOfFormat, fileOf } from '../../domain/exports/format.js';
import type { Export } from '../../domain/exports/contract.js';
import { allExports } from '../../domain/exports/registry.js';
import { finishJobFile, storeJobPart } from '../../models/job-file.js';
import { counted } from '../../vocabulary/words.js';
import { JobLost } from '../engine.js';
import type { Stepper } from '../engine.js';
import type { JobDeps } from '../job-deps.js';
import type { JobKind } from '../kind.js';

/** Characters of a part, and milliseconds of its step. The first that is reached ends the step. */
const limits = { partLength: 4_000_000, stepMs: 1000 };

export const exportKinds: readonly JobKind[] = allExports.map(kindOfExport);

/** The name of the kind of job, which is stored. */
export function exportKindName({ name }: Pick<Export, 'name'>): string {
  return `EXPORT_${name}`;
}

function kindOfExport(of: Export): JobKind {
  return {
    name: exportKindName(of),
    input: of.input,
    permission: 'exports.make',
    label: `Export: ${of.title}`,
    lane: () => 'LONG',
    rows: ['row', 'rows'],
    results: {
      changed: 'Rows written',
      unchanged: 'Unchanged',
      done: (rows) => `${counted(rows, 'row')} written`,
    },
    facts: (input, _job, about) => {
      const read = of.input.parse(input);
      return [...of.facts(read, about), ...factsOfFormat(read.format)];
    },
    file: (input, { at }) => fileOf(of.fileName, of.input.parse(input).format, at),
    stepper: (deps) => exportStepper(deps, of),
  };
}

/** @param most smaller limits, for tests */
export function exportStepper(deps: JobDeps, of: Export, most = limits): Stepper {
  return async ({ job, isHeld }) => {
    const { headOf, textOf } = await import('../../domain/exports/format-text.js');
    const input = of.input.parse(job.input);
    const { scope } = job;
    const columns = of.columns(input, await filterContext(deps, scope));
    const isFirst = job.cursor === 0;
    const total = isFirst ? await of.total(deps, { input, scope }) : job.total;
    const began = performance.now();
    let text = isFirst ? headOf(columns, input.format) : '';
    let { done, place } = job;
    let rows = job.counts.changed;
    let isEnd = true;
    for await (const batch of of.read(deps, { input, scope, asked: job.at, place })) {
      text += textOf(batch.rows, columns, input.format);
      done += batch.read;
      rows += batch.rows.length;
      place = batch.place;
      if (text.length < most.partLength && performance.now() - began < most.stepMs) continue;
      isEnd = false;
      break;
    }
    if (!isHeld()) throw new JobLost();
    await storeJobPart(deps.models, job, text, deps.clock());
    if (isEnd) await finishJobFile(deps.models, job._id, deps.clock());
    return {
      progress: {
        ...{ phase: 'RUN', cursor: job.cursor + 1, place, done, counts: { ...job.counts, changed: rows } },
        // An estimate may be too low.
        total: isEnd ? done : total === null ? null : Math.max(total, done),
      },
      then: isEnd ? 'END' : 'GO_ON',
    };
  };
}
