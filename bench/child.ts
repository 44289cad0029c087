/** Child processes of the benchmark: started until they listen, ended, and read in /proc for CPU time and memory. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import type { LoadJob, LoadResult } from './load.js';

const result = z.object({
  requestsPerSecond: z.number(),
  statuses: z.record(z.string(), z.number()),
  p50: z.number(),
  p99: z.number(),
});

export interface ServerProcess {
  pid: number;
  url: string;
  /** From its start until it accepted a connection, in milliseconds. */
  startMs: number;
  stop(): Promise<void>;
}

/** Starts a server and waits until it accepts connections. Its output goes to /dev/null, and its port comes from PORT. */
export async function startServer(args: string[], env: Record<string, string>): Promise<ServerProcess> {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  let isOver = false;
  void exited.then(() => (isOver = true));
  while (!(await isListening(port))) {
    if (isOver || performance.now() - began > 30_000) throw new Error(`${args.join(' ')} does not listen.`);
    await pause(2);
  }
  if (child.pid === undefined) throw new Error(`${args.join(' ')} did not start.`);
  return {
    pid: child.pid,
    url: `http://127.0.0.1:${port}`,
    startMs: performance.now() - began,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

export interface LoadProcess {
  send(job: LoadJob): Promise<LoadResult>;
  stop(): void;
}

/** Starts the process that sends the load. It runs one job at a time. */
export function startLoad(): LoadProcess {
  const child = fork(join(import.meta.dirname, 'load.ts'), { execArgv: ['--import', 'tsx'] });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('The load ended by itself.')));
  // Only its behaviour during a job matters.
  ended.catch(() => undefined);
  return {
    async send(job) {
      const answer = once(child, 'message').then(([message]) => result.parse(message));
      child.send(job);
      return Promise.race([answer, ended]);
    },
    stop: () => void child.kill('SIGTERM'),
  };
}

/** CPU time of a process so far, in milliseconds: fields 14 and 15 of /proc/PID/stat, in hundredths of a second (proc(5)). */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Resident memory of a process, in megabytes. */
export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? NaN) / 1024;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
