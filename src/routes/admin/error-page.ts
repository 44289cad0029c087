/** Error pages of the admin pages, each with a link to continue. */
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { adminPaths } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import { DomainError } from '../../errors.js';
import type { ErrorCode } from '../../errors.js';
import { isDatabaseFault } from '../../models/database-fault.js';
import { sayWhenToRetry } from '../middleware/retry-after.js';
import { adminFrame, outsideFrame } from './frame.js';
import type { Ask } from './route.js';

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
  text: 'Nothing was changed. Go back, look over what was filled in, and send it again.',
};
const away: Answer = {
  status: 503,
  heading: 'The database cannot be reached',
  text: 'Nothing was saved. Please try again in a minute.',
};
const unknown: Answer = {
  ...away,
  text: 'It is not known whether it was saved. Look at the page again before you repeat it; doing it twice is safe.',
};
const broken: Answer = {
  status: 500,
  heading: 'Something went wrong on our side',
  text: 'It has been noted. Nothing that you were told is saved is lost.',
};

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
    heading: 'Somebody else is at this just now',
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

export function adminNotFound(deps: Deps): RequestHandler {
  return (_request, response) => send(deps, response, notFound);
}

export function adminErrorPage(deps: Deps): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    const answer = answerTo(error, response.locals['hasBegun'] === true);
    if (answer.status >= 500)
      deps.log.error({ err: error, requestId: response.locals['requestId'] }, 'request failed');
    if (response.headersSent) return next(error);
    sayWhenToRetry(response, answer.status, error);
    send(deps, response, answer);
  };
}

/** @param hasBegun an act has begun: when the database fails, part of it may be saved, or all of it except its audit entry */
function answerTo(error: unknown, hasBegun: boolean): Answer {
  const isAway = error instanceof DomainError ? error.code === 'DATABASE_AWAY' : isDatabaseFault(error);
  if (isAway && hasBegun) return unknown;
  if (error instanceof DomainError) return answers[error.code] ?? broken;
  if (isAway) return away;
  if (error instanceof URIError) return notFound;
  const status: unknown = Object(error)['status'];
  return typeof status === 'number' && status >= 400 && status < 500 ? { ...badRequest, status } : broken;
}

function send(deps: Deps, response: Response, { status, heading, text }: Answer): void {
  const ask: Ask | undefined = response.locals['ask'];
  const frame = ask ? adminFrame(ask, 'nowhere', heading) : outsideFrame(heading);
  const link = { href: adminPaths.overview(), text: ask ? 'Overview' : 'Sign in' };
  response
    .status(status)
    .send(deps.views.page('admin-message', { ...frame, heading, sentences: [text], links: [link] }));
}
