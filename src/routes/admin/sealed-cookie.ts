/** Encrypted cookies, each for one use and with an expiry (JWE, RFC 7516). */
import type { Request, Response } from 'express';
import { EncryptJWT, jwtDecrypt } from 'jose';
import type { z } from 'zod';
import type { Config } from '../../config.js';
import type { Deps } from '../../deps.js';
import { derivedKey } from '../../domain/staff/secrets.js';

type CookieDeps = Pick<Deps, 'config' | 'clock'>;

export interface SealedCookie<T> {
  set: (deps: CookieDeps, response: Response, content: T) => Promise<void>;
  /** Null if the cookie is missing, expired or forged. */
  read: (deps: CookieDeps, request: Request) => Promise<T | null>;
  clear: (deps: CookieDeps, response: Response) => void;
}

const algorithms = { alg: 'dir', enc: 'A256GCM' } as const;

/**
 * @param use `name` is put behind the name of the product; `audience` binds the cookie to its use; `sameSite` is `lax` if the browser returns from
 *   another site
 */
export function sealedCookie<T extends Record<string, unknown>>(use: {
  name: string;
  audience: string;
  seconds: number;
  sameSite: 'lax' | 'strict';
  content: z.ZodType<T>;
}): SealedCookie<T> {
  const { audience, seconds, sameSite } = use;
  // Browsers accept `__Host-` only with `Secure`, so over plain http (development) the name has no prefix.
  const isHttps = ({ baseUrl }: Pick<Config, 'baseUrl'>) => baseUrl.startsWith('https:');
  const nameFor = (config: Config) => `${isHttps(config) ? '__Host-' : ''}sayso-${use.name}`;
  const optionsFor = (config: Config) =>
    ({ path: '/', httpOnly: true, secure: isHttps(config), sameSite }) as const;
  return {
    async set({ config, clock }, response, content) {
      const now = Math.floor(clock().getTime() / 1000);
      const sealed = await new EncryptJWT({ ...content })
        .setProtectedHeader(algorithms)
        .setAudience(audience)
        .setIssuedAt(now)
        .setExpirationTime(now + seconds)
        .encrypt(derivedKey(config, audience));
      response.cookie(nameFor(config), sealed, { ...optionsFor(config), maxAge: seconds * 1000 });
    },
    async read({ config, clock }, request) {
      const name = nameFor(config);
      const pair = (request.get('cookie') ?? '').split(/; */).find((one) => one.startsWith(`${name}=`));
      if (!pair) return null;
      try {
        const { payload } = await jwtDecrypt(pair.slice(name.length + 1), derivedKey(config, audience), {
          audience,
          currentDate: clock(),
          requiredClaims: ['exp', 'iat'],
          keyManagementAlgorithms: [algorithms.alg],
          contentEncryptionAlgorithms: [algorithms.enc],
        });
        return use.content.parse(payload);
      } catch {
        return null;
      }
    },
    clear({ config }, response) {
      response.clearCookie(nameFor(config), optionsFor(config));
    },
  };
}
