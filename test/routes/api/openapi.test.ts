/** The OpenAPI document: it has every operation, and answers match it. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApiKey } from '../../../src/domain/staff/api-keys.js';
import { apiPaths } from '../../../src/paths.js';
import { operations } from '../../../src/routes/api/registry.js';
import { openTestPortal, type TestPortal } from '../../support/app.js';

let portal: TestPortal;
beforeAll(async () => {
  portal = await openTestPortal();
});
afterAll(() => portal.stop());

it('the document has every operation, and the answers of a key and of a fault match it', async () => {
  const document: unknown = await (await fetch(portal.url + apiPaths.document)).json();
  expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: portal.url }] });
  const paths = Object(Object(document)['paths']);
  for (const { method, path, id } of operations)
    expect(paths[path.replaceAll(/:(\w+)/g, '{$1}')]).toMatchObject({
      [method.toLowerCase()]: { operationId: id },
    });

  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(Object(document), 'document');
  const about = { name: 'test', scopes: ['links'], scope: null, expiresAt: null, by: 'user:1' } as const;
  const { key } = await createApiKey(portal.deps, about);
  for (const [authorization, status] of [
    [`Bearer ${key}`, 200],
    ['', 401],
  ] as const) {
    const response = await fetch(portal.url + apiPaths.key, { headers: { authorization } });
    expect(response.status).toBe(status);
    const place = `document#/paths/~1api~1v1~1key/get/responses/${status}/content/application~1json/schema`;
    const isValid = ajv.compile({ $ref: place });
    expect(isValid(await response.json()), JSON.stringify(isValid.errors)).toBe(true);
    expect(isValid({}), 'an empty answer').toBe(false);
  }
});
