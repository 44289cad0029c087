/** WORKFLOW_UPDATE: goes through the contacts of a workflow after it was published or turned off, or when a new day has begun. */
import { updateInput, updateJob, type UpdateInput } from '../../domain/workflows/update-job.js';
import type { JobKind } from '../kind.js';
import { streamedStepper } from '../streamed.js';

const words: Readonly<Record<UpdateInput['what'], string>> = {
  START: 'Note who meets the trigger',
  DAY: 'Evaluate the trigger for a new day',
  MOVE: 'Move contacts to the new version',
  OFF: 'Take contacts out',
};

export const workflowUpdate: JobKind<UpdateInput> = {
  name: updateJob,
  input: updateInput,
  permission: 'workflows.change',
  label: 'Update a workflow',
  lane: () => 'LONG',
  rows: ['contact', 'contacts'],
  results: {
    changed: 'Evaluated',
    unchanged: 'Not evaluated',
    done: () => 'The workflow is up to date.',
  },
  facts: ({ what }) => [{ term: 'What', words: [words[what]] }],
  stepper: (deps) =>
    streamedStepper(async function* (job) {
      const { updateWorkflow } = await import('../../domain/workflows/update.js');
      let { done, counts } = job;
      for await (const { place, count } of updateWorkflow(deps, updateInput.parse(job.input), job.place)) {
        done += count;
        counts = { ...counts, changed: counts.changed + count };
        yield { phase: 'RUN', place, done, counts };
      }
      return { phase: 'RUN', total: done, done, counts };
    }),
};
