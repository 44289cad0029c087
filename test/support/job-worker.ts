/** A job worker as a process of its own, which a test can kill. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface JobWorker {
  /** Resolves at its next step. */
  nextStep: () => Promise<unknown>;
  kill: () => Promise<void>;
}

/** Starts a worker process. @param leaseMs how long its jobs are lost after a kill */
export async function startJobWorker(uri: string, leaseMs: number): Promise<JobWorker> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'job-worker-process.ts'), uri, String(leaseMs)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  onTestFinished(kill);
  const out = child.stdout;
  if (!out) throw new Error('The worker says nothing.');
  await once(out, 'data');
  return { nextStep: () => once(out, 'data'), kill };
}
