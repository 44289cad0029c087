/** EDIT_LIST: adds many contacts to a static list, or removes them. CLEAR_LIST: removes the marks of a deleted list. */
import { z } from 'zod';
import { selectionSchema } from '../../domain/contacts/selection.js';
import { isListWithin } from '../../domain/filters/conditions/list.js';
import type { FilterContext } from '../../domain/filters/condition-kind.js';
import { facet } from '../../domain/filters/facet.js';
import { getList } from '../../domain/lists/lists.js';
import { addToList, removeFromList } from '../../domain/lists/members.js';
import { chunkSize } from '../../models/job-chunk.js';
import { counted } from '../../vocabulary/words.js';
import { chunkedStepper } from '../chunked.js';
import { JobLost } from '../engine.js';
import { laneOf, whomFact } from '../facts.js';
import { wantedOf, type JobKind } from '../kind.js';
import { contactRows, selectContacts } from '../selected.js';

const editListSchema = z.strictObject({
  selection: selectionSchema,
  listId: z.string().min(1).max(40),
  isRemoval: z.boolean(),
});
type EditList = z.infer<typeof editListSchema>;

/** Outside the scope, and after a deletion, the list has no name. */
export function listName(listId: string, { lists, scope }: FilterContext): string {
  const list = lists.get(listId);
  return list && isListWithin(list, scope) ? list.name : 'A list that was deleted';
}

export const editList: JobKind<EditList> = {
  name: 'EDIT_LIST',
  input: editListSchema,
  permission: 'lists.change',
  label: 'Edit the members of a list',
  lane: ({ selection }) => laneOf(selection),
  rows: ['contact', 'contacts'],
  facts: ({ selection, listId, isRemoval }, job, about) => [
    whomFact(selection, job, about),
    { term: isRemoval ? 'Removed from' : 'Added to', words: [listName(listId, about)] },
  ],
  columns: () => ['Outcome'],
  stepper: (deps) =>
    chunkedStepper(deps, {
      select: selectContacts(deps),
      async run({ input, scope }, ids, { guard }) {
        const { listId, isRemoval } = editListSchema.parse(input);
        const change = isRemoval ? removeFromList : addToList;
        const list = await getList(deps, { listId, scope });
        const outcomes = await change(deps, { list, contactIds: ids, scope, beforeWrite: guard });
        return contactRows(ids, outcomes);
      },
    }),
};

const clearListSchema = z.strictObject({ deletedListId: z.string().min(1).max(40) });

export const clearList: JobKind<z.infer<typeof clearListSchema>> = {
  name: 'CLEAR_LIST',
  input: clearListSchema,
  permission: 'lists.change',
  label: 'Remove the marks of a deleted list',
  lane: () => 'LONG',
  rows: ['contact', 'contacts'],
  results: {
    changed: 'Removed',
    unchanged: 'Not removed',
    done: (count) => `${counted(count, 'contact')} removed`,
  },
  facts: () => [],
  /** A step is one batch. Contacts that are done no longer have the mark. */
  stepper:
    (deps) =>
    async ({ job, isHeld }) => {
      const { deletedListId: _id } = clearListSchema.parse(job.input);
      const found = await deps.models.contacts.collection
        .find<{ _id: string }>({ facets: facet.list(_id) }, { projection: { _id: 1 } })
        .limit(chunkSize)
        .toArray();
      if (found.length === 0) return { progress: { phase: 'RUN', total: job.done }, then: 'END' };
      if (!isHeld()) throw new JobLost();
      const contactIds = found.map((contact) => contact._id);
      await removeFromList(deps, { list: { _id, unitIds: null }, contactIds, scope: null });
      const done = job.done + contactIds.length;
      return {
        progress: { phase: 'RUN', done, counts: { ...job.counts, changed: done } },
        then: 'GO_ON',
      };
    },
};

/** The job for a deleted list. Marks that stay behind without it are harmless: no list has this id again. */
export function clearingOf({ _id: deletedListId }: { _id: string }) {
  return { id: `CLEAR_LIST:${deletedListId}`, ...wantedOf(clearList, { deletedListId }) };
}
