/** Ends the path. A path that has no such step ends after its last step. */
import { z } from 'zod';
import { stepKind } from '../contract.js';

export const endStep = stepKind<object>({
  name: 'END',
  label: 'End',
  hint: 'Ends the path here.',
  input: z.strictObject({}),
  isAction: false,
  sentence: () => 'The contact has reached the end.',
  faults: () => [],
  foretell: async () => 'Reaches the end.',
  run: async (_deps, _step, rows) => rows.map(() => ({ go: 'END' })),
});
