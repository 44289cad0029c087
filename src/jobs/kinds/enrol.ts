/** ENROL: enrols many contacts in a workflow by hand. */
import { z } from 'zod';
import { selectionSchema } from '../../domain/contacts/selection.js';
import { counted } from '../../vocabulary/words.js';
import { chunkedStepper } from '../chunked.js';
import { laneOf, whomFact } from '../facts.js';
import type { JobKind } from '../kind.js';
import { contactRows, selectContacts } from '../selected.js';

/** The name is that of the request: a workflow may be renamed. */
const enrolSchema = z.strictObject({
  selection: selectionSchema,
  workflowId: z.string().min(1).max(40),
  name: z.string().max(100),
});

export const enrolContacts: JobKind<z.infer<typeof enrolSchema>> = {
  name: 'ENROL',
  input: enrolSchema,
  permission: 'workflows.change',
  label: 'Enrol contacts in a workflow',
  lane: ({ selection }) => laneOf(selection),
  rows: ['contact', 'contacts'],
  results: {
    changed: 'Enrolled',
    unchanged: 'Not enrolled',
    done: (count) => `${counted(count, 'contact')} enrolled`,
  },
  facts: ({ selection, name }, job, about) => [
    whomFact(selection, job, about),
    { term: 'Workflow', words: [name] },
  ],
  columns: () => ['Outcome'],
  stepper: (deps) =>
    chunkedStepper(deps, {
      select: selectContacts(deps),
      async run({ _id: occasion, input, scope }, contactIds, { guard: beforeWrite }) {
        const { enrolByHand } = await import('../../domain/workflows/by-hand.js');
        const { getWorkflow } = await import('../../domain/workflows/workflows.js');
        const workflow = await getWorkflow(deps, enrolSchema.parse(input).workflowId, scope);
        const outcomes = await enrolByHand(deps, workflow, { contactIds, scope, occasion, beforeWrite });
        return contactRows(contactIds, outcomes);
      },
    }),
};
