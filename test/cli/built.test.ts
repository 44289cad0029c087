/** The shipped program: the sources are bundled into one file, which is not the code that other tests run. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../..', import.meta.url));

it('the built program does every part of the tour', async () => {
  // Within the repository, where it finds the libraries left out of the bundle.
  await mkdir(join(repository, 'var'), { recursive: true });
  const folder = await mkdtemp(join(repository, 'var/built-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const { PATH, HOME, XDG_CACHE_HOME } = process.env;
  const env = { PATH, HOME, XDG_CACHE_HOME, PORT: '18180', DIST: join(folder, 'dist') };
  // The gate has built it already.
  const program = process.env['SAYSO_PROGRAM'] ?? join(folder, 'dist/cli/main.js');
  if (!process.env['SAYSO_PROGRAM']) await run('npm', ['run', '--silent', 'build'], { cwd: repository, env });
  const tour = await run(process.execPath, [program, 'demo', '--tour'], {
    cwd: folder,
    env,
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  expect(tour.stderr).toBe('');
  expect(tour.stdout).toMatch(/\n22\. Only the entries of the import are gone: /);
  // A source is fetched by libraries that are outside the bundle.
  expect(tour.stdout).toMatch(/\n25\. Deleted it with its opt-outs: 2 /);
  expect(tour.stdout).toMatch(/\n29\. .*PREVIOUSLY_OPTED_OUT/);
  expect(tour.stdout).toMatch(/\n36\. .*The webhook told the shop: [^]*\nStopped\.\n$/);
}, 240_000);
