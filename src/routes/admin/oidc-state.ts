/** The state of a sign-in by OpenID Connect, in an encrypted cookie for ten minutes. */
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Deps } from '../../deps.js';
import { sealedCookie } from './sealed-cookie.js';

const content = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), next: z.string() });
type Taken = z.infer<typeof content>;

const cookie = sealedCookie({
  name: 'trip',
  audience: 'oidc trip',
  seconds: 600,
  // The return is a navigation from another site.
  sameSite: 'lax',
  content,
});

export const takeAlong = cookie.set;

/** Reads the state and deletes the cookie, so that it works once. Null if it is missing, expired or forged. */
export async function putAway(
  deps: Pick<Deps, 'config' | 'clock'>,
  request: Request,
  response: Response,
): Promise<Taken | null> {
  cookie.clear(deps, response);
  return cookie.read(deps, request);
}
