/** What imports need, how a caller names one, and the jobs that work on it. */
import type { Models } from '../../models/index.js';
import type { Import } from '../../models/import.js';
import type { SubscriberIds } from '../consent/address.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { Actor, Catalogue } from '../../vocabulary/terms.js';

export interface ImportDeps {
  models: Models;
  catalogue: () => Promise<Catalogue>;
  clock: () => Date;
  subscriberIds: SubscriberIds;
}

/** The import that a caller is about to read or change. Outside the caller's scope there is none. */
export interface WhichImport {
  id: string;
  scope: Scope;
}

/** The names of the kinds of jobs. */
export const importJobs = {
  check: 'IMPORT_CHECK',
  run: 'IMPORT_RUN',
  undo: 'IMPORT_UNDO',
  contacts: 'IMPORT_CONTACTS',
} as const;

/** The id of the job that checks this revision, runs the import, or undoes it. */
export function importJobId({ _id, kind, state, revision }: Import): string {
  if (kind === 'UNDO') return `${importJobs.undo}:${_id}`;
  const isChecked = state === 'RUNNING' || state === 'DONE';
  return isChecked ? `${importJobs.run}:${_id}` : `${importJobs.check}:${_id}:${revision}`;
}

/** How events name an import, and so the party of its opt-outs. */
export function importRef(id: string): string {
  return `import:${id}`;
}

/** The actor of an import. All runs of a scheduled source are one party. An undo acts with its own reference, for the party of the import that it removes. */
export function importActor({
  _id,
  by,
  undoes,
  source: of,
}: Pick<Import, '_id' | 'by' | 'undoes' | 'source'>): Actor {
  const party = of ? `source:${of.id}` : undoes && importRef(undoes);
  return { kind: 'IMPORT', ref: importRef(_id), by, ...(party ? { source: party } : {}) };
}
