/** When no database is available, or the available one fails, one sentence says what is wrong and what to do. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  machineWithMongod,
  onlyWith,
  serveMirror,
  started,
  temporaryFolder,
  writeMongod,
} from './servers.js';

/** A machine whose mongod is this script, and which has nothing else. */
function machineWithOnly(script: string): NodeJS.ProcessEnv {
  return { ...onlyWith(''), MONGOMS_RUNTIME_DOWNLOAD: 'false', PATH: writeMongod(script) };
}

const saysVersion = (version: string) => `[ "$1" = --version ] && echo 'db version v${version}' && exit 0\n`;

it('without any database, the message says what was tried, and what to install or set', async () => {
  const env = { ...onlyWith(''), MONGOMS_RUNTIME_DOWNLOAD: 'false', PATH: temporaryFolder() };
  await expect(started({ folder: temporaryFolder(), env })).rejects.toMatchObject({
    code: 'NO_DATABASE',
    message: expect.stringMatching(
      /^No database is available: no mongod is on PATH; no mongod could be downloaded .*; SecantusDB could not be downloaded .*\. Install MongoDB 7 or later .*, or Python .*, or set MONGODB_URI\.$/,
    ),
  });
});

it('a mongod that is too old or does not run is skipped, and the message says so', async () => {
  await expect(
    started({ folder: temporaryFolder(), env: machineWithOnly(saysVersion('6.0.4')) }),
  ).rejects.toThrow(/mongod is MongoDB 6, older than 7/);
  await expect(started({ folder: temporaryFolder(), env: machineWithOnly('exit 132') })).rejects.toThrow(
    /mongod does not run/,
  );
});

it('a failed download is remembered, and not tried again at the next start', async () => {
  const mirror = await serveMirror(() => undefined);
  const env = { ...onlyWith(mirror.uri), PATH: temporaryFolder() };
  await expect(started({ folder: temporaryFolder(), env })).rejects.toThrow(
    /no mongod could be downloaded \(.*404/,
  );
  expect(mirror.asked).toHaveLength(1);
  await expect(started({ folder: temporaryFolder(), env })).rejects.toThrow(/tried within the last day/);
  expect(mirror.asked).toHaveLength(1);
});

it('a download with a wrong checksum is not run', async () => {
  const mirror = await serveMirror((url) => Buffer.from(url.endsWith('.md5') ? 'feed' : 'no archive'));
  const env = { ...onlyWith(mirror.uri), PATH: temporaryFolder() };
  await expect(started({ folder: temporaryFolder(), env })).rejects.toThrow(
    /no mongod could be downloaded \(.*MD5/i,
  );
});

it('a mirror that does not answer delays the start by some seconds only', async () => {
  const mirror = await serveMirror(() => 'never');
  const env = { ...onlyWith(mirror.uri), PATH: temporaryFolder() };
  const began = Date.now();
  await expect(started({ folder: temporaryFolder(), env })).rejects.toThrow(/it took too long/);
  expect(Date.now() - began).toBeLessThan(15_000);
});

it('a database that exits at its start: the message has its last lines, and the folder is free again', async () => {
  const there = temporaryFolder();
  const env = machineWithOnly(`${saysVersion('8.0.0')}echo 'the stars are wrong' >&2; exit 3`);
  await expect(started({ folder: there, env })).rejects.toThrow(
    /ended with exit code 3; its last lines:\n {2}the stars are wrong/,
  );
  expect((await started({ folder: there, env: await machineWithMongod() })).pid).toBeGreaterThan(0);
});

it('a full disk is reported as a full disk', async () => {
  const env = machineWithOnly(`${saysVersion('8.0.0')}echo 'write: No space left on device' >&2; exit 1`);
  await expect(started({ folder: temporaryFolder(), env })).rejects.toThrow(/ended because the disk is full/);
});

it('a folder that cannot be created or written is named', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  await expect(started({ folder: join(file, 'db') })).rejects.toThrow(/lies under something that is a file/);
  await expect(started({ folder: file })).rejects.toThrow(/is a file: name another folder with VAR_DIR/);
});

it('a folder without write permission is named', async () => {
  // Not even root can create folders there.
  const foreign = process.platform === 'linux' ? '/sys/sayso' : '/sayso/db';
  await expect(started({ folder: foreign })).rejects.toThrow(
    /: (change its owner, or )?name another folder with VAR_DIR/,
  );
});
