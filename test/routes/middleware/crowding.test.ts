/** A crowd is let in up to a number; who comes then is told at once that nothing was saved, and may come back. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { ErrorRequestHandler } from 'express';
import { expect, it, onTestFinished } from 'vitest';
import { limitCrowding } from '../../../src/routes/middleware/crowding.js';

it('holds no more than so many at once, and lets others in when those are answered or gone', async () => {
  const waiting: express.Response[] = [];
  const app = express();
  app.use(limitCrowding(2));
  app.use((_request, response) => void waiting.push(response));
  const refused: ErrorRequestHandler = (error: { code: string }, _request, response, _next) =>
    void response.status(503).send(error.code);
  app.use(refused);
  const server = app.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
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
