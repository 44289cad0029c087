/** Adds contacts to a static list, or removes them from one. */
import { z } from 'zod';
import { listWithin } from '../../filters/conditions/list.js';
import { addToList, removeFromList } from '../../lists/members.js';
import { stepKind, type StepKind, type WorkflowAbout } from '../contract.js';

const input = z.strictObject({ listId: z.string().max(60) });

function listStep(of: {
  name: string;
  label: string;
  hint: string;
  change: typeof addToList;
  /** The event of the change feed that it makes. */
  event?: string;
  words: (list: string) => string;
}): StepKind {
  return stepKind<z.infer<typeof input>>({
    ...{ name: of.name, label: of.label, hint: of.hint, input, isAction: true },
    sentence: ({ listId }, about) => {
      const list = listWithin(listId, about);
      return of.words(list ? `the list ${list.name}` : 'a list that does not exist');
    },
    faults: ({ listId }, about) =>
      staticList(listId, about) ? [] : ['The list does not exist. Choose another.'],
    changes: ({ listId }) => ({
      isAbout: ({ on, values }) => on === 'updated' || (on === 'list' && values.includes(listId)),
      ...(of.event ? { event: { name: of.event, of: listId } } : {}),
    }),
    foretell: async (_deps, { listId }, _row, { about }) =>
      of.words(`the list ${listWithin(listId, about)?.name ?? ''}`),
    async run(deps, { listId }, rows, { workflowId, scope, about, guard }) {
      const list = staticList(listId, about);
      if (!list) return rows.map(() => ({ go: 'ON', outcome: 'SKIPPED', reason: 'NO_LIST' }));
      const outcomes = await of.change(deps, {
        ...{
          list: { _id: listId, unitIds: list.unitIds },
          scope,
          beforeWrite: guard,
          by: `workflow:${workflowId}`,
        },
        contactIds: rows.map(({ contact }) => contact._id),
      });
      return outcomes.map((outcome) =>
        outcome === 'CHANGED' || outcome === 'NO_CHANGE'
          ? { go: 'ON', outcome: 'DONE', ...(outcome === 'NO_CHANGE' ? { reason: outcome } : {}) }
          : { go: 'ON', outcome: 'SKIPPED', reason: outcome },
      );
    },
  });
}

function staticList(listId: string, about: WorkflowAbout) {
  const list = listWithin(listId, about);
  return list?.filter === null ? list : undefined;
}

export const addToListStep = listStep({
  ...{
    name: 'ADD_TO_LIST',
    label: 'Add to static list',
    hint: 'Makes the contact a member of a static list.',
  },
  change: addToList,
  event: 'ADDED_TO_LIST',
  words: (list) => `Add the contact to ${list}.`,
});

export const removeFromListStep = listStep({
  ...{ name: 'REMOVE_FROM_LIST', label: 'Remove from static list' },
  hint: 'Takes the contact off a static list.',
  change: removeFromList,
  words: (list) => `Remove the contact from ${list}.`,
});
