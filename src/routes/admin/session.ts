/** Sessions of the staff, and two protections against forged requests: the origin of the request, and the anti-forgery token. */
import { createHash } from 'node:crypto';
import session from 'express-session';
import { MongoStore } from 'connect-mongo';
import { csrfSync } from 'csrf-sync';
import type { Request, RequestHandler } from 'express';
import type { Config } from '../../config.js';
import type { Deps } from '../../deps.js';
import { derivedKey } from '../../domain/staff/secrets.js';
import { DomainError } from '../../errors.js';
import { sessionCollection, type SessionContent } from '../../models/session.js';
import { tokenIn } from './form-mark.js';
import { patterns } from '../../paths.js';

declare module 'express-session' {
  /** Our content of the session; csrf-sync adds `csrfToken`. */
  interface SessionData {
    userId?: NonNullable<SessionContent['userId']>;
    epoch?: NonNullable<SessionContent['epoch']>;
    signedInAt?: NonNullable<SessionContent['signedInAt']>;
    network?: NonNullable<SessionContent['network']>;
    userAgent?: NonNullable<SessionContent['userAgent']>;
    halfIn?: NonNullable<SessionContent['halfIn']>;
    passkeyChallenge?: NonNullable<SessionContent['passkeyChallenge']>;
  }
}

/** Hours without a request after which a session ends. */
const idleHours = 12;

/** Browsers accept `__Host-` only with `Secure`, so over plain http (development) the name has no prefix. */
export function sessionCookieName({ baseUrl }: Pick<Config, 'baseUrl'>): string {
  return baseUrl.startsWith('https:') ? '__Host-sayso' : 'sayso';
}

/** Id of a session in the database. */
export function storedSessionId(sid: string): string {
  return createHash('sha256').update(sid).digest('base64url');
}

/**
 * A session begins with the sign-in. Looking at pages writes nothing, except that its end moves on, at most every ten minutes.
 * BASE_URL tells whether the browser uses https, so `Secure` does not depend on headers of a proxy.
 */
export function sessionsOf({ config, connection }: Pick<Deps, 'config' | 'connection'>): RequestHandler {
  const isHttps = config.baseUrl.startsWith('https:');
  const handle = session({
    name: sessionCookieName(config),
    secret: derivedKey(config, 'staff session').toString('base64url'),
    resave: false,
    saveUninitialized: false,
    rolling: false,
    proxy: undefined,
    cookie: { path: '/', httpOnly: true, secure: isHttps, sameSite: 'lax', maxAge: idleHours * 3_600_000 },
    store: MongoStore.create({
      client: connection.getClient(),
      dbName: connection.name,
      collectionName: sessionCollection,
      stringify: false,
      touchAfter: 600,
      // The model declares the indexes.
      autoRemove: 'disabled',
      transformId: storedSessionId,
      writeOperationOptions: { w: 'majority', journal: true },
    }),
  });
  return (request, response, next) => {
    if (isHttps) Object.defineProperty(request, 'secure', { value: true });
    // `__Host-` requires the cookie path `/`.
    handle(request, response, next);
  };
}

const csrf = csrfSync({
  getTokenFromRequest: ({ body, headers }: Request) => {
    const sent: unknown = Object(body)['_csrf'] ?? headers['x-csrf-token'];
    return typeof sent === 'string' ? tokenIn(sent) : undefined;
  },
  size: 24,
});

/** Creates the anti-forgery token of a new session. Pages only read it. */
export function beginCsrf(request: Request): string {
  return csrf.generateToken(request, true);
}

/** Whether a form carries the token of its session. */
export function hasToken(request: Request): boolean {
  return csrf.isRequestValid(request);
}

/**
 * Refuses requests from other sites. Browsers send their origin in `Sec-Fetch-Site` (Fetch Metadata). Without it, `Origin` must be BASE_URL. A form
 * with neither is refused.
 */
export function refuseCrossSite({ baseUrl }: Pick<Config, 'baseUrl'>): RequestHandler {
  return (request, _response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD') return next();
    const site = request.get('sec-fetch-site');
    const isOwn = site === undefined ? request.get('origin') === baseUrl : site === 'same-origin';
    if (!isOwn) throw new DomainError('FORGED_REQUEST', `A form of ${patterns.admin} came from elsewhere.`);
    next();
  };
}
