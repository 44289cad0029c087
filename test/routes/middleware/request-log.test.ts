/** The request log: one line for each request with its pattern, and nothing that identifies the person. */
import express from 'express';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { createLog } from '../../../src/log.js';
import { noMetrics } from '../../../src/metrics.js';
import { patterns } from '../../../src/paths.js';
import { requestLog } from '../../../src/routes/middleware/request-log.js';
import { captureLog, findCanaries } from '../../support/canary.js';

const token = `eyJhbGciOiJFZERTQSJ9.${'a1'.repeat(40)}.${'b2'.repeat(43)}`;
const secrets = {
  subscriberIdKey: 'k'.repeat(43),
  inboundSecret: undefined,
  dkimKeys: [],
  smtpUrl: undefined,
  mongodbUri: undefined,
  oidc: undefined,
};

function start() {
  const captured = captureLog();
  const measured: unknown[][] = [];
  const app = express();
  app.use(
    requestLog({
      log: createLog({ logLevel: 'debug', ...secrets }, captured),
      metrics: { ...noMetrics, requestEnded: (...measure) => void measured.push(measure) },
    }),
  );
  app.use(patterns.assets, express.static(new URL('../../../src/assets', import.meta.url).pathname));
  app.get(patterns.preferences, (_req, res) => void res.send(String(res.locals['requestId'])));
  app.post(patterns.oneClick, (_req, res) => void res.status(503).send('unsure'));
  app.get(patterns.livez, (_req, res) => void res.send('alive'));
  app.use(
    '/mounted/:token',
    express.Router().get('/deep', (_req, res) => void res.send('ok')),
  );
  app.use((_req, res) => void res.status(404).send('none'));
  return { app, captured, measured };
}

describe('requestLog', () => {
  it('logs method, pattern, status and time, under a generated id', async () => {
    const { app, captured, measured } = start();
    const answer = await request(app)
      .get(`/p/${token}?email=alice@example.com`)
      .set('X-Request-Id', 'mine')
      .set('User-Agent', 'Spy/1.0');
    const [line] = captured.entries();
    expect(line).toEqual({
      level: 'info',
      time: expect.any(String),
      requestId: answer.text,
      method: 'GET',
      route: '/p/:token',
      status: 200,
      ms: expect.any(Number),
      msg: 'request',
    });
    expect(answer.text).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/);
    expect(measured).toEqual([['/p/:token', 'GET', 200, expect.any(Number)]]);
    expect(findCanaries(captured.text(), [token, 'alice@example.com', 'Spy/1.0', 'mine'])).toEqual([]);
  });

  it('warns about a server error', async () => {
    const { app, captured } = start();
    await request(app).post(`/o/${token}`);
    expect(captured.entries()).toMatchObject([{ level: 'warn', route: '/o/:token', status: 503 }]);
  });

  it('logs no health checks', async () => {
    const { app, captured } = start();
    await request(app).get('/livez');
    expect(captured.entries()).toMatchObject([{ level: 'debug', route: '/livez' }]);
  });

  it('names no URL without a route, and no mount that could hold a token', async () => {
    const { app, captured } = start();
    await request(app).get(`/q/${token}`);
    await request(app).get(`/mounted/${token}/deep`);
    await request(app).get('/assets/icon.svg');
    expect(captured.entries().map((line) => line['route'])).toEqual(['(none)', '(mounted)/deep', '/assets']);
    expect(findCanaries(captured.text(), [token])).toEqual([]);
  });
});
