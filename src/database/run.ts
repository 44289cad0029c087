/** Runs a short-lived command under a time limit and hands back what it said. */
import { spawn } from 'node:child_process';

export interface RunInput {
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Milliseconds until it is killed. */
  limitMs: number;
  /** A new limit in milliseconds, counted from now, when this output earned one. */
  extend?: (output: string) => number | undefined;
}

export interface RunResult {
  /** Null when it was killed or could not be started. */
  code: number | null;
  stdout: string;
  /** The last line of its complaint, or of its output where it made none. */
  lastLine: string;
}

/** Runs a command; never throws: a command that cannot be started is a result like any other. */
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
