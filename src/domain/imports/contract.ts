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
  nonMarketing: 'IMPORT_NON_MARKETING',
  listing: 'IMPORT_LISTING',
  checkContacts: 'CONTACTS_CHECK',
  runContacts: 'CONTACTS_RUN',
  undoContacts: 'CONTACTS_UNDO',
} as const;

/** The kind of the job that checks an import, runs it, or undoes another one. */
export function importJobKind({ kind, state }: Pick<Import, 'kind' | 'state'>): string {
  if (kind === 'UNDO') return importJobs.undo;
  if (kind === 'UNDO_CONTACTS') return importJobs.undoContacts;
  const isConfirmed = state === 'RUNNING' || state === 'DONE';
  if (kind === 'CONTACTS') return isConfirmed ? importJobs.runContacts : importJobs.checkContacts;
  return isConfirmed ? importJobs.run : importJobs.check;
}

/** The id of that job: one for each revision that is checked. */
export function importJobId(one: Import): string {
  const kind = importJobKind(one);
  const isCheck = kind === importJobs.check || kind === importJobs.checkContacts;
  return `${kind}:${one._id}${isCheck ? `:${one.revision}` : ''}`;
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
/** The actor of one row of a contact import: its acts are found again by their line. All rows are one party. */
export function rowActor({ _id, by }: Pick<Import, '_id' | 'by'>, line: number): Actor {
  const source = importRef(_id);
  return { kind: 'IMPORT', ref: `${source}:${line}`, source, by, mayOptIn: true };
}
