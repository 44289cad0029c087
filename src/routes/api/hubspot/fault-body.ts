/** Faults in the shape and the words of HubSpot's API. Its clients read them, and decide by them whether to try again. */
import { z } from 'zod';
import { faultList } from '../../../vocabulary/fault-words.js';
import { detailsOf } from './refuse.js';

/** The JSON of a fault. @param error its cause, which has the details */
export function hubspotFault(
  fault: { status: number; category: string; message: string },
  { error, correlationId }: { error: unknown; correlationId: string },
): object {
  const body = { status: 'error', message: fault.message, correlationId, category: fault.category };
  const cause: unknown = Object(error)['cause'];
  switch (fault.status) {
    case 401:
      return cause === 'EXPIRED'
        ? {
            ...body,
            category: 'EXPIRED_AUTHENTICATION',
            message: 'The API key used to make this call expired.',
          }
        : { ...body, message: 'Authentication credentials not found. Send an API key as a bearer token.' };
    case 403:
      return fault.category === 'MISSING_SCOPES' ? { ...body, ...missingScopes(cause) } : body;
    case 429:
      return { ...body, ...tooMany(Object(error)['retryAfterSeconds']) };
    case 400:
      return { ...body, ...invalidRequest(error, cause) };
    default:
      return body;
  }
}

function missingScopes(cause: unknown): object {
  const requiredGranularScopes = z.array(z.string()).safeParse(cause).data ?? [];
  return {
    message: "This app hasn't been granted all required scopes to make this call.",
    errors: [
      { message: 'One or more of the following scopes are required.', context: { requiredGranularScopes } },
    ],
    links: { scopes: 'https://developers.hubspot.com/scopes' },
  };
}

/** HubSpot's client tries again after ten seconds, or after one: it knows which by the policy, or by the exact message. */
function tooMany(seconds: unknown): object {
  const isShort = typeof seconds === 'number' && seconds <= 1;
  return {
    errorType: 'RATE_LIMIT',
    ...(isShort
      ? { policyName: 'SECONDLY', message: 'You have reached your secondly limit.' }
      : { policyName: 'TEN_SECONDLY_ROLLING', message: 'You have reached your ten_secondly_rolling limit.' }),
  };
}

const unread = z.object({
  schema: z.string().optional(),
  missing: z.array(z.array(z.union([z.string(), z.number()]))),
  issues: z.array(z.object({ path: z.array(z.unknown()), message: z.string(), code: z.string() })),
});

function invalidRequest(error: unknown, cause: unknown): object {
  const details = detailsOf(error);
  if (details.length > 0) return { errors: details };
  if (Object(error)['type'] === 'entity.parse.failed')
    return { message: 'Invalid input JSON on line 1, column 1: the body is not JSON' };
  const read = unread.safeParse(cause).data;
  if (!read) return {};
  const errors = faultList(read.issues);
  const missing = read.missing.map((path) => String(path.at(-1) ?? 'body'));
  if (missing.length === 0 || read.issues.some(({ path }) => path[0] !== 'body')) return { errors };
  const what = `some of required attributes are not set [${[...new Set(missing)].join(', ')}]`;
  const name = read.schema ?? 'the request';
  return { message: `Invalid input JSON on line 1, column 2: Cannot build ${name}, ${what}`, errors };
}
