/** Runs a short command with a time limit and returns its output. Also names the cache folder of downloads, which serve all portals of a user. */
import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface RunInput {
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Milliseconds until it is killed. */
  limitMs: number;
  /** Returns a new limit in milliseconds from now if this output extends it. */
  extend?: (output: string) => number | undefined;
}

export interface RunResult {
  /** Null if it was killed or could not be started. */
  code: number | null;
  stdout: string;
  /** The last line of its error output, or of its output if there is none. */
  lastLine: string;
}

/** Runs a command. It never throws: a command that cannot be started gives a result too. */
export function run(input: RunInput): Promise<RunResult> {
  return new Promise((resolve) => {
    const child = spawn(input.command, input.args, { env: input.env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    let overrun = '';
    let timer = setTimeout(end, input.limitMs);
    function end(): void {
      overrun = 'it took too long';
      child.kill('SIGKILL');
    }
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      const more = input.extend?.(stdout);
      if (more === undefined) return;
      clearTimeout(timer);
      timer = setTimeout(end, more);
    });
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', (error) => finish(null, error.message));
    child.on('close', (code) => finish(code, overrun || lastLineOf(stderr) || lastLineOf(stdout)));
    function finish(code: number | null, lastLine: string): void {
      clearTimeout(timer);
      resolve({ code, stdout, lastLine });
    }
  });
}

function lastLineOf(text: string): string {
  return text.trim().split('\n').at(-1)?.trim().slice(0, 300) ?? '';
}

/** The user's cache folder for Sayso, after the XDG Base Directory Specification. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'sayso');
}
