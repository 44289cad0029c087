/** Declares the API of bounces and complaints that other systems report. */
import { z } from 'zod';
import type { Deps } from '../../../deps.js';
import { kindOfFeedback } from '../../../domain/bounces/classify.js';
import { recordReports } from '../../../domain/bounces/record-reports.js';
import type { ApiCaller } from '../../../domain/staff/api-keys.js';
import type { DeliveryReport } from '../../../vocabulary/bounces.js';
import { operation, type Answer } from '../operation.js';

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

const recorded = z.strictObject({
  results: z.array(z.strictObject({ status: z.enum(['RECORDED', 'REPEATED', 'INVALID_ADDRESS']) })),
});

/** A report of either kind. */
type Reported = Omit<z.output<typeof bounce>, 'kind'> & Pick<DeliveryReport, 'kind'>;

export const reportOperations = [
  operation({
    ...{ id: 'reportBounces', method: 'POST', path: '/api/v1/bounces', tag: 'Bounces and complaints' },
    scopes: ['bounces.write'],
    summary: 'Report addresses whose mail bounced',
    body: batchOf(bounce),
    answers: { 200: recorded },
    run: (deps, caller, { body: { inputs }, callId }) => takeReports(deps, caller, callId, inputs),
  }),
  operation({
    ...{ id: 'reportComplaints', method: 'POST', path: '/api/v1/complaints', tag: 'Bounces and complaints' },
    scopes: ['bounces.write'],
    summary: 'Report addresses whose owner complained about mail as spam',
    body: batchOf(complaint),
    answers: { 200: recorded },
    // A complaint stops marketing mail, as an opt-out does.
    isOptOut: () => true,
    run: (deps, caller, { body: { inputs }, callId }) => {
      const reports = inputs.map(({ feedbackType, ...report }) => ({
        ...{ ...report, kind: kindOfFeedback(feedbackType) },
      }));
      return takeReports(deps, caller, callId, reports);
    },
  }),
];

/**
 * Records the reports. The result says of each whether it was recorded, and nothing about the address: a key of one business unit must not learn what
 * others know.
 */
async function takeReports(
  deps: Deps,
  caller: ApiCaller,
  callId: string,
  inputs: readonly Reported[],
): Promise<Answer> {
  const now = deps.clock();
  const reports = inputs.map(({ id, at, address, kind, status, diagnostic }, place) => ({
    ...{ address, kind },
    ...(status === undefined ? {} : { status }),
    ...(diagnostic === undefined ? {} : { diagnostic }),
    // Each key has ids of its own.
    id: [caller.id, id ?? [at ?? `${callId}:${place}`, kind, address].join(' ')].join(' '),
    at: at === undefined || new Date(at) > now ? now : new Date(at),
  }));
  const receiver = { id: 'api', provider: 'api', unitId: null, ref: caller.ref };
  const results = await recordReports(deps, receiver, reports);
  return { body: { results: results.map((status) => ({ status })) } };
}
