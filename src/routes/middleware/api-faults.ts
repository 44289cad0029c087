/** Answers in JSON what a limit of the whole application refuses on a path of the API. The code of the API is loaded by the first such call. */
import type { ErrorRequestHandler } from 'express';
import type { Deps } from '../../deps.js';
import { isApiPath } from '../../paths.js';

export function faultsOfApi(deps: Pick<Deps, 'log'>): ErrorRequestHandler {
  return async (error: unknown, request, response, next) => {
    if (!isApiPath(request.path)) return next(error);
    const { apiErrorAnswer } = await import('../api/error-answer.js');
    apiErrorAnswer(deps)(error, request, response, next);
  };
}
