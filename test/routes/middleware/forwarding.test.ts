/** An undeclared proxy: one log line, whichever header names the visitor, and a hint for the doctor. */
import express from 'express';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { askBaseUrl } from '../../../src/cli/base-url.js';
import { readConfig } from '../../../src/config.js';
import { createLog } from '../../../src/log.js';
import { patterns } from '../../../src/paths.js';
import { forwardingRoutes } from '../../../src/routes/middleware/forwarding.js';
import { openTestPortal } from '../../support/app.js';
import { captureLog } from '../../support/canary.js';

function start(trustProxyHops: number) {
  const captured = captureLog();
  const config = readConfig({
    BASE_URL: 'http://localhost:8080',
    SUBSCRIBER_ID_KEY: 'k'.repeat(43),
    TOKEN_KEYS_FILE: 'keys.json',
    UNSUBSCRIBE_MAILTO: 'unsubscribe@northwind.example',
    TRUST_PROXY_HOPS: String(trustProxyHops),
  });
  const deps = { config, installation: 'a-name', log: createLog(config, captured) };
  const app = express().use(forwardingRoutes(deps));
  const ask = async (headers: Record<string, string> = {}) => {
    const { body } = await request(app).get(patterns.installation).set(headers);
    return body as { forwardedFor: number; hasUntrusted: boolean };
  };
  return { ask, captured };
}

const visitor = { 'X-Forwarded-For': '203.0.113.7' };
const standard = { Forwarded: 'for=203.0.113.7' };

describe('forwardingRoutes', () => {
  it.each([
    ['X-Forwarded-For without a declared proxy', 0, visitor],
    ['Forwarded without a declared proxy', 0, standard],
    ['Forwarded only, which is never read, behind a declared proxy', 1, standard],
  ])('logs once that it does not trust %s, and never the address', async (_, hops, headers) => {
    const { ask, captured } = start(hops);
    expect((await ask()).hasUntrusted).toBe(false);
    for (let times = 0; times < 3; times++) await ask(headers);
    expect(captured.entries()).toEqual([expect.objectContaining({ level: 'warn', trustProxyHops: hops })]);
    expect(captured.text()).not.toContain('203.0.113');
    expect((await ask()).hasUntrusted).toBe(true);
  });

  it('logs nothing about X-Forwarded-For behind a declared proxy', async () => {
    const { ask, captured } = start(1);
    expect(await ask({ ...visitor, ...standard })).toMatchObject({ forwardedFor: 1, hasUntrusted: false });
    expect(captured.lines).toEqual([]);
  });

  it('counts the proxies that forwarded the request', async () => {
    const { ask } = start(2);
    expect((await ask({ 'X-Forwarded-For': '203.0.113.7, 192.0.2.1' })).forwardedFor).toBe(2);
    expect((await ask()).forwardedFor).toBe(0);
  });
});

it('thirty people behind an undeclared proxy share one limit, and the log says so', async () => {
  const portal = await openTestPortal();
  for (let person = 0; person < 30; person++)
    await fetch(`${portal.url}/find`, {
      method: 'POST',
      headers: { 'x-forwarded-for': `203.0.113.${person}` },
      body: new URLSearchParams({ address: `person-${person}@example.com` }),
    });
  expect(portal.logged.filter((line) => line.includes('TRUST_PROXY_HOPS'))).toHaveLength(1);
  expect(await askBaseUrl(portal.url, portal.deps.installation)).toMatchObject({ hasUntrusted: true });
});
