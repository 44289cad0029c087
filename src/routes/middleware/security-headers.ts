/** Security headers: a content security policy without inline anything, no framing, no referrer, no caching, no indexing. */
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { Config } from '../../config.js';

/** Helmet's defaults allow inline style and framing by the same origin; these pages need neither. */
export function securityHeaders(config: Pick<Config, 'baseUrl'>): RequestHandler {
  const isHttps = config.baseUrl.startsWith('https:');
  const guard = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        fontSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: isHttps ? { maxAge: 31_536_000 } : false,
  });
  return (request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Robots-Tag', 'noindex, nofollow');
    guard(request, response, next);
  };
}
