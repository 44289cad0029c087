/** Sessions of the staff, and the two gates against requests that other sites make in their name. */
import { createHash } from 'node:crypto';
import session from 'express-session';
import { MongoStore } from 'connect-mongo';
import { csrfSync } from 'csrf-sync';
import type { Request, RequestHandler } from 'express';
import type { Config } from '../../config.js';
import type { Deps } from '../../deps.js';
import { derivedKey } from '../../domain/staff/derived-key.js';
import { DomainError } from '../../errors.js';
import { sessionCollection } from '../../models/session.js';
import type { SessionContent } from '../../models/session.js';
import { tokenIn } from './form-mark.js';
import { patterns } from '../../paths.js';

declare module 'express-session' {
  /** What the library keeps for us; `csrfToken` is csrf-sync's. */
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

/** Somebody who does nothing for so long signs in again. */
const idleHours = 12;

/** A browser takes `__Host-` only with `Secure`, so over plain http (development) the name has no prefix. */
export function sessionCookieName({ baseUrl }: Pick<Config, 'baseUrl'>): string {
  return baseUrl.startsWith('https:') ? '__Host-sayso' : 'sayso';
}

/** The name under which a session lies in the database. */
export function storedSessionId(sid: string): string {
  return createHash('sha256').update(sid).digest('base64url');
}

/**
 * A session begins by signing in, and looking at pages writes nothing to it (its end is moved on every ten minutes at most).
 * BASE_URL says whether the browser speaks https with whatever stands in front, so no header of a proxy has to be believed for `Secure`.
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
      // Indexes are made by the migrations, of the model.
      autoRemove: 'disabled',
      transformId: storedSessionId,
      writeOperationOptions: { w: 'majority', journal: true },
    }),
  });
  return (request, response, next) => {
    if (isHttps) Object.defineProperty(request, 'secure', { value: true });
    // The whole path: the cookie is for `/`, as `__Host-` asks.
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

/** Makes the token of a session that has just begun; pages only read it. */
export function beginCsrf(request: Request): string {
  return csrf.generateToken(request, true);
}

/** Whether a form carries its session's token. */
export function hasToken(request: Request): boolean {
  return csrf.isRequestValid(request);
}

/**
 * Refuses what another site sends: every browser of today says where a request comes from (Fetch Metadata, `Sec-Fetch-Site`); from one that
 * does not, `Origin` must be the portal's. A form that says neither is refused.
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
