/** An export: one file, declared as its input, its columns and its rows. `registry.ts` lists all. */
import type { z } from 'zod';
import type { Models } from '../../models/index.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import type { FilterContext } from '../filters/condition-kind.js';
import type { ExportFormat } from './format.js';

export interface ExportDeps {
  models: Pick<Models, 'subscribers' | 'archivedEvents' | 'contacts' | 'lists' | 'users' | 'apiKeys'>;
  catalogue: () => Promise<Catalogue>;
  clock: () => Date;
}

/** Null is an empty cell. */
export type Cell = string | null;

/** Some rows of a file. */
export interface ExportBatch {
  rows: Cell[][];
  /** Documents that were read for them, for the progress. */
  read: number;
  /** Where the next batch begins. */
  place: string;
}

export interface ExportRun<Input> {
  input: Input;
  /** The rows contain nothing outside it. */
  scope: Scope;
  /** When the export was asked for. */
  asked: Date;
  /** The place of the last finished batch; null at the beginning. */
  place: string | null;
}

/** One line about what was asked for, for people. */
export interface ExportFact {
  term: string;
  words: string[];
}

/** Functions are written as methods, so that the registry can hold exports with different inputs. */
export interface Export<Input extends { format: ExportFormat } = { format: ExportFormat }> {
  /** Stored with jobs: never changed. */
  name: 'UNSUBSCRIBED' | 'CONTACTS' | 'HISTORY';
  /** As a heading. */
  title: string;
  /** The beginning of the file's name. */
  fileName: string;
  input: z.ZodType<Input>;
  columns(input: Input, context: FilterContext): string[];
  /** All rows in a stable order. Memory stays flat: a batch has at most some hundred rows of its source. */
  read(deps: ExportDeps, run: ExportRun<Input>): AsyncIterable<ExportBatch>;
  /** How many documents will be read, as an estimate; null if unknown. */
  total(deps: ExportDeps, run: Pick<ExportRun<Input>, 'input' | 'scope'>): Promise<number | null>;
  facts(input: Input, context: FilterContext): ExportFact[];
  /** Why it cannot be made within the scope: a unit or a type that does not exist there. Null if it can. */
  fault(input: Input, context: FilterContext): 'UNKNOWN_UNIT' | 'UNKNOWN_TYPE' | null;
}
