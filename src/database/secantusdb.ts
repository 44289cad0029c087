/** SecantusDB, used if MongoDB is not available: downloads it and handles each of its peculiarities, which no other file knows. */
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import { cacheFolder, run, type RunResult } from './run.js';
import type { Log, Missing, Server } from './contract.js';

/** The last version whose wheels contain the program. */
const version = '0.6.0b17';

/**
 * One wheel per platform. The program in it is byte for byte the same in the wheels for every Python, and needs no Python. So the wheels for 3.13
 * work, regardless of the Python whose pip downloads them.
 */
const wheels: Record<string, { platform: string; sha256: string }> = {
  'linux-x64-glibc': {
    platform: 'manylinux_2_28_x86_64',
    sha256: '8836cd53654ad0d09af5363e09b1acfae6b29b31da55f80f346f46d5d3a785aa',
  },
  'linux-arm64-glibc': {
    platform: 'manylinux_2_28_aarch64',
    sha256: 'ede5588d54783d13991024a13ed716bd73693d8bb7f82b3cfde16a595eeb7bc1',
  },
  'linux-x64-musl': {
    platform: 'musllinux_1_2_x86_64',
    sha256: '967e774ec1cc42fdc380aebcee9b7e445b5d41e6c8817b9489b6b5f46f302c51',
  },
  'linux-arm64-musl': {
    platform: 'musllinux_1_2_aarch64',
    sha256: 'f10e1488965b97a53a79056507ebbb0a4045775322947890f2636c7bb0cfd2bb',
  },
  'darwin-arm64': {
    platform: 'macosx_11_0_arm64',
    sha256: '8826c246e06203c77a0a8a1eeb0b537689c6aed477f7a990baf5f7185aba5edf',
  },
};

/**
 * Finds SecantusDB in the user's cache, or downloads it there with pip, checked against its hash.
 * @returns the server, or why there is none
 */
export async function findSecantusdb(deps: { log: Log; env: NodeJS.ProcessEnv }): Promise<Server | Missing> {
  const machine = machineName();
  const wheel = wheels[machine];
  if (!wheel) return { missing: `SecantusDB is not made for ${machine}` };
  const cache = cacheFolder(deps.env);
  const home = join(cache, `secantusdb-${version}-${machine}`);
  const command = join(home, 'secantusdb.scripts', 'secantusd-rs');
  if (await isThere(command)) return { kind: 'secantusdb', command };
  deps.log('Downloading SecantusDB, a small database for this machine (once, some seconds).');
  const building = await mkdir(cache, { recursive: true })
    .then(() => mkdtemp(join(cache, 'building-')))
    .catch((error: Error) => error);
  if (building instanceof Error)
    return { missing: `SecantusDB cannot be stored in the cache (${building.message})` };
  try {
    const fault = await fetchInto(building, wheel, deps.env);
    if (fault) return { missing: `SecantusDB could not be downloaded (${fault})` };
    // Two portals may download at once: the first to rename wins, and the other uses the existing one.
    await rename(join(building, 'server'), home).catch(() => undefined);
    if (await isThere(command)) return { kind: 'secantusdb', command };
    return { missing: `SecantusDB was downloaded, but ${command} is not in it` };
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

/** With Python's pip, or with that of a virtual environment if it has none. @returns the fault, or undefined */
async function fetchInto(
  building: string,
  wheel: { platform: string; sha256: string },
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const requirements = join(building, 'requirements.txt');
  await writeFile(requirements, `secantusdb==${version} --hash=sha256:${wheel.sha256}\n`);
  const install = (python: string): Promise<RunResult> =>
    run({
      command: python,
      args: [
        ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'],
        ...['--only-binary=:all:', '--require-hashes', '--requirement', requirements],
        ...['--python-version', '3.13', '--implementation', 'cp', '--abi', 'cp313'],
        ...['--platform', wheel.platform, '--target', join(building, 'server')],
      ],
      // A user setting such as "always --user" contradicts --target.
      env: { ...env, PIP_USER: '0', PIP_ROOT_USER_ACTION: 'ignore' },
      limitMs: 180_000,
    });
  const plain = await install('python3');
  if (plain.code === 0) return undefined;
  if (plain.code === null || !plain.lastLine.includes('No module named pip'))
    return `python3: ${plain.lastLine}`;
  const venv = join(building, 'venv');
  const made = await run({ command: 'python3', args: ['-m', 'venv', venv], env, limitMs: 60_000 });
  if (made.code !== 0) return 'python3 has neither pip nor venv: install python3-venv';
  const within = await install(join(venv, 'bin', 'python'));
  return within.code === 0 ? undefined : `python3: ${within.lastLine}`;
}

/**
 * The command line.
 * @param input `isSyncOnCommit` false is faster, and loses the last acknowledged writes in a crash
 */
export function secantusdbArguments(input: {
  port: number;
  folder: string;
  settingsFile: string;
  isSyncOnCommit: boolean;
}): string[] {
  return [
    // An empty file. Otherwise it would look for settings in the working folder, the home folder and /etc.
    ...['--config', input.settingsFile, '--log-level', 'WARNING'],
    ...['--host', '127.0.0.1', '--port', String(input.port), '--storage-path', input.folder],
    ...['--cache-size', '512M', '--log-file-max', '128MB'],
    // Without an oplog, which nothing here reads, and which costs more than the write itself (decision 0123).
    '--standalone',
    ...(input.isSyncOnCommit ? ['--sync-on-commit'] : []),
  ];
}

/** It also reads settings from the environment; none of those is meant for this database. */
export function withoutSecantusdbSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SECANTUS')));
}

/**
 * It uses an index only if it contains every field of the filter. So a write on condition of `_id` and a version or a fence would read the whole
 * collection; MongoDB needs no such index.
 */
export async function prepareSecantusdb(connection: Connection): Promise<void> {
  await connection.collection('subscribers').createIndex({ _id: 1, version: 1 });
  await connection.collection('contacts').createIndex({ _id: 1, projection: 1 });
  await connection.collection('contacts').createIndex({ _id: 1, version: 1 });
  await connection.collection('mails').createIndex({ _id: 1, fence: 1 });
  await connection.collection('webhook_deliveries').createIndex({ _id: 1, fence: 1 });
  await connection.collection('jobs').createIndex({ _id: 1, fence: 1, state: 1 });
  await connection.collection('job_chunks').createIndex({ _id: 1, fence: 1, state: 1 });
}

function machineName(): string {
  const { platform, arch } = process;
  if (platform !== 'linux') return `${platform}-${arch}`;
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return `linux-${arch}-${header?.glibcVersionRuntime ? 'glibc' : 'musl'}`;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
