/** How long a request may take to arrive: a form only a moment, an upload as long as it goes on. */
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import express, { type ErrorRequestHandler } from 'express';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { faultsOfApi } from '../../../src/app.js';
import { limitBodyTime } from '../../../src/routes/middleware/body-time.js';
import { listening } from '../../support/close-afterwards.js';
import { stall } from '../../support/stall.js';

const app = express();
app.use(limitBodyTime({ formMs: 200, silenceMs: 400, isUpload: ({ path }) => path.startsWith('/upload') }));
app.post('/upload/echo', (request, response) => void request.pipe(response));
app.post('/{*path}', (request, response) => {
  request.resume().once('end', () => response.send('arrived'));
});
app.use(faultsOfApi({ log: pino({ level: 'silent' }) }));
const others: ErrorRequestHandler = (error: { status: number }, _request, response, _next) =>
  void response.status(error.status).end();
app.use(others);
const server = createServer(app);
const port = await listening(server);

/** Sends some bytes with a pause before each. @returns the status; 0 if the connection was cut without an answer */
async function sent(path: string, pieces: number, pauseMs: number): Promise<number> {
  const request = httpRequest({ port, host: '127.0.0.1', path, method: 'POST' });
  const status = new Promise<number>((resolve) => {
    request.once('response', (response) => resolve(response.resume().statusCode ?? 0));
    request.once('error', () => resolve(0));
  });
  for (let piece = 0; piece < pieces && !request.destroyed; piece++) {
    request.write('x'.repeat(100));
    await sleep(pauseMs);
  }
  request.end();
  return status;
}

it('cuts off a form that takes too long', async () => {
  expect(await sent('/form', 1, 0)).toBe(200);
  expect([408, 0]).toContain(await sent('/form', 6, 100));
});

it('lets an upload take longer, and cuts it off once nothing more arrives', async () => {
  expect(await sent('/upload', 8, 100)).toBe(200);
  expect([408, 0]).toContain(await sent('/upload', 2, 1200));
});

it.each(['/form', '/upload'])(
  'counts what arrived at %s while the process itself stood still',
  async (path) => {
    const request = httpRequest({ port, host: '127.0.0.1', path, method: 'POST' });
    const answer = once(request, 'response') as Promise<[IncomingMessage]>;
    const arrival = once(server, 'request');
    request.flushHeaders();
    await arrival;
    // The connection takes this at once; the server can read it only when the loop goes on, after its time is over.
    request.end('x'.repeat(100));
    stall(900);
    const [response] = await answer;
    expect(response.resume().statusCode).toBe(200);
  },
);

it('waits for a client that reads its answer slowly', async () => {
  const request = httpRequest({ port, host: '127.0.0.1', path: '/upload/echo', method: 'POST' });
  // More than the buffers of the connection hold.
  const sent = Buffer.alloc(20_000_000, 'x');
  request.end(sent);
  const [response]: IncomingMessage[] = await once(request, 'response');
  await sleep(1200);
  let received = 0;
  for await (const part of response ?? []) received += Buffer.byteLength(part);
  expect(received).toBe(sent.length);
});

it('answers a call of the API that takes too long in JSON', async () => {
  const request = httpRequest({ port, host: '127.0.0.1', path: '/api/v1/opt-outs/batch', method: 'POST' });
  request.on('error', () => undefined);
  request.write('{');
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(408);
  expect(await json(response)).toMatchObject({
    status: 'error',
    message: 'The body took too long to arrive.',
  });
});
