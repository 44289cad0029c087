/** Turns an error into a page in the reader's language, with a link onwards; one table from codes to statuses. */
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { Deps } from '../../deps.js';
import { DomainError, type ErrorCode } from '../../errors.js';
import { isDatabaseFault } from '../../models/database-fault.js';
import { paths, patterns } from '../../paths.js';
import type { MessagePage } from '../../views/public-pages.js';
import { wordsFor } from '../../views/words.js';
import { messageOf } from '../public/frame.js';
import { localeOf } from '../public/link.js';
import { sayWhenToRetry } from './retry-after.js';

interface Answer {
  status: number;
  tone: MessagePage['tone'];
  heading: string;
  text: string;
}

const notFound: Answer = { status: 404, tone: 'plain', heading: 'notFoundHeading', text: 'notFoundText' };
const badRequest: Answer = {
  status: 400,
  tone: 'warn',
  heading: 'badRequestHeading',
  text: 'badRequestText',
};
const away: Answer = { status: 503, tone: 'warn', heading: 'awayHeading', text: 'awayText' };
const broken: Answer = { status: 500, tone: 'stop', heading: 'errorHeading', text: 'errorText' };

/** The only place that maps codes to statuses. */
const answers: Partial<Record<ErrorCode, Answer>> = {
  INVALID_TOKEN: notFound,
  INVALID_FORM: badRequest,
  INVALID_ADDRESS: badRequest,
  UNKNOWN_UNIT: notFound,
  DATABASE_AWAY: away,
  OUTCOME_UNKNOWN: { ...away, text: 'unsureText' },
  TOO_MANY_REQUESTS: {
    status: 429,
    tone: 'warn',
    heading: 'tooManyRequestsHeading',
    text: 'tooManyRequestsText',
  },
};

/** Every page that answers a GET. Other paths under it, such as `/p/TOKEN/fresh-link`, only accept its forms. */
const pages = [
  patterns.preferences,
  patterns.myHistory,
  patterns.myHistoryFile,
  patterns.oneClick,
  patterns.unsubscribe,
  patterns.confirm,
  patterns.find,
].map((pattern) => new RegExp(`^${pattern.replace(':token', '[\\w.-]+')}$`));

/** An unknown path looks like a forged token, so that the difference reveals nothing. */
export function notFoundPage(deps: Deps): RequestHandler {
  return (request, response) => send(deps, request, response, notFound);
}

export function errorPage(deps: Deps): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const answer = answerTo(error);
    if (answer.status >= 500)
      deps.log.error({ err: error, requestId: response.locals['requestId'] }, 'request failed');
    if (response.headersSent) return next(error);
    sayWhenToRetry(response, answer.status, error);
    send(deps, request, response, answer);
  };
}

function answerTo(error: unknown): Answer {
  if (error instanceof DomainError) return answers[error.code] ?? broken;
  if (isDatabaseFault(error)) return away;
  // Express and its body parsers mark invalid requests with a 4xx status. A path that cannot be decoded is not a link of the portal.
  const status: unknown = Object(error)['status'];
  if (error instanceof URIError) return notFound;
  if (typeof status === 'number' && status >= 400 && status < 500) return { ...badRequest, status };
  return broken;
}

function send(deps: Deps, request: Request, response: Response, answer: Answer): void {
  const link: unknown = response.locals['linkLocale'];
  const words = wordsFor(localeOf(request, typeof link === 'string' ? link : undefined));
  const isWaitWorthwhile = answer.status === 503 || answer.status === 429;
  const { path, query } = pageToReturnTo(request);
  // A "not found" page links back to the same URL for any path, so it never repeats the request, and all such pages are alike.
  const page = messageOf({ words }, answer === notFound ? '?' : path, {
    tone: answer.tone,
    heading: words.t(answer.heading),
    sentences: [words.t(answer.text)],
    links: isWaitWorthwhile
      ? [{ href: path + query, text: words.t('tryAgain') }]
      : [{ href: paths.find(), text: words.t('findLink') }],
  });
  response.status(answer.status).send(deps.views.page('message', page));
}

/** The requested page, or the one whose form was sent; "send me my link" if there is none. */
function pageToReturnTo({ url }: Request): { path: string; query: string } {
  const [asked = '', query] = url.split('?', 2);
  const above = asked.slice(0, asked.lastIndexOf('/'));
  const path = [asked, above].find((one) => pages.some((page) => page.test(one)));
  return path ? { path, query: query ? `?${query}` : '' } : { path: paths.find(), query: '' };
}
