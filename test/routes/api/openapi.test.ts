/** The OpenAPI document: it has every operation, and answers match it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { createApiKey } from '../../../src/domain/staff/api-keys.js';
import { apiPaths } from '../../../src/paths.js';
import { operations } from '../../../src/routes/api/registry.js';
import { checkOf, mismatches } from '../../support/api-contract.js';
import { openTestPortal } from '../../support/app.js';
import { keepAnswers } from '../../support/kept-answers.js';

const portal = await openTestPortal();
afterAll(() => portal.stop());

it('the document has every operation, and the answers of a key and of a fault match it', async () => {
  const document: unknown = await (await fetch(portal.url + apiPaths.document)).json();
  expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: portal.url }] });
  const paths = Object(Object(document)['paths']);
  for (const { method, path, id } of operations)
    expect(paths[path.replaceAll(/:(\w+)/g, '{$1}')]).toMatchObject({
      [method.toLowerCase()]: { operationId: id },
    });
});

it('every answer of a test portal is compared with the document, and a mismatch is found', async () => {
  const check = checkOf(Object(await (await fetch(portal.url + apiPaths.document)).json()));
  const about = { name: 'test', scopes: ['links'], scope: null, expiresAt: null, by: 'user:1' } as const;
  const { key } = await createApiKey(portal.deps, about);
  const response = await fetch(portal.url + apiPaths.key, { headers: { authorization: `Bearer ${key}` } });
  const text = await response.text();
  const good = { method: 'GET', path: apiPaths.key, status: 200, type: 'application/json', text };
  expect(check(good)).toBeNull();
  const wrong = { ...Object(JSON.parse(text)), shoe: 1 };
  for (const bad of [
    { status: 302 },
    { type: 'text/html' },
    { type: undefined },
    { text: '' },
    { text: '{}' },
    { text: JSON.stringify(wrong) },
    { status: 401 },
    { method: 'DELETE' },
    { path: '/api/v1/nothing' },
  ])
    expect(check({ ...good, ...bad }), JSON.stringify(bad)).not.toBeNull();

  const server = createServer((_request, answer) => void answer.end('{}'));
  const answers = keepAnswers(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await (await fetch(`http://127.0.0.1:${port}${apiPaths.key}`)).text();
  server.close();
  expect(mismatches(answers, portal.url)).toHaveLength(1);
});
