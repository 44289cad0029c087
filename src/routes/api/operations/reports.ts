/** Declares the API of bounces and complaints that other systems report. */
import { z } from 'zod';
import { operation } from '../operation.js';

const mostInputs = 1000;

const common = {
  address: z.string().max(1000),
  id: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'The caller’s id of the event. With it, a repeated call counts once.' }),
  at: z.iso.datetime({ offset: true }).optional(),
  diagnostic: z.string().max(2000).optional(),
};
const bounce = z
  .strictObject({
    ...common,
    kind: z.enum(['HARD', 'SOFT']),
    status: z
      .string()
      .regex(/^[245]\.\d{1,3}\.\d{1,3}$/, 'is not a status such as 5.1.1')
      .optional(),
  })
  .meta({ id: 'Bounce' });
const complaint = z
  .strictObject({ ...common, feedbackType: z.string().max(40).optional() })
  .meta({ id: 'Complaint' });
const batchOf = <T extends z.ZodType>(input: T) =>
  z.strictObject({ inputs: z.array(input).min(1).max(mostInputs) });

const bounceBatch = batchOf(bounce);
const complaintBatch = batchOf(complaint);

const recorded = z.strictObject({
  results: z.array(z.strictObject({ status: z.enum(['RECORDED', 'REPEATED', 'INVALID_ADDRESS']) })),
});

export const reportOperations = [
  operation({
    ...{ id: 'reportBounces', method: 'POST', path: '/api/v1/bounces', tag: 'Bounces and complaints' },
    scopes: ['bounces.write'],
    summary: 'Report addresses whose mail bounced',
    body: bounceBatch,
    answers: { 200: recorded },
    load: async () => (await import('../reports.js')).takeBounces,
  }),
  operation({
    ...{ id: 'reportComplaints', method: 'POST', path: '/api/v1/complaints', tag: 'Bounces and complaints' },
    scopes: ['bounces.write'],
    summary: 'Report addresses whose owner complained about mail as spam',
    body: complaintBatch,
    answers: { 200: recorded },
    // A complaint stops marketing mail, as an opt-out does.
    isOptOut: () => true,
    load: async () => (await import('../reports.js')).takeComplaints,
  }),
];
