/** What somebody takes along on the way to OpenID Connect and back: in a cookie that nobody else can read or make, for some minutes. */
import type { Request, Response } from 'express';
import { EncryptJWT, jwtDecrypt } from 'jose';
import { z } from 'zod';
import type { Config } from '../../config.js';
import type { Deps } from '../../deps.js';
import { derivedKey } from '../../domain/staff/derived-key.js';
import type { OidcTrip } from '../../domain/staff/oidc.js';

const minutes = 10;
const algorithms = { alg: 'dir', enc: 'A256GCM' } as const;
const audience = 'oidc trip';

const content = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), next: z.string() });

function cookieName({ baseUrl }: Pick<Config, 'baseUrl'>): string {
  return baseUrl.startsWith('https:') ? '__Host-sayso-trip' : 'sayso-trip';
}

function cookieOptions({ baseUrl }: Pick<Config, 'baseUrl'>) {
  // Lax: the way back begins at another site, by a link that is followed.
  return { path: '/', httpOnly: true, secure: baseUrl.startsWith('https:'), sameSite: 'lax' } as const;
}

export async function takeAlong(
  { config, clock }: Pick<Deps, 'config' | 'clock'>,
  response: Response,
  trip: OidcTrip & { next: string },
): Promise<void> {
  const now = Math.floor(clock().getTime() / 1000);
  const sealed = await new EncryptJWT({ ...trip })
    .setProtectedHeader(algorithms)
    .setAudience(audience)
    .setIssuedAt(now)
    .setExpirationTime(now + minutes * 60)
    .encrypt(derivedKey(config, audience));
  response.cookie(cookieName(config), sealed, { ...cookieOptions(config), maxAge: minutes * 60_000 });
}

/** What was taken along, which is put away with it: the way back is gone once. Null where there is nothing, or it is too old, or not ours. */
export async function putAway(
  { config, clock }: Pick<Deps, 'config' | 'clock'>,
  request: Request,
  response: Response,
): Promise<(OidcTrip & { next: string }) | null> {
  const name = cookieName(config);
  const pair = (request.get('cookie') ?? '').split(/; */).find((one) => one.startsWith(`${name}=`));
  response.clearCookie(name, cookieOptions(config));
  if (!pair) return null;
  try {
    const { payload } = await jwtDecrypt(pair.slice(name.length + 1), derivedKey(config, audience), {
      audience,
      currentDate: clock(),
      requiredClaims: ['exp', 'iat'],
      keyManagementAlgorithms: [algorithms.alg],
      contentEncryptionAlgorithms: [algorithms.enc],
    });
    return content.parse(payload);
  } catch {
    return null;
  }
}
