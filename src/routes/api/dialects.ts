/** The two dialects of the API: Sayso's own, and HubSpot's. A path's prefix decides. They differ in their faults, headers, and unknown fields. */
import { z, ZodError } from 'zod';
import { isHubspotPath } from '../../paths.js';
import { faultList } from '../../vocabulary/fault-words.js';
import { refusalCodes } from '../../vocabulary/refusal-codes.js';
import { refusalWords } from '../../vocabulary/words.js';
import { hubspotFault } from './hubspot/fault-body.js';
import type { Rate } from '../middleware/rate-limit.js';

/** An error as the caller sees it. */
export interface Fault {
  status: number;
  category: string;
  message: string;
}

interface FaultContext {
  error: unknown;
  correlationId: string;
}

export interface Dialect {
  /** Whether parameters that are not declared are faults. */
  isStrict: boolean;
  correlationHeader: string;
  rateHeaders: (rate: Rate) => Record<string, string>;
  /** The JSON of a fault. */
  faultBody: (fault: Fault, context: FaultContext) => object;
}

const own: Dialect = {
  isStrict: true,
  correlationHeader: 'X-Correlation-Id',
  rateHeaders: ({ most, left, resetMs }) => ({
    'RateLimit-Limit': String(most),
    'RateLimit-Remaining': String(left),
    'RateLimit-Reset': String(Math.ceil(resetMs / 1000)),
  }),
  faultBody: ({ message, category }, { error, correlationId }) => ({
    ...{ status: 'error', message, correlationId, category },
    ...errorsOf(error),
  }),
};

const hubspot: Dialect = {
  isStrict: false,
  correlationHeader: 'X-HubSpot-Correlation-Id',
  rateHeaders: ({ most, left, seconds }) => ({
    'X-HubSpot-RateLimit-Max': String(most),
    'X-HubSpot-RateLimit-Remaining': String(left),
    'X-HubSpot-RateLimit-Interval-Milliseconds': String(seconds * 1000),
  }),
  faultBody: hubspotFault,
};

/** @param path of a request, or the pattern of an operation */
export function dialectOf(path: string): Dialect {
  return isHubspotPath(path) ? hubspot : own;
}

/** The cause of a change that the rules refused. */
const refusal = z.object({ refusal: z.enum(refusalCodes) });

/** What is wrong with each part of a request. It never repeats a value: it could be an address. */
function errorsOf(error: unknown): object {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const refused = refusal.safeParse(cause);
  if (refused.success) {
    const message = refusalWords[refused.data.refusal];
    return { errors: [{ message, code: refused.data.refusal, in: 'body' }] };
  }
  if (!(cause instanceof ZodError)) return {};
  return { errors: faultList(cause.issues) };
}
