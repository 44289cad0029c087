/**
 * `npm run proof:api`: starts a portal with an empty database, and has Schemathesis call every operation with examples, edge values and random
 * input. It fails on a 5xx, on an answer that the OpenAPI document does not have, and on a missing 405. Other arguments go to Schemathesis.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../src/config.js';
import { createApiKey } from '../src/domain/staff/api-keys.js';
import { apiScopes } from '../src/models/api-key.js';
import { apiPaths } from '../src/paths.js';
import { seed } from '../src/seed/seed.js';
import { startPortal } from '../src/server.js';
import { rotateKeys } from '../src/tokens/keys.js';
import { pythonWith } from '../test/support/python.js';

const checks = [
  ...['not_a_server_error', 'status_code_conformance', 'content_type_conformance'],
  ...['response_schema_conformance', 'unsupported_method', 'ignored_auth'],
];

const program = await pythonWith('schemathesis==4.32.5', 'schemathesis');
const folder = mkdtempSync(join(tmpdir(), 'sayso-proof-'));
const tokenKeys = join(folder, 'token-keys.json');
await rotateKeys(tokenKeys, 'Ed25519', new Date());
const port = process.env['PORT'] ?? '18290';
const portal = await startPortal(
  readConfig({
    ...{ NODE_ENV: 'development', HOST: '127.0.0.1', PORT: port, BASE_URL: `http://127.0.0.1:${port}` },
    ...{ VAR_DIR: folder, TOKEN_KEYS_FILE: tokenKeys, SUBSCRIBER_ID_KEY: 'k'.repeat(43), LOG_LEVEL: 'error' },
    UNSUBSCRIBE_MAILTO: 'unsubscribe@northwind.example',
    ...(process.env['MONGODB_URI'] && { MONGODB_URI: process.env['MONGODB_URI'] }),
  }),
  {
    ...{ hasServer: true, hasWorker: true, mayMigrate: true, say: console.log },
    prepare: async (deps) => void (await seed(deps)),
  },
);
const about = { name: 'proof', scopes: apiScopes, scope: null, expiresAt: null, by: 'user:proof' };
const { key } = await createApiKey(portal.deps, about);
const run = spawn(
  program,
  [
    ...['run', portal.url + apiPaths.document, '--header', `Authorization: Bearer ${key}`],
    // The rate limit is 6,000 calls a minute.
    ...['--phases', 'examples,coverage,fuzzing', '--seed', '1', '--rate-limit', '90/s'],
    ...['--checks', checks.join(','), '--continue-on-failure', '--no-color'],
    ...['--max-examples', '50', ...process.argv.slice(2)],
  ],
  // It keeps what it found in the current folder.
  {
    ...{ stdio: 'inherit', cwd: folder },
    env: {
      ...process.env,
      SCHEMATHESIS_HOOKS: 'proof-api-hooks',
      PYTHONPATH: import.meta.dirname,
      PYTHONDONTWRITEBYTECODE: '1',
    },
  },
);
const [code] = await once(run, 'close');
await portal.stop({ isHurried: true });
rmSync(folder, { recursive: true, force: true });
process.exitCode = code === 0 ? 0 : 1;
