/** Stylesheet, font and icon, the stylesheets and logos of the brands, and the public keys. */
import express from 'express';
import type { Request, Router } from 'express';
import type { Deps } from '../../deps.js';
import type { BusinessUnit } from '../../domain/consent/terms.js';
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
    const { unit, cacheControl } = await unitAsked(deps, request);
    response.set('Cache-Control', cacheControl).type('text/css').send(brandStyle(unit));
  });

  router.get(patterns.brandLogo, async (request, response) => {
    const { unit, cacheControl } = await unitAsked(deps, request);
    if (!unit.logo) throw new DomainError('UNKNOWN_UNIT');
    response
      .set('Cache-Control', cacheControl)
      // An SVG that is opened by itself is a document: it may run and load nothing, whatever is in it.
      .set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; sandbox")
      // Mails are read on other origins.
      .set('Cross-Origin-Resource-Policy', 'cross-origin')
      .type(unit.logo.contentType)
      .send(Buffer.from(unit.logo.base64, 'base64'));
  });

  router.get(patterns.jwks, (_request, response) => {
    response.set('Cache-Control', forMinutes).json(deps.tokens.jwks());
  });
  return router;
}

async function unitAsked(
  deps: Deps,
  request: Request<{ id: string }>,
): Promise<{ unit: BusinessUnit; cacheControl: string }> {
  const catalogue = await deps.catalogue();
  const id = readId(request.params.id);
  const unit = id === null ? undefined : catalogue.units.get(id);
  if (!unit) throw new DomainError('UNKNOWN_UNIT');
  const isCurrent = request.query['v'] === catalogue.revision;
  return { unit, cacheControl: isCurrent ? forAYear : forMinutes };
}
