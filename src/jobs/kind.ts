/** What a kind of job is: one definition in `kinds/`, and one line in the registry. */
import type { z } from 'zod';
import type { FilterContext } from '../domain/filters/condition-kind.js';
import type { Job, Lane } from '../models/job.js';
import type { Permission } from '../vocabulary/access.js';
import type { Stepper } from './engine.js';
import type { JobDeps } from './job-deps.js';

/** One line of what a job was asked to do, as its page shows it. */
export interface Fact {
  term: string;
  words: string[];
}

/** What of a job its facts and columns may depend on, besides its input. */
export type Asked = Pick<Job, 'at' | 'scope'>;

/** Functions are written as methods, so that the registry can hold kinds with different inputs. */
export interface JobKind<Input = unknown> {
  /** Stored with each job: never changed. */
  name: string;
  input: z.ZodType<Input>;
  /** Who may start, confirm, cancel and retry it. Everyone who may read jobs sees it. */
  permission: Permission;
  /** What it does, as a heading. */
  label: string;
  /** Short: it takes a few seconds, so it must never wait for a long one. */
  lane(input: Input): Lane;
  /** What its rows are about, as "contact" and "contacts". */
  rows: readonly [one: string, many: string];
  /** What the page says of the results, where "Changed" and "3 contacts changed" is not it. */
  results?: { changed: string; unchanged: string; done(count: number): string };
  /** @param about names the conditions of a selection, types and units */
  facts(input: Input, job: Asked, about: FilterContext): Fact[];
  /** Headings of a row's outcomes, in their order. Absent: the job has no rows to download. */
  columns?(input: Input, job: Asked, about: FilterContext): string[];
  /** The work: `chunkedStepper`, or a stepper of its own. */
  stepper(deps: JobDeps): Stepper;
}

/** What `queueJob` is told about a job of a kind. */
export function wantedOf<Input>(kind: JobKind<Input>, input: Input) {
  return { kind: kind.name, lane: kind.lane(input), input };
}
