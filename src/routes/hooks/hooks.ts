/** Calls of mail providers, mounted under /hooks: the secret of the URL first, then the body, then the provider's signature. */
import express from 'express';
import type { Router } from 'express';
import type { Deps } from '../../deps.js';
import { isSame, openEndpoint, noteCall } from '../../domain/bounces/endpoints.js';
import { fetchText } from '../../domain/bounces/fetch-text.js';
import { takeCall } from '../../domain/bounces/take-call.js';
import { DomainError } from '../../errors.js';
import { hookPatterns, testHeader } from '../../paths.js';
import { beginningOfMail, takeMailReport } from '../mail-body.js';
import { apiErrorAnswer, apiNotFound } from '../api/error-answer.js';

/** SendGrid's batches are the largest calls. */
const mostBytes = '1mb';

export function hooksRouter(deps: Deps): Router {
  const router = express.Router();
  const raw = express.raw({ type: () => true, limit: mostBytes });
  const tools = { fetchText: deps.fetchText ?? fetchText() };
  router.post(hookPatterns.provider, async (request, response, next) => {
    const { provider, id, secret } = request.params;
    const endpoint = await openEndpoint(deps, { provider, id, secret });
    raw(request, response, (error?: unknown) => {
      if (error) return next(error);
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const call = { header: (name: string) => request.get(name), raw: body };
      const work = async () => {
        if (request.get(testHeader) !== undefined) {
          await noteCall(deps, endpoint.id);
          return { test: true };
        }
        return { events: await takeCall({ ...deps, ...tools }, endpoint, call) };
      };
      work().then((answer) => response.json(answer), next);
    });
  });
  router.post(hookPatterns.mime, async (request, response, next) => {
    const secret = deps.config.inboundSecret;
    if (secret === undefined) return next();
    // Before the mail is read: it may be large.
    if (!isSame(request.get('authorization') ?? '', `Bearer ${secret}`))
      throw new DomainError('INVALID_AUTHENTICATION', 'The secret of the mail server is wrong.');
    await takeMailReport(deps, await beginningOfMail(request));
    response.status(204).end();
  });
  router.use(apiNotFound);
  router.use(apiErrorAnswer(deps));
  return router;
}
