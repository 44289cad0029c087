/** The log never has an address that a call of the API names, in whatever part and spelling. */
import { expect, it } from 'vitest';
import { operations } from '../../../src/routes/api/registry.js';
import { callApi, keyIn } from '../../support/api.js';
import { openTestPortal } from '../../support/app.js';
import { findCanaries } from '../../support/canary.js';

const portal = await openTestPortal({ env: { LOG_LEVEL: 'debug' } });
const key = await keyIn(portal);

// The last two have no shape that the filter of the log knows: only the pattern of the route keeps them out.
const addresses = ['canary.bird@example.com', '+4790012345', 'canary bird@@example', 'canarybird'];

it('neither a path, a query nor a body of a call is logged', { timeout: 60_000 }, async () => {
  const ask = (method: string, path: string, body?: string) => callApi(portal, key, method, path, body);
  for (const address of addresses) {
    const encoded = encodeURIComponent(address);
    for (const { method, path, body } of operations.filter((one) => one.path.includes(':'))) {
      const named = path.replaceAll(/:\w+/g, encoded);
      const text = body
        ? JSON.stringify({ emailAddress: address, properties: { email: address } })
        : undefined;
      await ask(method, `${named}?idProperty=email&after=${encoded}`, text);
    }
    const question = JSON.stringify({ address, typeId: 1, inputs: [address] });
    await ask('POST', '/api/v1/eligibility', question);
    for (const path of [
      `/api/v1/subscribers/${encoded}/nothing`,
      `/crm/${encoded}`,
      `/api/${encoded}%E0%A4%A`,
    ]) {
      await ask('GET', `${path}?email=${encoded}`);
      await ask('PATCH', path, '{');
    }
  }
  const lines = portal.logged.filter((line) => line.includes('"msg":"request"'));
  expect(lines.length).toBeGreaterThan(addresses.length * 30);
  expect(lines.join('')).toContain('"route":"/api/v1/subscribers/:address"');
  expect(findCanaries(portal.logged.join(''), [...addresses, 'canary', '4790012345', key])).toEqual([]);
});
