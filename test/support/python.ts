/** Python programs whose packages pip installs once, each set in a folder of its own in `var`. */
import { execFile } from 'node:child_process';
import { access, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * @param requirement such as `requests==2.34.2`
 * @param program that the package brings, by default Python itself
 * @returns the path of the program
 * @throws Error if pip cannot install the package
 */
export async function pythonWith(requirement: string, program = 'python3'): Promise<string> {
  const folder = resolve('var', requirement.replace('==', '-'));
  const installed = join(folder, 'bin', program);
  const done = join(folder, 'installed');
  if (await isThere(done)) return installed;
  // What an interrupted installation left.
  await rm(folder, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', folder]);
  await run(join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', requirement]);
  await run('touch', [done]);
  return installed;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
