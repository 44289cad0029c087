/** The API, mounted under /api: every router in order, and its faults as JSON. */
import express, { type Router } from 'express';
import type { Deps } from '../../deps.js';
import { apiPatterns } from '../../paths.js';
import { authenticateKey } from './authenticate.js';
import { reportRoutes } from './reports.js';
import { apiErrorAnswer, apiNotFound } from './error-answer.js';

export function apiRouter(deps: Deps): Router {
  const router = express.Router();
  const authenticate = authenticateKey(deps);

  // Tells a key's holder its rights: the first call of a developer who sets up a client.
  router.get(apiPatterns.key, async (request, response) => {
    const { id, name, scopes, scope, createdAt, expiresAt } = await authenticate(request);
    response.json({ id, name, scopes, businessUnitIds: scope, createdAt, expiresAt });
  });

  router.use(reportRoutes(deps, authenticate));

  router.use(apiNotFound);
  router.use(apiErrorAnswer(deps));
  return router;
}
