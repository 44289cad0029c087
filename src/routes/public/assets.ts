/** Stylesheet, font and icon, the stylesheets of the brands, and the public keys. */
import express from 'express';
import type { Router } from 'express';
import type { Deps } from '../../deps.js';
import { DomainError } from '../../errors.js';
import { patterns } from '../../paths.js';
import { brandStyle } from '../../views/brand-style.js';
import { readId } from './ids.js';

const forAYear = 'public, max-age=31536000, immutable';
const forMinutes = 'public, max-age=300';

export function assetRoutes(deps: Deps): Router {
  const router = express.Router();

  router.get(`${patterns.assets}/:name`, (request, response) => {
    const asset = deps.assets.byName.get(request.params.name);
    if (!asset) throw new DomainError('INVALID_TOKEN');
    const isCurrent = request.query['v'] === asset.revision;
    response
      .set('Cache-Control', isCurrent ? forAYear : forMinutes)
      .type(asset.contentType)
      .send(asset.body);
  });

  router.get(patterns.brandStyle, async (request, response) => {
    const catalogue = await deps.catalogue();
    const id = readId(request.params.id);
    const unit = id === null ? undefined : catalogue.units.get(id);
    if (!unit) throw new DomainError('UNKNOWN_UNIT');
    const isCurrent = request.query['v'] === catalogue.revision;
    response
      .set('Cache-Control', isCurrent ? forAYear : forMinutes)
      .type('text/css')
      .send(brandStyle(unit));
  });

  router.get(patterns.jwks, (_request, response) => {
    response.set('Cache-Control', forMinutes).json(deps.tokens.jwks());
  });
  return router;
}
