/** All kinds of jobs. Workers, pages, rights, words and tests read them here. */
import type { Job } from '../models/job.js';
import type { Catalogue } from '../vocabulary/terms.js';
import type { Stepper } from './engine.js';
import type { JobDeps } from './job-deps.js';
import type { Fact, FactsAbout, JobKind } from './kind.js';
import { bulkEdit } from './kinds/bulk-edit.js';
import { putRight } from './kinds/put-right.js';
import { refreshContacts } from './kinds/refresh-contacts.js';
import { sendLinks } from './kinds/send-links.js';

export const jobKinds: readonly JobKind[] = [bulkEdit, sendLinks, putRight, refreshContacts];

/** @returns undefined for a job that another release queued */
export function kindOf({ kind }: Pick<Job, 'kind'>): JobKind | undefined {
  return jobKinds.find(({ name }) => name === kind);
}

export function steppersOf(deps: JobDeps): ReadonlyMap<string, Stepper> {
  return new Map(jobKinds.map((kind) => [kind.name, kind.stepper(deps)]));
}

/** What a job was asked to do, in words. Empty where its input cannot be read. */
export function factsOf(job: Job, about: FactsAbout): Fact[] {
  const kind = kindOf(job);
  const read = kind?.input.safeParse(job.input);
  return kind && read?.success ? kind.facts(read.data, job, about) : [];
}

/** Headings of the outcomes of a job's rows. */
export function columnsOf(job: Job, catalogue: Catalogue): string[] {
  const kind = kindOf(job);
  const read = kind?.input.safeParse(job.input);
  return (kind && read?.success && kind.columns?.(read.data, job, catalogue)) || ['Outcome'];
}
