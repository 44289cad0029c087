/** All kinds of jobs. Workers, pages, permissions, labels and tests read them here. */
import type { FilterContext } from '../domain/filters/condition-kind.js';
import type { Job } from '../models/job.js';
import type { Stepper } from './engine.js';
import type { JobDeps } from './job-deps.js';
import type { Fact, JobKind } from './kind.js';
import { bulkEdit } from './kinds/bulk-edit.js';
import { contactsCheck } from './kinds/contacts-check.js';
import { contactsRun } from './kinds/contacts-run.js';
import { contactsUndo } from './kinds/contacts-undo.js';
import { clearList, editList } from './kinds/edit-list.js';
import { enrolContacts } from './kinds/enrol.js';
import { exportKinds } from './kinds/export.js';
import { importCheck } from './kinds/import-check.js';
import { importContacts, importListing, importNonMarketing } from './kinds/import-contacts.js';
import { importRun } from './kinds/import-run.js';
import { importUndo } from './kinds/import-undo.js';
import { marketingUpdate, setMarketing } from './kinds/marketing.js';
import { putRight } from './kinds/put-right.js';
import { refreshContacts } from './kinds/refresh-contacts.js';
import { sendLinks } from './kinds/send-links.js';
import { sourceFetch } from './kinds/source-fetch.js';
import { workflowUpdate } from './kinds/workflow-update.js';

export const jobKinds: readonly JobKind[] = [
  bulkEdit,
  editList,
  clearList,
  setMarketing,
  marketingUpdate,
  sendLinks,
  putRight,
  refreshContacts,
  importCheck,
  importRun,
  importUndo,
  importContacts,
  importNonMarketing,
  importListing,
  contactsCheck,
  contactsRun,
  contactsUndo,
  sourceFetch,
  workflowUpdate,
  enrolContacts,
  ...exportKinds,
];

/** @returns undefined for a job that another release queued */
export function kindOf({ kind }: Pick<Job, 'kind'>): JobKind | undefined {
  return jobKinds.find(({ name }) => name === kind);
}

export function steppersOf(deps: JobDeps): ReadonlyMap<string, Stepper> {
  return new Map(jobKinds.map((kind) => [kind.name, kind.stepper(deps)]));
}

/** The facts and the headings of the row outcomes on a job's page. Only a little is known of another release's input. */
export function askedOf(job: Job, about: FilterContext): { facts: Fact[]; columns: string[] } {
  const kind = kindOf(job);
  const read = kind?.input.safeParse(job.input);
  const columns = ['Outcome'];
  if (!kind || !read?.success) return { facts: [], columns };
  return {
    facts: kind.facts(read.data, job, about),
    columns: kind.columns?.(read.data, job, about) ?? columns,
  };
}
