/** Bounces and complaints that another system reports. */
import { randomUUID } from 'node:crypto';
import express, { type Router } from 'express';
import { z } from 'zod';
import type { Deps } from '../../deps.js';
import { kindOfFeedback } from '../../domain/bounces/classify.js';
import { recordReports } from '../../domain/bounces/record-reports.js';
import { DomainError } from '../../errors.js';
import { apiPatterns } from '../../paths.js';
import type { DeliveryReport } from '../../vocabulary/bounces.js';
import type { AuthenticateKey } from './authenticate.js';

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

/** The batches of each call, and how an input becomes a report. */
const calls = [
  {
    path: apiPatterns.bounces,
    schema: batchOf(
      bounce.transform(({ address, kind, id, at, ...more }): Input => ({
        address,
        kind,
        id,
        at,
        ...present(more),
      })),
    ),
  },
  {
    path: apiPatterns.complaints,
    schema: batchOf(
      complaint.transform(({ address, id, at, feedbackType, ...more }): Input => ({
        ...{ address, id, at, kind: kindOfFeedback(feedbackType) },
        ...present(more),
      })),
    ),
  },
];

/**
 * `POST` of up to a thousand reports. The answer says of each whether it was recorded, and nothing about the address: a key of one business unit must
 * not learn what others know.
 */
export function reportRoutes(deps: Deps, authenticate: AuthenticateKey): Router {
  const router = express.Router();
  const json = express.json({ limit: '1mb' });
  for (const { path, schema } of calls)
    router.post(path, async (request, response) => {
      const caller = await authenticate(request, 'bounces.write');
      await new Promise<void>((resolve, reject) => {
        json(request, response, (error?: unknown) => (error instanceof Error ? reject(error) : resolve()));
      });
      const parsed = schema.safeParse(request.body);
      if (!parsed.success)
        throw new DomainError('INVALID_FORM', z.prettifyError(parsed.error).slice(0, 1000));
      const now = deps.clock();
      const reports = parsed.data.inputs.map(({ id, at, ...report }) => ({
        ...report,
        // Each key has ids of its own.
        id: `${caller.id} ${id ?? at ?? randomUUID()} ${id === undefined ? `${report.kind} ${report.address ?? ''}` : ''}`,
        at: at === undefined || new Date(at) > now ? now : new Date(at),
      }));
      const receiver = { id: 'api', provider: 'api', unitId: null, ref: caller.ref };
      const results = await recordReports(deps, receiver, reports);
      response.json({ results: results.map((status) => ({ status })) });
    });
  return router;
}

/** Without the fields that are absent. */
function present({ status, diagnostic }: { status?: string | undefined; diagnostic?: string | undefined }) {
  return { ...(status === undefined ? {} : { status }), ...(diagnostic === undefined ? {} : { diagnostic }) };
}
