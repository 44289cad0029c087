/** Whether BASE_URL leads to this installation: asked over HTTP of portals, proxies, other servers and closed ports. */
import { createServer, request } from 'node:http';
import type { RequestListener } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askBaseUrl, watchBaseUrl } from '../../src/cli/base-url.js';
import { createDeps } from '../../src/deps.js';
import { openTestPortal } from '../support/app.js';
import { listening, freePort } from '../support/close-afterwards.js';

const portal = await openTestPortal();
const other = await openTestPortal();

async function serve(answer: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listening(createServer(answer))}`;
}

const proxyTo =
  (target: string): RequestListener =>
  (incoming, answer) => {
    request(target + (incoming.url ?? ''), (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    }).end();
  };

/** By name, as in a configuration. */
const closedPort = async () => `http://localhost:${await freePort()}`;

const ask = async (baseUrl: string) => (await askBaseUrl(baseUrl, portal.deps.installation)).by;

describe('askBaseUrl', () => {
  it('recognises its own installation, also through a proxy', async () => {
    expect(await ask(portal.url)).toBe('OWN');
    expect(await ask(await serve(proxyTo(portal.url)))).toBe('OWN');
  });

  it('distinguishes another portal from another server', async () => {
    expect(await ask(other.url)).toBe('OTHER_INSTALLATION');
    expect(await ask(await serve((_req, res) => void res.writeHead(404).end('none')))).toBe('OTHER_SERVER');
    expect(await ask(await serve((_req, res) => void res.end('{"installation":1}')))).toBe('OTHER_SERVER');
  });

  it('distinguishes a closed port from a proxy without a portal', async () => {
    expect(await ask(await closedPort())).toBe('REFUSED');
    expect(await ask(await serve((_req, res) => void res.writeHead(503).end()))).toBe('SILENT');
    expect(await ask('http://portal.invalid')).toBe('SILENT');
  });
});

it('processes on one database share the name of the installation, and other databases have other names', async () => {
  const beside = await createDeps(portal.deps.config, {
    databaseUri: portal.database.uri,
    log: portal.deps.log,
  });
  onTestFinished(() => beside.close());
  expect(beside.installation).toBe(portal.deps.installation);
  expect(other.deps.installation).not.toBe(portal.deps.installation);
});

describe('watchBaseUrl', () => {
  async function watched(baseUrl: string, waits: number[] = []): Promise<string[]> {
    const before = portal.logged.length;
    const config = { ...portal.deps.config, baseUrl };
    await watchBaseUrl({ deps: { ...portal.deps, config }, url: portal.url }, waits);
    return portal.logged.slice(before).filter((line) => line.includes('BASE_URL'));
  }

  it('logs nothing when links lead here', async () => {
    expect(await watched(portal.url)).toEqual([]);
  });

  it.each([
    ['another portal', async () => other.url],
    ['a closed port of this machine', () => closedPort()],
  ])('warns at once, and once, when links lead to %s', async (_, baseUrl) => {
    const never = 2 ** 31 - 1;
    expect(await watched(await baseUrl(), [never])).toHaveLength(1);
  });

  it('waits for a balancer without a portal, and warns only when no portal appears', async () => {
    let asked = 0;
    const late = await serve((incoming, answer) => {
      if ((asked += 1) < 3) answer.writeHead(503).end();
      else proxyTo(portal.url)(incoming, answer);
    });
    expect(await watched(late, [1, 1])).toEqual([]);
    expect(asked).toBe(3);
    const never = await serve((_req, res) => void res.writeHead(502).end());
    expect(await watched(never, [1, 1])).toHaveLength(1);
  });
});
