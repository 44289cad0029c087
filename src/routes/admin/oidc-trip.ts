/** What somebody takes along on the way to OpenID Connect and back: in a cookie that nobody else can read or make, for some minutes. */
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
  // The way back begins at another site, by a link that is followed.
  sameSite: 'lax',
  content,
});

export const takeAlong = cookie.set;

/** What was taken along, which is put away with it: the way back is gone once. Null where there is nothing, or it is too old, or not ours. */
export async function putAway(
  deps: Pick<Deps, 'config' | 'clock'>,
  request: Request,
  response: Response,
): Promise<Taken | null> {
  cookie.clear(deps, response);
  return cookie.read(deps, request);
}
