/** Programs of the tests as processes of their own, which a test can kill. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';

export interface Killable {
  /** What it printed first. */
  said: string;
  out: Readable;
  /** `kill -9`, also at the end of the test. */
  kill: () => Promise<void>;
}

/** Starts `test/support/<name>.ts`, and waits until it has printed something. */
export async function startKillable(
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Killable> {
  const child = spawn(process.execPath, [...programOf(name), ...args], {
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
  return { said: String(said), out: child.stdout, kill };
}

/** Arguments of node that run `test/support/<name>.ts`. */
export function programOf(name: string): string[] {
  return ['--import', import.meta.resolve('tsx'), join(import.meta.dirname, `${name}.ts`)];
}
