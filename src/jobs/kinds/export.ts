/** EXPORT_…: one kind of job for each export. A step writes one part of the file, and a repeated step replaces its part. */
import { filterContext } from '../../domain/contacts/find.js';
import { factsOfFormat, fileOf } from '../../domain/exports/format.js';
import type { Export } from '../../domain/exports/contract.js';
import { allExports } from '../../domain/exports/registry.js';
import { finishJobFile, storeJobPart } from '../../models/job-file.js';
import { counted } from '../../vocabulary/words.js';
import type { Stepper } from '../engine.js';
import type { JobDeps } from '../job-deps.js';
import type { JobKind } from '../kind.js';
import { streamedStepper } from '../streamed.js';

/** Characters of a part, which is in memory until it is stored, and milliseconds of its step. The first that is reached ends the step. */
const limits = { partLength: 1_000_000, stepMs: 1000 };

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

/**
 * The rows are read as one stream, which stays open between the steps (decision 0638).
 * @param most smaller limits, for tests
 */
export function exportStepper(deps: JobDeps, of: Export, most = limits): Stepper {
  return streamedStepper(async function* (job, guard) {
    const { headOf, textOf } = await import('../../domain/exports/format-text.js');
    const input = of.input.parse(job.input);
    const { scope } = job;
    const columns = of.columns(input, await filterContext(deps, scope));
    let { cursor, done, place, total } = job;
    let rows = job.counts.changed;
    let text = '';
    if (cursor === 0) {
      total = await of.total(deps, { input, scope });
      text = headOf(columns, input.format);
    }
    const storePart = async () => {
      guard();
      await storeJobPart(deps.models, { ...job, cursor }, text, deps.clock());
      [text, cursor] = ['', cursor + 1];
    };
    const progress = () => ({ phase: 'RUN', place, done, counts: { ...job.counts, changed: rows } }) as const;
    let began = performance.now();
    for await (const batch of of.read(deps, { input, scope, asked: job.at, place })) {
      text += textOf(batch.rows, columns, input.format);
      done += batch.read;
      rows += batch.rows.length;
      place = batch.place;
      if (text.length < most.partLength && performance.now() - began < most.stepMs) continue;
      await storePart();
      // An estimate may be too low.
      yield { ...progress(), total: total === null ? null : Math.max(total, done) };
      began = performance.now();
    }
    await storePart();
    await finishJobFile(deps.models, job._id, deps.clock());
    return { ...progress(), total: done };
  });
}
