/** Security headers: a content security policy without inline code, no framing, no referrer, no caching, no indexing. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { Config } from '../../config.js';

/** Helmet's defaults allow inline style and framing by the same origin; these pages need neither. */
export function securityHeaders(config: Pick<Config, 'baseUrl'>): RequestHandler {
  const isHttps = config.baseUrl.startsWith('https:');
  const headers = headersBy(
    helmet({
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
    }),
  );
  return (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Robots-Tag', 'noindex, nofollow');
    for (const [name, value] of headers) response.setHeader(name, value);
    next();
  };
}

/** Helmet's headers do not depend on the request, so they are computed once (decision 0122). */
function headersBy(guard: ReturnType<typeof helmet>): [string, string][] {
  const answer = new ServerResponse(new IncomingMessage(new Socket()));
  guard(answer.req, answer, () => undefined);
  return answer.getHeaderNames().map((name) => [name, String(answer.getHeader(name))]);
}
