/** The OpenAPI document: it has every operation, and answers match it. */
import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { apiPaths } from '../../../src/paths.js';
import { operations } from '../../../src/routes/api/registry.js';
import { checkOf, mismatches } from '../../support/api-contract.js';
import { callApi, keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';
import { listening } from '../../support/close-afterwards.js';
import { keepAnswers } from '../../support/kept-answers.js';

const portal = await openTestPortal();

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
  const { text } = await callApi(portal, await keyIn(portal, ['links']), 'GET', apiPaths.key);
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
  const port = await listening(server);
  await (await fetch(`http://127.0.0.1:${port}${apiPaths.key}`)).text();
  expect(mismatches(answers, portal.url)).toHaveLength(1);
});
