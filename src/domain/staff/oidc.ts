/** Sign-in by OpenID Connect (Core 1.0, section 3.1: authorization code flow, with PKCE, state and nonce). */
import * as client from 'openid-client';
import type { Config } from '../../config.js';

/** Checked when the browser comes back. It travels in an encrypted cookie. */
export interface OidcTrip {
  state: string;
  nonce: string;
  verifier: string;
}

/** The person who signed in. The e-mail address is present only if the provider has verified it. */
export interface OidcPerson {
  issuer: string;
  subject: string;
  email: string | null;
}

export interface Oidc {
  /** @returns where to send the browser; throws if the provider cannot be reached */
  begin: () => Promise<{ url: string; trip: OidcTrip }>;
  /** @param url that the browser came back to, with its query; throws if any check fails */
  finish: (url: URL, trip: OidcTrip) => Promise<OidcPerson>;
}

type OidcConfig = NonNullable<Config['oidc']>;

/** Timeout of a request to the provider, in seconds. */
const patience = 10;

/** @param redirectUri as registered with the provider */
export function createOidc(config: OidcConfig, redirectUri: string): Oidc {
  let known: Promise<client.Configuration> | null = null;
  const provider = () => {
    // If the provider could not be reached, the next sign-in tries again.
    known ??= discover(config).catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };
  return {
    async begin() {
      const trip = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      };
      const url = client.buildAuthorizationUrl(await provider(), {
        redirect_uri: redirectUri,
        scope: 'openid email',
        state: trip.state,
        nonce: trip.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(trip.verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, trip };
    },
    async finish(url, trip) {
      const server = await provider();
      const tokens = await client.authorizationCodeGrant(server, url, {
        expectedState: trip.state,
        expectedNonce: trip.nonce,
        pkceCodeVerifier: trip.verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (!claims) throw new Error('The provider sent no ID token.');
      // Address and verification come from the same place: one could verify another address than the other names.
      const isInToken = claims['email'] !== undefined || !server.serverMetadata().userinfo_endpoint;
      const { email, email_verified: isVerified } = isInToken
        ? claims
        : await client.fetchUserInfo(server, tokens.access_token, claims.sub);
      return {
        issuer: claims.iss,
        subject: claims.sub,
        // Only `true` counts: some providers let people write any address into their profile.
        email: isVerified === true && typeof email === 'string' ? email : null,
      };
    },
  };
}

async function discover({ issuer, clientId, clientSecret }: OidcConfig): Promise<client.Configuration> {
  const url = new URL(issuer);
  return client.discovery(url, clientId, clientSecret, secretInAnyWay(clientSecret), {
    timeout: patience,
    // The configuration allows http for loopback only, and never in production.
    execute: url.protocol === 'http:' ? [client.allowInsecureRequests] : [],
  });
}

/** Sends the client secret in the header by default (Discovery 1.0, section 3), and in the body if the provider supports only that. */
function secretInAnyWay(secret: string): client.ClientAuth {
  const [inHeader, inBody] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)];
  return (server, ...rest) => {
    const ways = server.token_endpoint_auth_methods_supported;
    return (ways === undefined || ways.includes('client_secret_basic') ? inHeader : inBody)(server, ...rest);
  };
}
