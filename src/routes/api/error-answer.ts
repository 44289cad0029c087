/** Errors of the API and of the hooks: which status and category each has. The dialect of the path renders them. */
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { Deps } from '../../deps.js';
import { DomainError, type ErrorCode } from '../../errors.js';
import { sayWhenToRetry } from '../middleware/retry-after.js';
import { isDatabaseFault } from '../../models/database-fault.js';
import { dialectOf, type Fault } from './dialects.js';

const notFound: Fault = { status: 404, category: 'OBJECT_NOT_FOUND', message: 'There is nothing here.' };
const invalid: Fault = {
  status: 400,
  category: 'VALIDATION_ERROR',
  message: 'The request could not be read.',
};
const away: Fault = {
  status: 503,
  category: 'SERVICE_UNAVAILABLE',
  message: 'The database cannot be reached. Nothing was saved; try again.',
};
const broken: Fault = {
  status: 500,
  category: 'INTERNAL_ERROR',
  message: 'Something went wrong on our side.',
};

const faults: Partial<Record<ErrorCode, Fault>> = {
  NOT_FOUND: notFound,
  UNKNOWN_UNIT: notFound,
  UNKNOWN_TYPE: notFound,
  INVALID_FORM: invalid,
  INVALID_ADDRESS: invalid,
  IDEMPOTENCY_KEY_REUSED: { ...invalid, status: 422 },
  INVALID_FILE: invalid,
  WRONG_NUMBER: invalid,
  CONFLICT: { status: 409, category: 'CONFLICT', message: 'This is not possible in the current state.' },
  INVALID_AUTHENTICATION: {
    status: 401,
    category: 'INVALID_AUTHENTICATION',
    message: 'The API key is missing, unknown, expired or revoked.',
  },
  MISSING_SCOPES: { status: 403, category: 'MISSING_SCOPES', message: 'This key may not do this.' },
  NOT_PERMITTED: { status: 403, category: 'MISSING_PERMISSIONS', message: 'This key may not do this.' },
  TOO_MANY_REQUESTS: { status: 429, category: 'RATE_LIMITS', message: 'Too many requests with this key.' },
  DATABASE_AWAY: away,
  PROVIDER_AWAY: { ...away, message: 'The mail provider cannot be reached.' },
  OUTCOME_UNKNOWN: {
    ...away,
    message: 'It is not known whether this was saved. Doing it again is safe.',
  },
};

/** Of the parser of bodies. */
const bodyFaults: Partial<Record<number, string>> = {
  400: 'The body is not valid JSON.',
  408: 'The body took too long to arrive.',
  413: 'The body is too large.',
  415: 'Send the body as application/json.',
};

export const apiNotFound: RequestHandler = (request, response) => sendFault(request, response, notFound);

/** RFC 9110, section 15.5.6: the answer lists the methods. */
export function notAllowed(methods: readonly string[]): RequestHandler {
  const allowed = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
  return (request, response) => {
    response.set('Allow', allowed);
    const message = `This path answers ${allowed}.`;
    sendFault(request, response, { status: 405, category: 'METHOD_NOT_ALLOWED', message });
  };
}

export function apiErrorAnswer(deps: Pick<Deps, 'log'>): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const fault = faultOf(error);
    if (fault.status >= 500)
      deps.log.error({ err: error, requestId: response.locals['requestId'] }, 'request failed');
    if (response.headersSent) return next(error);
    sayWhenToRetry(response, fault.status, error);
    sendFault(request, response, fault, error);
  };
}

export function faultOf(error: unknown): Fault {
  if (error instanceof DomainError) {
    const fault = faults[error.code] ?? broken;
    // A message with more detail than the code is meant for the caller.
    const saysMore = fault.status < 500 && error.message !== error.code;
    return saysMore ? { ...fault, message: error.message } : fault;
  }
  if (isDatabaseFault(error)) return away;
  if (error instanceof URIError) return notFound;
  const status: unknown = Object(error)['status'];
  if (typeof status !== 'number' || status < 400 || status >= 500) return broken;
  return { ...invalid, status, ...(bodyFaults[status] && { message: bodyFaults[status] }) };
}

/** @param error the cause, from which the dialect may take details */
export function sendFault(request: Request, response: Response, fault: Fault, error?: unknown): void {
  const correlationId = String(response.locals['requestId']);
  if (fault.status === 401) response.set('WWW-Authenticate', 'Bearer');
  const { correlationHeader, faultBody } = dialectOf(request.originalUrl);
  response.set(correlationHeader, correlationId);
  response.status(fault.status).json(faultBody(fault, { error, correlationId }));
}
