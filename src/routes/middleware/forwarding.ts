/** Detects an undeclared proxy in front: without TRUST_PROXY_HOPS, every visitor has the proxy's address, and all share one rate limit. */
import { Router, type Request } from 'express';
import type { Deps } from '../../deps.js';
import { patterns } from '../../paths.js';

/**
 * Checks every request for forwarding headers that `TRUST_PROXY_HOPS` ignores, logs the first one, and informs the doctor (decision 0553).
 * `Forwarded` (RFC 7239) is never read.
 */
export function forwardingRoutes({
  config,
  installation,
  log,
}: Pick<Deps, 'config' | 'installation' | 'log'>): Router {
  const router = Router();
  let hasUntrusted = false;

  router.use((request, _response, next) => {
    if (!hasUntrusted && isUntrusted(request, config.trustProxyHops)) {
      hasUntrusted = true;
      log.warn(
        { trustProxyHops: config.trustProxyHops },
        'a proxy names the visitor in X-Forwarded-For or Forwarded, which is not trusted: behind it all visitors share one rate limit; set TRUST_PROXY_HOPS to the number of proxies that add X-Forwarded-For',
      );
    }
    next();
  });

  router.get(patterns.installation, (request, response) => {
    response
      .set('Cache-Control', 'no-store')
      .json({ installation, forwardedFor: forwardedFor(request).length, hasUntrusted });
  });
  return router;
}

function isUntrusted(request: Request, trustProxyHops: number): boolean {
  const isNamed = forwardedFor(request).length > 0;
  return trustProxyHops === 0
    ? isNamed || request.get('forwarded') !== undefined
    : !isNamed && request.get('forwarded') !== undefined;
}

/** The number of addresses that proxies added. */
function forwardedFor(request: Request): string[] {
  return (request.get('x-forwarded-for') ?? '').split(',').filter((address) => address.trim() !== '');
}
