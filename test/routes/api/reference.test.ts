/** The reference page of the API: it has every call, its links lead somewhere, and its examples are accepted. */
import { load } from 'cheerio';
import { expect, it } from 'vitest';
import { patterns } from '../../../src/paths.js';
import { callsOf } from '../../../src/routes/api/api-document.js';
import { openApiDocument } from '../../../src/routes/api/openapi.js';
import { exampleOf } from '../../../src/routes/api/reference-examples.js';
import { operations } from '../../../src/routes/api/registry.js';
import { openTestPortal } from '../../support/app.js';

const portal = await openTestPortal();

it('shows every call with its method, path, scopes and examples, and needs no script', async () => {
  const response = await fetch(portal.url + patterns.api);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/html/);
  const page = load(await response.text());
  expect(page('script')).toHaveLength(0);
  const described = page('.call:has(#startBulkEdit) header');
  expect(described.text()).toContain('with preview.changed. It');
  expect(described.find('p > code').text()).toContain('preview.changed');
  expect(page('main').text()).not.toContain('`');
  const calls = page('.call')
    .map((_, call) => page(call).find('.path, .paths li').text())
    .get()
    .join('\n');
  for (const { path } of operations) expect(calls).toContain(path.replaceAll(/:(\w+)/g, '{$1}'));
  for (const { id, method, scopes } of operations.filter(({ dialect }) => dialect.isStrict)) {
    const call = page(`.call:has(#${id})`);
    expect(call.find('.method').text(), id).toBe(method);
    for (const scope of scopes) expect(call.find('.facts').text()).toContain(scope);
    expect(call.find('.examples').text()).toContain(`${portal.url}/api/v1/`);
  }
});

it('every link within the page leads to one place, and the document and stylesheet exist', async () => {
  const page = load(await (await fetch(portal.url + patterns.api)).text());
  const ids = page('[id]')
    .map((_, one) => page(one).attr('id'))
    .get();
  expect(new Set(ids).size).toBe(ids.length);
  for (const href of page('main [href], head link')
    .map((_, one) => page(one).attr('href'))
    .get())
    if (href.startsWith('#')) expect(ids).toContain(href.slice(1));
    else expect((await fetch(new URL(href, portal.url))).status, href).toBe(200);
});

it('the example of each call passes the checks of its operation', () => {
  const document = openApiDocument('http://portal.example');
  const byId = new Map(operations.map((one) => [one.id, one]));
  for (const call of callsOf(document)) {
    const { path, query, body } = exampleOf(call);
    const texts = (values: object) =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
    const read = () =>
      byId.get(call.operationId)?.prepare({
        ...{ params: texts(path), query: texts(query), body },
        ...{ bytes: (async function* () {})(), callId: '' },
      });
    expect(read, call.operationId).not.toThrow();
  }
});

it('only GET is answered', async () => {
  for (const path of [patterns.api, '/api/openapi.json']) {
    const response = await fetch(portal.url + path, { method: 'POST' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  }
});
