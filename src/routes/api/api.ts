/** The API, mounted under /api: every router in order, and its faults as JSON. */
import express, { type Request, type Response, type Router } from 'express';
import type { Deps } from '../../deps.js';
import { apiPatterns } from '../../paths.js';
import { authenticateKey } from './authenticate.js';
import { apiErrorAnswer, apiNotFound } from './error-answer.js';
import { importRoutes } from './imports.js';

const json = express.json({ limit: '1mb' });

export function apiRouter(deps: Deps): Router {
  const router = express.Router();
  const authenticate = authenticateKey(deps);

  // Tells a key's holder its rights: the first call of a developer who sets up a client.
  router.get(apiPatterns.key, async (request, response) => {
    const { id, name, scopes, scope, createdAt, expiresAt } = await authenticate(request);
    response.json({ id, name, scopes, businessUnitIds: scope, createdAt, expiresAt });
  });

  for (const what of ['bounces', 'complaints'] as const)
    router.post(apiPatterns[what], async (request, response) => {
      const caller = await authenticate(request, 'bounces.write');
      const body = await jsonOf(request, response);
      // Loaded by the first report.
      const { takeReports } = await import('./reports.js');
      response.json(await takeReports(deps, caller, what, body));
    });
  // Loaded by the first call.
  router.post(apiPatterns.exports, async (request, response) => {
    const caller = await authenticate(request, 'exports');
    const body = await jsonOf(request, response);
    const { askForExport } = await import('./exports.js');
    const repeatKey = request.get('idempotency-key');
    response.status(202).json(await askForExport(deps, caller, body, repeatKey));
  });
  router.get(apiPatterns.export, async (request, response) => {
    const caller = await authenticate(request, 'exports');
    const { showExport } = await import('./exports.js');
    response.json(await showExport(deps, caller, request.params['id']));
  });
  router.get(apiPatterns.exportFile, async (request, response) => {
    const caller = await authenticate(request, 'exports');
    const { sendExport } = await import('./exports.js');
    await sendExport(deps, caller, request.params['id'], response);
  });
  router.post(apiPatterns.personData, async (request, response) => {
    const caller = await authenticate(request, 'contacts.read');
    const body = await jsonOf(request, response);
    const { sendPersonData } = await import('./people.js');
    await sendPersonData(deps, caller, body, response);
  });
  router.post(apiPatterns.erasures, async (request, response) => {
    const caller = await authenticate(request, 'contacts.write');
    const body = await jsonOf(request, response);
    const { erase } = await import('./people.js');
    response.json(await erase(deps, caller, body));
  });

  router.get(apiPatterns.lists, async (request, response) => {
    const caller = await authenticate(request, 'contacts.read');
    const { showLists } = await import('./lists.js');
    response.json(await showLists(deps, caller));
  });
  router.post(apiPatterns.listMembers, async (request, response) => {
    const caller = await authenticate(request, 'contacts.write');
    const body = await jsonOf(request, response);
    const { changeListMembers } = await import('./lists.js');
    response.json(await changeListMembers(deps, caller, request.params['id'], body));
  });
  router.post(apiPatterns.workflowEnrolments, async (request, response) => {
    const caller = await authenticate(request, 'contacts.write');
    const body = await jsonOf(request, response);
    const { enrolContactsByApi } = await import('./workflows.js');
    const asked = { workflowId: request.params['id'], body, repeatKey: request.get('idempotency-key') };
    response.json(await enrolContactsByApi(deps, caller, asked));
  });

  router.use(importRoutes(deps, authenticate, jsonOf));
  router.use(apiNotFound);
  router.use(apiErrorAnswer(deps));
  return router;
}

/** The body, read only after its caller is known. @throws an error with the status that it deserves */
async function jsonOf(request: Request, response: Response): Promise<unknown> {
  await new Promise<void>((resolve, reject) => {
    json(request, response, (error?: unknown) => (error instanceof Error ? reject(error) : resolve()));
  });
  return request.body;
}
