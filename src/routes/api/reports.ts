/** Bounces and complaints that another system reports. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Deps } from '../../deps.js';
import { kindOfFeedback } from '../../domain/bounces/classify.js';
import { recordReports, type Recorded } from '../../domain/bounces/record-reports.js';
import { DomainError } from '../../errors.js';
import type { DeliveryReport } from '../../vocabulary/bounces.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';

const mostInputs = 1000;

const common = {
  address: z.string().max(1000),
  /** The caller's id of the event. With it, a repeated call counts once. */
  id: z.string().min(1).max(200).optional(),
  at: z.iso.datetime({ offset: true }).optional(),
  diagnostic: z.string().max(2000).optional(),
};
const bounce = z.strictObject({
  ...common,
  kind: z.enum(['HARD', 'SOFT']),
  status: z
    .string()
    .regex(/^[245]\.\d{1,3}\.\d{1,3}$/)
    .optional(),
});
const complaint = z.strictObject({ ...common, feedbackType: z.string().max(40).optional() });
const batchOf = <T extends z.ZodType>(input: T) =>
  z.strictObject({ inputs: z.array(input).min(1).max(mostInputs) });

type Input = Omit<DeliveryReport, 'id' | 'at'> & { id: string | undefined; at: string | undefined };

/** The batch of each call, and how an input becomes a report. */
const schemas = {
  bounces: batchOf(
    bounce.transform(({ address, kind, id, at, ...more }): Input => ({
      ...{ address, kind, id, at },
      ...present(more),
    })),
  ),
  complaints: batchOf(
    complaint.transform(({ address, id, at, feedbackType, ...more }): Input => ({
      ...{ address, id, at, kind: kindOfFeedback(feedbackType) },
      ...present(more),
    })),
  ),
};

/**
 * Records up to a thousand reports. The result says of each whether it was recorded, and nothing about the address: a key of one business unit must
 * not learn what others know.
 * @throws DomainError `INVALID_FORM`
 */
export async function takeReports(
  deps: Deps,
  caller: ApiCaller,
  what: keyof typeof schemas,
  body: unknown,
): Promise<{ results: { status: Recorded }[] }> {
  const parsed = schemas[what].safeParse(body);
  if (!parsed.success) throw new DomainError('INVALID_FORM', z.prettifyError(parsed.error).slice(0, 1000));
  const now = deps.clock();
  const reports = parsed.data.inputs.map(({ id, at, ...report }) => ({
    ...report,
    // Each key has ids of its own.
    id: [caller.id, id ?? [at ?? randomUUID(), report.kind, report.address].join(' ')].join(' '),
    at: at === undefined || new Date(at) > now ? now : new Date(at),
  }));
  const receiver = { id: 'api', provider: 'api', unitId: null, ref: caller.ref };
  const results = await recordReports(deps, receiver, reports);
  return { results: results.map((status) => ({ status })) };
}

/** Without the fields that are absent. */
function present({ status, diagnostic }: { status?: string | undefined; diagnostic?: string | undefined }) {
  return { ...(status === undefined ? {} : { status }), ...(diagnostic === undefined ? {} : { diagnostic }) };
}
