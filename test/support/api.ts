/** Calls of the API in tests: a key, and a request with it. */
import { createApiKey } from '../../src/domain/staff/api-keys.js';
import { apiScopes, type ApiScope } from '../../src/models/api-key.js';
import type { Scope } from '../../src/vocabulary/scope.js';
import type { TestPortal } from './app.js';

/** A new key: of all scopes and all units, unless told otherwise. */
export async function keyIn(
  { deps }: Pick<TestPortal, 'deps'>,
  scopes: readonly ApiScope[] = apiScopes,
  scope: Scope = null,
): Promise<string> {
  return (await createApiKey(deps, { name: 'test', scopes, scope, expiresAt: null, by: 'user:1' })).key;
}

/**
 * Calls a path with a key. An object is sent as JSON, and a text as it is.
 * @returns `answer` is the parsed JSON of the answer, or null if it has none
 */
export async function callApi(
  { url }: Pick<TestPortal, 'url'>,
  key: string,
  method: string,
  path: string,
  body?: object | string,
  headers: Record<string, string> = {},
) {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: body === undefined || typeof body === 'string' ? (body ?? null) : JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = /^application\/json/.test(response.headers.get('content-type') ?? '') && text !== '';
  const answer = isJson ? Object(JSON.parse(text)) : null;
  return { status: response.status, headers: response.headers, text, answer };
}
