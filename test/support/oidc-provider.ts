/** A company's own sign-in for a test: a real OpenID Connect provider on loopback, where the requested person is already signed in. */
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';
import { listening } from './close-afterwards.js';

export interface TestProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** The person who signs in, until changed; `ofToken` replaces the contents of the ID token, which otherwise has no address. */
  person: {
    subject: string;
    email?: string;
    isVerified?: boolean;
    ofToken?: { email: string; isVerified?: boolean };
  };
  /** Refuses every person, as if they pressed "Cancel". */
  saysNo: boolean;
  /** Follows a sign-in request through the provider, as a browser does. @returns the callback URL */
  visit: (url: string) => Promise<string>;
}

/** @param redirectUri read once the provider listens, since the portal must listen before any callback */
export async function openTestProvider(redirectUri: string): Promise<TestProvider> {
  const server = createServer();
  const issuer = `http://127.0.0.1:${await listening(server)}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const self: TestProvider = {
    issuer,
    clientId: 'sayso',
    clientSecret: 'a-secret-of-the-tests-that-is-long-enough',
    person: { subject: 'nobody' },
    saysNo: false,
    visit: (url) => follow(url, issuer),
  };
  const provider = new Provider(issuer, {
    clients: [{ client_id: self.clientId, client_secret: self.clientSecret, redirect_uris: [redirectUri] }],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256' }] },
    cookies: { keys: ['a key of the tests'] },
    conformIdTokenClaims: false,
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    features: { devInteractions: { enabled: false } },
    ttl: { AccessToken: 60, AuthorizationCode: 60, IdToken: 60, Interaction: 60, Session: 60, Grant: 60 },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: (use) => {
        const { email, isVerified }: Partial<TestProvider['person']> =
          use === 'id_token' ? (self.person.ofToken ?? {}) : self.person;
        return {
          sub: id,
          ...(email === undefined ? {} : { email }),
          ...(isVerified === undefined ? {} : { email_verified: isVerified }),
        };
      },
    }),
    // A person who signs in has already agreed to it.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client?.clientId ?? '',
        accountId: oidc.session?.accountId ?? '',
      });
      grant.addOIDCScope('openid email');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void answer(request, response);
    const result = self.saysNo
      ? { error: 'access_denied', error_description: 'Somebody pressed Cancel.' }
      : { login: { accountId: self.person.subject, remember: false } };
    provider.interactionFinished(request, response, result).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });
  return self;
}

async function follow(start: string, issuer: string): Promise<string> {
  const jar = new Map<string, string>();
  let url = start;
  for (let hop = 0; hop < 8; hop += 1) {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) throw new Error(`${response.status} at ${url}: ${await response.text()}`);
    url = new URL(location, issuer).href;
    if (!url.startsWith(issuer)) return url;
  }
  throw new Error(`No way back from ${start}.`);
}
