/** Signing in by OpenID Connect: the redirect to the provider, and the return. */
import type { Request, Response } from 'express';
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../admin-paths.js';
import type { Deps } from '../../deps.js';
import { staffRef } from '../../vocabulary/access.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { accountOfPerson } from '../../domain/staff/oidc-account.js';
import { createOidc, type Oidc, type OidcPerson, type OidcTrip } from '../../domain/staff/oidc.js';
import { DomainError } from '../../errors.js';
import type { User } from '../../models/user.js';
import { networkOf } from '../middleware/network-of.js';
import { auditRefusal } from './audit-by.js';
import { outside, saying } from './frame.js';
import { openGet, type AdminRoute } from './route.js';
import { sealedCookie } from './sealed-cookie.js';
import { nextOf } from './sign-in.js';
import { letIn } from './who.js';

const content = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), next: z.string() });

/** The state of a sign-in, in an encrypted cookie for ten minutes. */
const cookie = sealedCookie({
  name: 'trip',
  audience: 'oidc trip',
  seconds: 600,
  // The return is a navigation from another site.
  sameSite: 'lax',
  content,
});

/** Reads the state and deletes the cookie, so that it works once. Null if it is missing, expired or forged. */
async function takeState(
  deps: Pick<Deps, 'config' | 'clock'>,
  request: Request,
  response: Response,
): Promise<z.infer<typeof content> | null> {
  cookie.clear(deps, response);
  return cookie.read(deps, request);
}

export function oidcRoutes(deps: Deps): AdminRoute[] {
  const { config } = deps;
  const oidc = config.oidc && createOidc(config.oidc, config.baseUrl + adminPaths.oidcReturn());
  const backTo = (request: Request, said: string, next = '') =>
    saying(outside(deps, request), adminPaths.signIn({ next }), said);
  return [
    openGet(adminPatterns.oidc, async (request, response) => {
      if (!oidc) throw new DomainError('NOT_FOUND');
      const next = nextOf(request.query['next']);
      const way = await oidc.begin().catch((err: unknown) => {
        deps.log.error({ err: nameOf(err) }, 'OpenID Connect: the provider cannot be reached');
        return null;
      });
      if (!way) return response.redirect(303, backTo(request, 'oidc-away', next));
      await cookie.set(deps, response, { ...way.trip, next });
      response.redirect(303, way.url);
    }),
    // The only GET that writes. It begins a session for a browser that set out from here, with a code that the provider gives once (decision 0452).
    openGet(adminPatterns.oidcReturn, async (request, response) => {
      if (!oidc) throw new DomainError('NOT_FOUND');
      if (request.method === 'HEAD') return void response.end();
      const trip = await takeState(deps, request, response);
      if (!trip) return response.redirect(303, backTo(request, 'oidc-late'));
      const person = await personOf(deps, oidc, request, trip);
      if (!person) return response.redirect(303, backTo(request, 'oidc-refused', trip.next));
      const outcome = await accountOfPerson(deps, person);
      if (!outcome.user) {
        await auditRefusal(deps, request, outcome.about, `OpenID Connect: ${outcome.why}`);
        return response.redirect(303, backTo(request, 'oidc-unknown', trip.next));
      }
      if (outcome.isNewlyBound) await recordBinding(deps, request, outcome.user);
      await letIn(deps, request, response, outcome.user, 'OpenID Connect');
      response.redirect(303, trip.next || adminPaths.dashboard());
    }),
  ];
}

/** The person who came back; null if any check failed (state, nonce, code, issuer, signature), or the person declined. */
async function personOf(
  deps: Deps,
  oidc: Oidc,
  request: Request,
  trip: OidcTrip,
): Promise<OidcPerson | null> {
  // Always BASE_URL, never the `Host` header.
  const url = new URL(request.originalUrl, deps.config.baseUrl);
  try {
    return await oidc.finish(url, trip);
  } catch (error) {
    const why = nameOf(error);
    deps.log.warn({ err: why }, 'OpenID Connect: the answer does not hold');
    // Without text from the answer, which an attacker can choose.
    await auditRefusal(deps, request, null, 'OpenID Connect: the answer does not hold');
    return null;
  }
}

/** The error codes of the library. Its messages and causes may hold codes and tokens. */
function nameOf(error: unknown): string {
  const { code, error: told }: { code?: unknown; error?: unknown } = Object(error);
  const words = [code, told].filter((word) => typeof word === 'string' && /^[\w-]{1,60}$/.test(word));
  return words.length > 0 ? words.join(' ') : 'fault';
}

async function recordBinding(deps: Deps, request: Request, { _id }: User): Promise<void> {
  await recordAudit(deps, {
    kind: 'USER_CHANGED',
    by: staffRef({ id: _id }),
    about: staffRef({ id: _id }),
    from: networkOf(request.ip ?? ''),
    detail: 'bound to OpenID Connect',
  });
}
