/** OpenID Connect: the way to the company's own sign-in and back (Core 1.0, section 3.1: authorization code, with PKCE, state and nonce). */
import * as client from 'openid-client';
import type { Config } from '../../config.js';

/** What the way back is held against; it travels with the browser, encrypted. */
export interface OidcTrip {
  state: string;
  nonce: string;
  verifier: string;
}

/** Who came back. The e-mail address only where the provider says that it is verified. */
export interface OidcPerson {
  issuer: string;
  subject: string;
  email: string | null;
}

export interface Oidc {
  /** @returns where to send the browser; throws where the provider cannot be reached */
  begin: () => Promise<{ url: string; trip: OidcTrip }>;
  /** @param url that the browser came back to, with its query; throws for everything that does not hold */
  finish: (url: URL, trip: OidcTrip) => Promise<OidcPerson>;
}

type OidcConfig = NonNullable<Config['oidc']>;

/** Seconds that the provider has for each answer. */
const patience = 10;

/** @param redirectUri as it is registered with the provider */
export function createOidc(config: OidcConfig, redirectUri: string): Oidc {
  let known: Promise<client.Configuration> | null = null;
  const provider = () => {
    // A provider that could not be reached is asked again by the next who signs in.
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
      // Address and word of it come from one place: what the one verified may not be what the other names.
      const isInToken = claims['email'] !== undefined || !server.serverMetadata().userinfo_endpoint;
      const { email, email_verified: isVerified } = isInToken
        ? claims
        : await client.fetchUserInfo(server, tokens.access_token, claims.sub);
      return {
        issuer: claims.iss,
        subject: claims.sub,
        // Nothing but `true`: some providers let people write any address into their profile.
        email: isVerified === true && typeof email === 'string' ? email : null,
      };
    },
  };
}

async function discover({ issuer, clientId, clientSecret }: OidcConfig): Promise<client.Configuration> {
  const url = new URL(issuer);
  return client.discovery(url, clientId, clientSecret, secretInAnyWay(clientSecret), {
    timeout: patience,
    // The configuration lets http through for this very machine alone, and never in production.
    execute: url.protocol === 'http:' ? [client.allowInsecureRequests] : [],
  });
}

/** Sends the secret as the provider takes it: in the header where it does not say (Discovery 1.0, section 3), else in the body. */
function secretInAnyWay(secret: string): client.ClientAuth {
  const [inHeader, inBody] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)];
  return (server, ...rest) => {
    const ways = server.token_endpoint_auth_methods_supported;
    return (ways === undefined || ways.includes('client_secret_basic') ? inHeader : inBody)(server, ...rest);
  };
}
