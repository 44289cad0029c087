/** Runs a database as a child process, from its start to its first answer, bound to the life of the portal. */
import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { DomainError } from '../errors.js';

export interface ChildInput {
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  folder: string;
}

export interface Child {
  readonly pid: number;
  /** Fulfilled when it has ended, with how and why in one clause. */
  readonly ended: Promise<string>;
  /** Asks it to end, and kills it after some seconds. */
  end(): Promise<void>;
}

/** MongoDB logs the second, SecantusDB prints the first, once the port is open. */
const readyLine = /listening on|waiting for connections/i;

/**
 * WiredTiger's message after a failed write, for example on a full disk: every later operation is refused. MongoDB exits by itself. SecantusDB would
 * keep running, so it is stopped, and its next start recovers acknowledged writes.
 */
const panicLine = /WT_PANIC|library panic/;

/** Recovery after a crash reads the whole journal first, so this is long. */
const startMs = 60_000;

/** SIGINT, since SecantusDB exits at once on SIGTERM; MongoDB treats both the same. */
const endSignal = 'SIGINT';
const endMs = 10_000;

/**
 * Waits for the end of its input, which comes when the portal ends in any way, and then stops the database. It is a shell script, which needs little
 * memory. The portal kills it when the database has ended in another way.
 */
const watchdog = `read -r _; kill -s INT "$1"; i=0
while kill -s 0 "$1" && [ $i -lt 80 ]; do sleep 0.1; i=$((i+1)); done
kill -s KILL "$1"`;

/**
 * Starts a database and waits until it takes connections.
 * @throws DomainError `NO_DATABASE` with its last lines if it exits, or prints nothing for a minute
 */
export async function startChild(input: ChildInput): Promise<Child> {
  // A separate session, so that Ctrl+C reaches only the portal, which stops the database after its last write.
  const child = spawn(input.command, input.args, {
    cwd: input.folder,
    env: input.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const lines = keepLines();
  const ended = endOf(child, lines);
  const guard = child.pid === undefined ? undefined : startWatchdog(child.pid);
  void ended.then(() => guard?.kill('SIGKILL'));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`did not answer within ${startMs / 1000} s${lines.last()}`), startMs);
  });
  const isReady = new Promise<true>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      readLines(stream, (line) => {
        lines.add(line);
        if (panicLine.test(line)) child.kill('SIGKILL');
        if (readyLine.test(line)) resolve(true);
      });
    }
  });
  const outcome = await Promise.race([isReady, ended, late]);
  clearTimeout(timer);
  const { pid } = child;
  if (outcome !== true || pid === undefined) {
    child.kill('SIGKILL');
    throw new DomainError('NO_DATABASE', `The database in ${input.folder} ${String(outcome)}`);
  }
  child.unref();
  return { pid, ended, end: () => end(child, ended) };
}

async function end(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.ref();
  child.kill(endSignal);
  const timer = setTimeout(() => child.kill('SIGKILL'), endMs);
  await ended;
  clearTimeout(timer);
}

function startWatchdog(pid: number): ChildProcess {
  const guard = spawn('/bin/sh', ['-c', watchdog, 'sayso-watchdog', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', () => undefined);
  guard.stdin?.on('error', () => undefined);
  guard.unref();
  unref(guard.stdin);
  return guard;
}

function endOf(child: ChildProcess, lines: ReturnType<typeof keepLines>): Promise<string> {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(`could not be started: ${error.message}`));
    child.on('close', (code, signal) => {
      const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
      resolve(lines.isDiskFull() ? `ended because the disk is full${lines.last()}` : `${how}${lines.last()}`);
    });
  });
}

/** The last lines that the child printed. */
function keepLines() {
  const kept: string[] = [];
  return {
    add(line: string): void {
      kept.push(line.slice(0, 300));
      if (kept.length > 5) kept.shift();
    },
    isDiskFull: (): boolean => kept.some((line) => /no space left|ENOSPC|os error 28\b/i.test(line)),
    last: (): string => (kept.length > 0 ? `; its last lines:\n  ${kept.join('\n  ')}` : ''),
  };
}

function readLines(stream: Readable, take: (line: string) => void): void {
  createInterface({ input: stream }).on('line', take);
  unref(stream);
}

/** An open pipe to the child must not keep the portal running. */
function unref(stream: unknown): void {
  if (stream instanceof Socket) stream.unref();
}
