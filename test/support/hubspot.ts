/** A portal with HubSpot's own client, which is used as published and only has another base URL. */
import { Client } from '@hubspot/api-client';
import { createApiKey } from '../../src/domain/staff/api-keys.js';
import { hubspotScopes, type ApiScope } from '../../src/models/api-key.js';
import type { Scope } from '../../src/vocabulary/scope.js';
import type { TestPortal } from './app.js';

/** A client with a key of all of HubSpot's scopes, or of these. `retries` is the client's own option. */
export async function hubspotClient(
  portal: TestPortal,
  about: { scopes?: readonly ApiScope[]; scope?: Scope; retries?: number; expiresAt?: Date } = {},
) {
  const { scopes = hubspotScopes, scope = null, retries, expiresAt = null } = about;
  const { key } = await createApiKey(portal.deps, { name: 'test', scopes, scope, expiresAt, by: 'user:1' });
  const client = new Client({
    ...{ accessToken: key, basePath: portal.url },
    ...(retries ? { numberOfApiCallRetries: retries } : {}),
  });
  /** A call by `apiRequest`, as integrations call v4. */
  const call = async (
    method: string,
    path: string,
    { body, qs }: { body?: object; qs?: Record<string, string> } = {},
  ) => {
    const response = await client.apiRequest({
      ...{ method, path },
      ...(body ? { body } : {}),
      ...(qs ? { qs } : {}),
    });
    const text = await response.text();
    const json: unknown = text ? JSON.parse(text) : null;
    return { status: response.status, headers: response.headers, body: Object(json) };
  };
  const contacts = client.crm.contacts;
  /** The contact with this e-mail address. */
  const byEmail = (address: string, properties: string[] = []) =>
    contacts.basicApi.getById(address, properties, undefined, undefined, false, 'email');
  return { client, contacts, byEmail, call, key };
}

/** What the client throws for an answer that is no success. */
export async function faultOf(
  calling: Promise<unknown>,
): Promise<{ code: number; body: unknown; headers: Record<string, string> }> {
  const error: unknown = await calling.then(
    () => new Error('The call succeeded.'),
    (thrown: unknown) => thrown,
  );
  const { code, body, headers } = Object(error);
  if (typeof code !== 'number') throw error;
  return { code, body, headers };
}
