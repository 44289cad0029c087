/** Calls of mail providers, mounted under /hooks: the secret of the URL first, then the body, then the provider's signature. */
import express from 'express';
import type { Router } from 'express';
import type { Deps } from '../../deps.js';
import { openEndpoint, noteCall } from '../../domain/bounces/endpoints.js';
import { fetchText } from '../../domain/bounces/fetch-text.js';
import { takeCall } from '../../domain/bounces/take-call.js';
import { hookPatterns, testHeader } from '../../paths.js';
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
  router.use(apiNotFound);
  router.use(apiErrorAnswer(deps));
  return router;
}
