/** Stylesheet, font and icon, the stylesheets and logos of the brands, and the public keys. */
import express, { type Request, type Router } from 'express';
import type { Deps } from '../../deps.js';
import { reading } from '../../domain/consent/durability.js';
import type { BusinessUnit, Catalogue, Logo } from '../../vocabulary/terms.js';
import { DomainError } from '../../errors.js';
import { findLogo } from '../../models/business-unit.js';
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
    const { unit, catalogue, cacheControl } = await unitAsked(deps, request);
    const logo = unit.logo ? await logoIn(deps, catalogue, unit.id) : null;
    if (!logo) throw new DomainError('UNKNOWN_UNIT');
    response
      .set('Cache-Control', cacheControl)
      // An SVG that is opened directly is a document, so it may run and load nothing.
      .set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'; sandbox")
      // Mails are read on other origins.
      .set('Cross-Origin-Resource-Policy', 'cross-origin')
      .type(logo.contentType)
      .send(logo.bytes);
  });

  router.get(patterns.jwks, (_request, response) => {
    response.set('Cache-Control', forMinutes).json(deps.tokens.jwks());
  });
  return router;
}

interface Picture {
  contentType: string;
  bytes: Buffer;
}
const pictures = new WeakMap<Catalogue, Map<number, Promise<Picture | null>>>();

/** Read at the first request, and cached as long as the catalogue, which does not contain the pictures. */
async function logoIn({ models }: Deps, catalogue: Catalogue, unitId: number): Promise<Picture | null> {
  const known = pictures.get(catalogue) ?? new Map<number, Promise<Picture | null>>();
  pictures.set(catalogue, known);
  const found = known.get(unitId) ?? reading(() => findLogo(models.units, unitId)).then(pictureOf);
  known.set(unitId, found);
  // A failed read is retried at the next request.
  found.catch(() => known.delete(unitId));
  return found;
}

const pictureOf = (logo: Logo | null): Picture | null =>
  logo && { contentType: logo.contentType, bytes: Buffer.from(logo.base64, 'base64') };

async function unitAsked(
  deps: Deps,
  request: Request<{ id: string }>,
): Promise<{ unit: BusinessUnit; catalogue: Catalogue; cacheControl: string }> {
  const catalogue = await deps.catalogue();
  const id = readId(request.params.id);
  const unit = id === null ? undefined : catalogue.units.get(id);
  if (!unit) throw new DomainError('UNKNOWN_UNIT');
  const isCurrent = request.query['v'] === catalogue.revision;
  return { unit, catalogue, cacheControl: isCurrent ? forAYear : forMinutes };
}
