/** IMPORT_CONTACTS: deletes the contacts whose addresses are on an imported list. */
import { z } from 'zod';
import { importJobs } from '../../domain/imports/contract.js';
import { deleteListedContacts } from '../../domain/imports/delete-contacts.js';
import { counted } from '../../vocabulary/words.js';
import type { JobKind } from '../kind.js';
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
    streamedStepper(async function* (job, guard) {
      const { importId } = input.parse(job.input);
      const options = { scope: job.scope, after: job.place, guard };
      let { counts, done } = job;
      for await (const { place, deleted, kept } of deleteListedContacts(deps, { _id: importId }, options)) {
        done += deleted + kept;
        const byCode =
          kept > 0
            ? { ...counts.byCode, OTHER_UNIT: (counts.byCode['OTHER_UNIT'] ?? 0) + kept }
            : counts.byCode;
        counts = { ...counts, changed: counts.changed + deleted, refused: counts.refused + kept, byCode };
        yield { phase: 'RUN', done, counts, place };
      }
      return { phase: 'RUN', total: done, done, counts };
    }),
};
