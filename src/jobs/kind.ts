/** A kind of job: one definition in `kinds/`, and one line in the registry. */
import type { z } from 'zod';
import type { FilterContext } from '../domain/filters/condition-kind.js';
import type { Job, Lane } from '../models/job.js';
import type { Permission } from '../vocabulary/access.js';
import type { Stepper } from './engine.js';
import type { JobDeps } from './job-deps.js';

/** One line about the request of a job, as its page shows it. */
export interface Fact {
  term: string;
  words: string[];
}

/** The parts of a job, besides its input, that its facts and columns may depend on. */
export type Asked = Pick<Job, 'at' | 'scope'>;

/** Functions are written as methods, so that the registry can hold kinds with different inputs. */
export interface JobKind<Input = unknown> {
  /** Stored with each job: never changed. */
  name: string;
  input: z.ZodType<Input>;
  /** The permission to start, confirm, cancel and retry it. Anyone who may read jobs can see it. */
  permission: Permission;
  /** What it does, as a heading. */
  label: string;
  /** Short: it takes a few seconds, so it must never wait for a long job. */
  lane(input: Input): Lane;
  /** The subjects of its rows, as "contact" and "contacts". */
  rows: readonly [one: string, many: string];
  /** Words for the results, if not "Changed" and "3 contacts changed". */
  results?: { changed: string; unchanged: string; done(count: number): string };
  /** @param about gives the names of types, units and a selection's conditions */
  facts(input: Input, job: Asked, about: FilterContext): Fact[];
  /** Headings of a row's outcomes, in their order. Absent: the job has no rows to download. */
  columns?(input: Input, job: Asked, about: FilterContext): string[];
  /** The file that it writes (`models/job-file.ts`). Absent: it writes none. */
  file?(input: Input, job: Asked): { name: string; type: string };
  /** The work: `chunkedStepper`, or another stepper. */
  stepper(deps: JobDeps): Stepper;
}

/** The part of a kind that `queueJob` needs. */
export function wantedOf<Input>(kind: JobKind<Input>, input: Input) {
  return { kind: kind.name, lane: kind.lane(input), input };
}
