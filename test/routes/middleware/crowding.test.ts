/** Requests are accepted up to a limit. Above it each gets an immediate answer that nothing was saved, and may retry. */
import { createServer } from 'node:http';
import { connect } from 'node:net';
import express from 'express';
import type { ErrorRequestHandler } from 'express';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { faultsOfApi } from '../../../src/app.js';
import { limitCrowding } from '../../../src/routes/middleware/crowding.js';
import { listening } from '../../support/close-afterwards.js';

/** A server that accepts two at once and does not answer them. */
async function openCrowd() {
  const waiting: express.Response[] = [];
  const app = express();
  app.use(limitCrowding(2));
  app.use((_request, response) => void waiting.push(response));
  app.use(faultsOfApi({ log: pino({ level: 'silent' }) }));
  const refused: ErrorRequestHandler = (error: { code: string }, _request, response, _next) =>
    void response.status(503).send(error.code);
  app.use(refused);
  const port = await listening(createServer(app));
  return { waiting, port };
}

it('holds a limited number of requests at once, and accepts others when those are answered or closed', async () => {
  const { waiting, port } = await openCrowd();
  const ask = (signal?: AbortSignal) => fetch(`http://127.0.0.1:${port}`, signal ? { signal } : {});
  const leaving = new AbortController();

  const first = ask();
  const gone = ask(leaving.signal).catch(() => 'gone');
  await expect.poll(() => waiting.length).toBe(2);
  expect(await (await ask()).text()).toBe('DATABASE_AWAY');

  leaving.abort();
  expect(await gone).toBe('gone');
  await expect.poll(() => waiting.filter(({ closed }) => closed).length).toBe(1);
  const second = ask();
  await expect.poll(() => waiting.length).toBe(3);
  expect((await ask()).status).toBe(503);
  for (const response of waiting) response.end();
  expect([(await first).status, (await second).status]).toEqual([200, 200]);
});

it('does not count a request that is still being received', async () => {
  const { waiting, port } = await openCrowd();
  const slow = [1, 2].map(() => connect(port, '127.0.0.1'));
  onTestFinished(() => slow.forEach((socket) => socket.destroy()));
  for (const socket of slow) socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n');
  await expect.poll(() => waiting.length).toBe(2);
  const whole = fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: 'all of it' });
  await expect.poll(() => waiting.length).toBe(3);
  waiting[2]?.end();
  expect((await whole).status).toBe(200);
});

it('answers a call of the API in JSON, with a time to retry', async () => {
  const { waiting, port } = await openCrowd();
  const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
  const held = [ask('/'), ask('/')];
  await expect.poll(() => waiting.length).toBe(2);
  const own = await ask('/api/v1/subscribers/ann@example.com');
  expect(own.status).toBe(503);
  expect(Number(own.headers.get('Retry-After'))).toBeGreaterThan(0);
  expect(await own.json()).toMatchObject({ status: 'error', category: 'SERVICE_UNAVAILABLE' });
  const hubspot = await ask('/communication-preferences/v3/definitions');
  expect(hubspot.headers.get('X-HubSpot-Correlation-Id')).not.toBeNull();
  expect(await hubspot.json()).toMatchObject({ status: 'error' });
  for (const response of waiting) response.end();
  await Promise.all(held);
});
