/** Jobs on the contacts of an import: they are deleted, set to non-marketing, or added to a list. */
import { z } from 'zod';
import { importJobs } from '../../domain/imports/contract.js';
import {
  deleteListedContacts,
  listImportedContacts,
  setListedNonMarketing,
  type WorkedPart,
  type WorkOptions,
} from '../../domain/imports/contact-work.js';
import { requireImport } from '../../domain/imports/find.js';
import { addCounts, countRows, type RowOutcome } from '../../models/job-chunk.js';
import type { Job, JobCounts } from '../../models/job.js';
import { counted } from '../../vocabulary/words.js';
import type { Stepper } from '../engine.js';
import type { JobKind } from '../kind.js';
import { listName } from './edit-list.js';
import { streamedStepper } from '../streamed.js';

const input = z.object({ importId: z.string() });

export const importContacts: JobKind<z.infer<typeof input>> = {
  name: importJobs.contacts,
  input,
  permission: 'bulk.run',
  label: 'Delete contacts on an opt-out list',
  lane: () => 'LONG',
  rows: ['contact', 'contacts'],
  results: {
    changed: 'Deleted',
    unchanged: 'Not deleted',
    done: (count) => `${counted(count, 'contact')} deleted`,
  },
  facts: ({ importId }) => [{ term: 'Import', words: [importId] }],
  stepper: (deps) =>
    outcomesStepper((job, options) =>
      deleteListedContacts(deps, { _id: input.parse(job.input).importId }, options),
    ),
};

export const importNonMarketing: JobKind<z.infer<typeof input>> = {
  name: importJobs.nonMarketing,
  input,
  permission: 'marketing.change',
  label: 'Set contacts on an opt-out list as non-marketing',
  lane: () => 'LONG',
  rows: ['contact', 'contacts'],
  results: {
    changed: 'Non-marketing at the next update',
    unchanged: 'Non-marketing already',
    done: (count) => `${counted(count, 'contact')} set as non-marketing`,
  },
  facts: ({ importId }) => [{ term: 'Import', words: [importId] }],
  stepper: (deps) =>
    outcomesStepper((job, options) =>
      setListedNonMarketing(deps, { _id: input.parse(job.input).importId }, options),
    ),
};

const listingInput = z.object({ importId: z.string(), listId: z.string() });

export const importListing: JobKind<z.infer<typeof listingInput>> = {
  name: importJobs.listing,
  input: listingInput,
  permission: 'lists.change',
  label: 'Add imported contacts to a list',
  lane: () => 'LONG',
  rows: ['contact', 'contacts'],
  results: {
    changed: 'Added',
    unchanged: 'On the list already',
    done: (count) => `${counted(count, 'contact')} added`,
  },
  facts: ({ importId, listId }, _job, about) => [
    { term: 'Import', words: [importId] },
    { term: 'Added to', words: [listName(listId, about)] },
  ],
  stepper: (deps) =>
    outcomesStepper(async function* (job, options) {
      const { importId, listId } = listingInput.parse(job.input);
      const one = await requireImport(deps, { id: importId, scope: job.scope });
      yield* listImportedContacts(deps, one, { ...options, listId });
    }),
};

/** Counts the outcomes of a stream. A contact that was deleted in the meantime, or is of other units only, is not counted. */
function outcomesStepper(
  begin: (job: Job, options: WorkOptions) => AsyncIterable<WorkedPart<RowOutcome | 'NO_CONTACT'>>,
): Stepper {
  return streamedStepper(async function* (job, guard) {
    let { counts, done } = job;
    const { scope, place: after } = job;
    for await (const { place, outcomes } of begin(job, { scope, after, guard })) {
      const there = outcomes.filter((outcome) => outcome !== 'NO_CONTACT');
      done += there.length;
      counts = addCounts(counts, countOutcomes(there));
      yield { phase: 'RUN', done, counts, place };
    }
    return { phase: 'RUN', total: done, done, counts };
  });
}

function countOutcomes(outcomes: readonly RowOutcome[]): JobCounts {
  return countRows(outcomes.map((outcome) => ({ contactId: null, subscriberId: null, outcomes: [outcome] })));
}
