/** The shipped program: the sources are bundled into one file. In the gate, the tests of the command line and of the tour run it too. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Within the repository, where it finds the libraries left out of the bundle. */
let folder: string;
let program: string;
const { PATH, HOME, XDG_CACHE_HOME } = process.env;
const env = { PATH, HOME, XDG_CACHE_HOME, PORT: '18180' };

beforeAll(async () => {
  await mkdir(join(repository, 'var'), { recursive: true });
  folder = await mkdtemp(join(repository, 'var/built-'));
  const own = join(folder, 'dist');
  // The gate has built it already.
  program = process.env['SAYSO_PROGRAM'] ?? join(own, 'cli/main.js');
  if (!process.env['SAYSO_PROGRAM'])
    await run('npm', ['run', '--silent', 'build'], { cwd: repository, env: { ...env, DIST: own } });
}, 240_000);
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

/** Loads every library that the bundle leaves out, as the program does, and prints the names of those that are missing. */
const loadAll = `
  const { builtinModules, createRequire } = require('node:module');
  const bundle = process.argv[1];
  const named = require('node:fs').readFileSync(bundle, 'utf8').matchAll(/\\brequire\\("([^"]+)"\\)/g);
  const names = new Set([...named].map(([, name]) => name.replace(/^node:/, '')));
  const load = createRequire(bundle);
  const missing = [...names].filter((name) => {
    if (builtinModules.includes(name)) return false;
    try { load(name); return false; } catch { return true; }
  });
  console.log(JSON.stringify(missing.sort()));`;

it('every library that the built program loads later can be loaded', async () => {
  const bundle = join(dirname(dirname(program)), 'sayso.cjs');
  const { stdout } = await run(process.execPath, ['--no-warnings', '--eval', loadAll, bundle]);
  // What the database driver would use if it were installed.
  expect(JSON.parse(stdout)).toEqual([
    ...['@aws-sdk/credential-providers', '@mongodb-js/zstd', 'gcp-metadata', 'kerberos'],
    ...['mongodb-client-encryption', 'snappy', 'socks'],
  ]);
});
