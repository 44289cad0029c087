/** Programs of the tests as processes of their own, which a test can kill. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { onTestFinished } from 'vitest';

export interface Killable {
  /** What it printed first. */
  said: string;
  out: Readable;
  /** `kill -9`, also at the end of the test. */
  kill: () => Promise<void>;
  /** Resolves once it has ended. */
  exited: Promise<unknown>;
}

/** Starts `test/support/<name>.ts`, and waits until it has printed something. */
export async function startKillable(
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Killable> {
  const child = spawn(process.execPath, [await bundleOf(name), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  onTestFinished(kill);
  const [said] = await once(child.stdout, 'data');
  return { said: String(said), out: child.stdout, kill, exited };
}

/** A module finds neighbouring files by its own place, so it keeps that place. */
const ownPlaces: Plugin = {
  name: 'own-places',
  setup({ onLoad }) {
    onLoad({ filter: /\/(?:src|test)\/.*\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8')
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path))),
    }));
  },
};

const bundles = new Map<string, Promise<string>>();

/** The path of `test/support/<name>.ts` with its sources in one file, which starts with a third of the work. The libraries stay outside. */
export function bundleOf(name: string): Promise<string> {
  const known = bundles.get(name) ?? bundle(name);
  bundles.set(name, known);
  return known;
}

async function bundle(name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    ...{ bundle: true, packages: 'external', write: false, plugins: [ownPlaces] },
    ...{ platform: 'node', format: 'esm', target: 'node20', logLevel: 'warning' },
  });
  // Within the repository, where it finds the libraries. Another worker may write the same file.
  const file = join(import.meta.dirname, '../../var/test-programs', `${name}.mjs`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.${process.pid}`, outputFiles[0]?.contents ?? '');
  await rename(`${file}.${process.pid}`, file);
  return file;
}
