/** Starting the parts: another subscriber key is refused with a reason, and a failed start leaves nothing open. */
import { createServer } from 'node:net';
import mongoose from 'mongoose';
import { expect, it } from 'vitest';
import { readConfig } from '../src/config.js';
import type { Config } from '../src/config.js';
import { createDeps } from '../src/deps.js';
import { createLog } from '../src/log.js';
import { startPortal } from '../src/server.js';
import { listening } from './support/close-afterwards.js';
import { openTestDatabase } from './support/connection.js';
import { keyFileOf } from './support/key-file.js';

const database = await openTestDatabase();
const keyFile = await keyFileOf('Ed25519');

function configOf(more: NodeJS.ProcessEnv = {}): Config {
  return readConfig({
    NODE_ENV: 'test',
    BASE_URL: 'https://mail.example.com',
    MONGODB_URI: database.uri,
    SUBSCRIBER_ID_KEY: 'k'.repeat(43),
    TOKEN_KEYS_FILE: keyFile,
    UNSUBSCRIBE_MAILTO: 'unsubscribe@example.com',
    LOG_LEVEL: 'silent',
    PORT: '0',
    ...more,
  });
}

/** Connections to the database, timers and servers that this process holds now. */
const held = () => ({
  connections: mongoose.connections.filter(({ readyState }) => readyState === 1).length,
  servers: process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap').length,
});

it('a process with another subscriber key refuses to run, says why, and leaves nothing open', async () => {
  const config = configOf();
  const right = await createDeps(config, { databaseUri: database.uri, log: createLog(config) });
  await right.close();
  const before = held();
  const wrong = configOf({ SUBSCRIBER_ID_KEY: 'x'.repeat(43) });
  const refused = createDeps(wrong, { databaseUri: database.uri, log: createLog(wrong) });
  await expect(refused).rejects.toMatchObject({
    code: 'WRONG_SUBSCRIBER_KEY',
    message: expect.stringMatching(/^SUBSCRIBER_ID_KEY is not the key that this database was made with/),
  });
  expect(held()).toEqual(before);
});

it('a start that fails at its last step, a used port, leaves nothing open', async () => {
  const port = await listening(createServer());
  const before = held();
  const options = { hasServer: true, hasWorker: true, mayMigrate: true };
  await expect(startPortal(configOf({ PORT: String(port) }), options)).rejects.toMatchObject({
    code: 'PORT_TAKEN',
  });
  expect(held()).toEqual(before);
});
