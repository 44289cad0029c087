/** A stopping portal: it announces the stop, answers for the configured time, and then closes. */
import { Agent, get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { readConfig } from '../src/config.js';
import { paths, patterns } from '../src/paths.js';
import { startPortal } from '../src/server.js';
import { openTestDatabase } from './support/connection.js';
import { keyFileOf } from './support/key-file.js';

async function start() {
  const database = await openTestDatabase();
  const config = readConfig({
    NODE_ENV: 'test',
    BASE_URL: 'http://127.0.0.1:8080',
    MONGODB_URI: database.uri,
    SUBSCRIBER_ID_KEY: 'k'.repeat(43),
    TOKEN_KEYS_FILE: await keyFileOf('Ed25519'),
    UNSUBSCRIBE_MAILTO: 'unsubscribe@northwind.example',
    LOG_LEVEL: 'silent',
    PORT: '0',
    STOP_NOTICE_SECONDS: '2',
  });
  return startPortal(config, { hasServer: true, hasWorker: false, mayMigrate: true });
}

/** @param agent keeps its connection, as a load balancer does */
function ask(url: string, agent = new Agent({ keepAlive: true })): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => answer.resume().on('end', () => resolve(answer))).on('error', reject);
  });
}

it('accepts requests after SIGTERM while /readyz says 503, with Connection: close on each answer', async () => {
  const { url, stop } = await start();
  const kept = new Agent({ keepAlive: true });
  expect((await ask(url + paths.find(), kept)).headers.connection).toBe('keep-alive');
  const stopped = stop();
  for (const agent of [kept, undefined]) {
    const page = await ask(url + paths.find(), agent);
    expect([page.statusCode, page.headers.connection]).toEqual([200, 'close']);
    const readiness = await ask(url + patterns.readyz, agent);
    expect([readiness.statusCode, readiness.headers.connection]).toEqual([503, 'close']);
  }
  await stopped;
  await expect(ask(url + patterns.livez)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
