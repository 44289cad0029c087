/** The OpenAPI document and the reference page. Both depend on the program alone, so each is made once, at its first request. */
import express, { type Router } from 'express';
import type { Deps } from '../../deps.js';
import { apiPaths, patterns } from '../../paths.js';
import { wordsFor } from '../../views/words.js';
import { notAllowed } from './error-answer.js';

export function documentationRoutes({ config, views, assets }: Deps): Router {
  const router = express.Router();
  const document = async () => (await import('./openapi.js')).openApiDocument(config.baseUrl);
  const page = once(async () => {
    const { referencePage } = await import('./reference.js');
    const frame = {
      ...({ locale: 'en', direction: 'ltr', title: 'API', copy: wordsFor('en').copy } as const),
      ...{ brandStyles: [assets.urlOf('reference.css')], languages: [], languageAction: patterns.api },
    };
    return views.page('api-reference', referencePage(await document(), frame));
  });
  router
    .route(apiPaths.document)
    .get(async (_request, response) => void response.json(await document()))
    .all(notAllowed(['GET']));
  router
    .route(patterns.api)
    .get(async (_request, response) => void response.send(await page()))
    .all(notAllowed(['GET']));
  return router;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
