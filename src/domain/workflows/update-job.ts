/** The name and the input of the job that goes through the contacts of a workflow. */
import { z } from 'zod';

export const updateJob = 'WORKFLOW_UPDATE';

/**
 * `START`: notes, or enrols, who meets a new trigger. `DAY`: evaluates a trigger with relative days for a new day. `MOVE`: contacts under way continue on
 * the new version. `OFF`: they leave.
 */
export const updateInput = z.strictObject({
  workflowId: z.string(),
  what: z.enum(['START', 'DAY', 'MOVE', 'OFF']),
  version: z.int(),
  day: z.string().optional(),
  /** Names another run of a start whose job was cancelled. */
  run: z.string().optional(),
});
export type UpdateInput = z.infer<typeof updateInput>;
