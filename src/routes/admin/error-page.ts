/** Error pages of the admin pages, each with a link to continue. */
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { adminPaths } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import { DomainError, type ErrorCode } from '../../errors.js';
import { isDatabaseFault } from '../../models/database-fault.js';
import { sayWhenToRetry } from '../middleware/retry-after.js';
import { adminFrame, outsideFrame } from './frame.js';
import type { Ask } from './route.js';
import { askOf } from './who.js';

interface Answer {
  status: number;
  heading: string;
  text: string;
}

const notFound: Answer = {
  status: 404,
  heading: 'There is nothing here',
  text: 'It may have been deleted, or it belongs to a business unit that your account does not reach.',
};
const badRequest: Answer = {
  status: 400,
  heading: 'This could not be read',
  text: 'Nothing was changed. Go back, check the form, and send it again.',
};
const tooLarge: Answer = {
  status: 413,
  heading: 'This form is too large',
  text: 'Nothing was changed. Go back, shorten your text, and send it again.',
};
const away: Answer = {
  status: 503,
  heading: 'The database cannot be reached',
  text: 'Nothing was saved. Please try again in a minute.',
};
const unknown: Answer = {
  ...away,
  text: 'It may or may not be saved. Check the page before you repeat it; repeating it is safe.',
};
const broken: Answer = {
  status: 500,
  heading: 'Something went wrong on our side',
  text: 'The error was logged. Changes that were confirmed as saved are not lost.',
};

/** The page is older than what it shows, or a form was sent twice. The sentence of the error says what to do. */
const changed = { status: 409, heading: 'This has changed in the meantime' };

const answers: Partial<Record<ErrorCode, Answer>> = {
  NOT_FOUND: notFound,
  INVALID_TOKEN: notFound,
  UNKNOWN_UNIT: notFound,
  UNKNOWN_TYPE: notFound,
  INVALID_FORM: badRequest,
  INVALID_ADDRESS: badRequest,
  NOT_PERMITTED: {
    status: 403,
    heading: 'Your role does not include this',
    text: 'Nothing was changed. An admin can give your account another role.',
  },
  FORGED_REQUEST: {
    status: 403,
    heading: 'This form is too old, or came from elsewhere',
    text: 'Nothing was changed. Open the page again, and send it from there.',
  },
  DATABASE_AWAY: away,
  DATABASE_BUSY: {
    status: 503,
    heading: 'Another process is changing this now',
    text: 'Nothing was changed. Please try again in a moment.',
  },
  OUTCOME_UNKNOWN: unknown,
  UNDELIVERABLE: {
    status: 409,
    heading: 'No mail reaches this address',
    text: 'Mail to it came back or was reported as spam, so nothing was sent.',
  },
  TOO_MANY_REQUESTS: {
    status: 429,
    heading: 'Too many tries',
    text: 'For safety there is a pause now. Please try again in some minutes.',
  },
};

export const adminNotFound: RequestHandler = (_request, _response, next) =>
  next(new DomainError('NOT_FOUND'));

export function adminErrorPage(deps: Deps): ErrorRequestHandler {
  return async (error: unknown, request, response, next) => {
    const answer = answerTo(error, response.locals['hasBegun'] === true);
    if (answer.status >= 500)
      deps.log.error({ err: error, requestId: response.locals['requestId'] }, 'request failed');
    if (response.headersSent) return next(error);
    sayWhenToRetry(response, answer.status, error);
    await send(deps, request, response, answer);
  };
}

/** @param hasBegun an act has begun: when the database fails, part of it may be saved, or all of it except its audit entry */
function answerTo(error: unknown, hasBegun: boolean): Answer {
  const isAway = error instanceof DomainError ? error.code === 'DATABASE_AWAY' : isDatabaseFault(error);
  if (isAway && hasBegun) return unknown;
  if (error instanceof DomainError && error.code === 'CONFLICT') return { ...changed, text: error.message };
  if (error instanceof DomainError) return answers[error.code] ?? broken;
  if (isAway) return away;
  if (error instanceof URIError) return notFound;
  const status: unknown = Object(error)['status'];
  if (status === tooLarge.status) return tooLarge;
  return typeof status === 'number' && status >= 400 && status < 500 ? { ...badRequest, status } : broken;
}

async function send(
  deps: Deps,
  request: Request,
  response: Response,
  { status, heading, text }: Answer,
): Promise<void> {
  const ask = await askOfFault(deps, request, response, status);
  const frame = ask ? adminFrame(ask, 'nowhere', heading) : outsideFrame(heading);
  const link = { href: adminPaths.dashboard(), text: ask ? 'Dashboard' : 'Sign in' };
  response
    .status(status)
    .send(deps.views.page('admin-message', { ...frame, heading, sentences: [text], links: [link] }));
}

/** The user, also of a request that no route took. While the database fails it is not asked again. */
async function askOfFault(
  deps: Deps,
  request: Request,
  response: Response,
  status: number,
): Promise<Ask | null> {
  const ask: Ask | undefined = response.locals['ask'];
  return ask ?? (status < 500 ? await askOf(deps, request).catch(() => null) : null);
}
