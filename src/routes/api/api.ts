/** The API: routes every declared operation, and sends its answer or its fault. Loaded by the first call. */
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import type { Deps } from '../../deps.js';
import { tooMany } from '../../models/rate-limiter.js';
import { sendText } from '../send-text.js';
import { authenticateKey, type AuthenticateKey } from './authenticate.js';
import { dialectOf } from './dialects.js';
import { DomainError } from '../../errors.js';
import { apiErrorAnswer, apiNotFound, faultOf, notAllowed } from './error-answer.js';
import { documentationRoutes } from './documentation.js';
import { newId } from '../../new-id.js';
import { answerOnce, hashedBytes, keptIdOf } from './idempotency.js';
import type { Answer, Operation } from './operation.js';
import { operations } from './registry.js';

/** Answers every path of the API, so it is mounted without a prefix behind `isApiPath`. */
export function apiRouter(deps: Deps): Router {
  const router = express.Router();
  const authenticate = authenticateKey(deps);
  router.use((request, response, next) => {
    response.set(dialectOf(request.path).correlationHeader, String(response.locals['requestId']));
    next();
  });
  router.use(documentationRoutes(deps));
  for (const [path, declared] of byPath(operations)) {
    const route = router.route(path);
    for (const one of declared) route[verbs[one.method]](answering(deps, authenticate, one));
    route.all(notAllowed(declared.map(({ method }) => method)));
  }
  router.use(apiNotFound);
  router.use(apiErrorAnswer(deps));
  return router;
}

const verbs = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const;

function answering(deps: Deps, authenticate: AuthenticateKey, operation: Operation): RequestHandler {
  return async (request, response) => {
    const { caller, rate } = await authenticate(request, operation.scopes);
    response.set(operation.dialect.rateHeaders(rate));
    const refusal = rate.isRefused ? tooMany({ msBeforeNext: rate.resetMs }) : null;
    if (refusal && !operation.mayOptOut) throw refusal;
    const key = operation.keepsAnswer ? request.get('idempotency-key') : undefined;
    const keptId = key === undefined ? null : keptIdOf(caller.id, request.path, key);
    const query = { ...request.query };
    const body = operation.body && (await jsonOf(request, response));
    const upload = keptId !== null && operation.upload ? hashedBytes(request) : null;
    const bytes = upload?.bytes ?? request;
    const params = { ...request.params };
    const { isOptOut, run } = operation.prepare({ params, query, body, bytes });
    if (refusal && !isOptOut) throw refusal;
    const answer = (callId: string) => run(deps, caller, { callId });
    const about = { request: { query, body }, bytes: upload, faultAnswer: faultAnswer(operation, response) };
    await send(
      response,
      operation,
      keptId === null ? await answer(newId()) : await answerOnce(deps, { ...about, id: keptId }, answer),
    );
  };
}

/** The answer of a fault that is final. A fault of the database, or one with a time to retry, is not. */
function faultAnswer({ dialect }: Operation, { locals }: Response) {
  return (error: unknown): Answer | null => {
    if (!(error instanceof DomainError) || error.retryAfterSeconds !== undefined) return null;
    const fault = faultOf(error);
    const correlationId = String(locals['requestId']);
    return fault.status >= 500
      ? null
      : { status: fault.status, body: dialect.faultBody(fault, { error, correlationId }) };
  };
}

const json = express.json({ limit: '1mb' });

/** The body, read only after its caller is known. @throws an error with the status that it deserves */
async function jsonOf(request: Request, response: Response): Promise<unknown> {
  if (request.is('json') === false) throw Object.assign(new Error('The body is not JSON.'), { status: 415 });
  await new Promise<void>((resolve, reject) => {
    json(request, response, (error?: unknown) => (error instanceof Error ? reject(error) : resolve()));
  });
  if (isDeep(request.body)) throw new DomainError('INVALID_FORM', 'The body has too many levels.');
  return request.body;
}

/** Far more levels than any request has. */
const mostLevels = 100;

/** Code that follows the levels of a body, such as `JSON.stringify`, would run out of stack. */
function isDeep(body: unknown): boolean {
  let level: unknown[] = [body];
  for (let depth = 0; depth < mostLevels && level.length > 0; depth++)
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  return level.length > 0;
}

async function send(response: Response, { answers }: Operation, answer: Answer): Promise<void> {
  response.set(answer.headers ?? {});
  const status = ('status' in answer ? answer.status : undefined) ?? Number(Object.keys(answers)[0]);
  response.status(status);
  if ('stream' in answer) {
    response.set('Content-Type', answer.type);
    return sendText(response, answer.stream);
  }
  if (answer.body === undefined) response.end();
  else response.json(answer.body);
}

/** A fixed path comes before one with a parameter at the same place. */
function byPath(all: readonly Operation[]): [string, Operation[]][] {
  const found = new Map<string, Operation[]>();
  for (const one of all) found.set(one.path, [...(found.get(one.path) ?? []), one]);
  const rank = (path: string) => path.replaceAll(/:\w+/g, '\uffff');
  return [...found].sort(([one], [other]) => (rank(one) < rank(other) ? -1 : 1));
}
