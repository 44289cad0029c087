/** SOURCE_FETCH: fetches and checks the list of a scheduled source, and queues its import. It writes no consent. */
import { z } from 'zod';
import { sourceJob } from '../../domain/sources/contract.js';
import { fetchRun } from '../../domain/sources/runs.js';
import type { JobKind } from '../kind.js';
import { streamedStepper } from '../streamed.js';

const sourceInput = z.object({ sourceId: z.string(), importId: z.string() });

export const sourceFetch: JobKind<z.infer<typeof sourceInput>> = {
  name: sourceJob,
  input: sourceInput,
  permission: 'bulk.run',
  label: 'Fetch a scheduled source',
  lane: () => 'LONG',
  rows: ['address', 'addresses'],
  facts: ({ importId }) => [{ term: 'Import', words: [importId] }],
  stepper: (deps) =>
    streamedStepper(async function* (job) {
      for await (const _ of fetchRun(deps, sourceInput.parse(job.input))) yield {};
      return { phase: 'RUN' };
    }),
};
