/** Tells whether a process that was written down is still the same one, for process numbers are used again. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process, named so that a later one with its number is not taken for it. */
export interface Named {
  pid: number;
  /** When it began, in whatever form the system tells it; only compared. */
  began: string;
}

/** Names a process that lives now; undefined when there is none. */
export function nameProcess(pid: number): Named | undefined {
  const began = process.platform === 'linux' ? beganOnLinux(pid) : beganElsewhere(pid);
  return began === undefined ? undefined : { pid, began };
}

export function isAlive(named: Named): boolean {
  return nameProcess(named.pid)?.began === named.began;
}

/** Field 22 of /proc/PID/stat, proc(5); a zombie has ended, though nobody has taken note yet. */
function beganOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? undefined : fields[18];
  } catch {
    return undefined;
  }
}

function beganElsewhere(pid: number): string | undefined {
  try {
    const began = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return began.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Waits until a process has ended, and ends it itself when the patience (in milliseconds) is over. */
export async function awaitEnd(named: Named, patienceMs: number): Promise<void> {
  const until = Date.now() + patienceMs;
  while (isAlive(named)) {
    if (Date.now() > until) process.kill(named.pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
