/** Tells whether a stored process is still the same one, since process numbers are reused. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process, identified so that a later one with its number is not mistaken for it. */
export interface Named {
  pid: number;
  /** Its start time, in the system's format; only compared. */
  began: string;
}

/** Identifies a running process; undefined if there is none. */
export function nameProcess(pid: number): Named | undefined {
  const began = process.platform === 'linux' ? beganOnLinux(pid) : beganElsewhere(pid);
  return began === undefined ? undefined : { pid, began };
}

export function isAlive(named: Named): boolean {
  return nameProcess(named.pid)?.began === named.began;
}

/** Field 22 of /proc/PID/stat, proc(5). A zombie counts as ended. */
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

/** Waits until a process has ended, and kills it after the timeout (in milliseconds). */
export async function awaitEnd(named: Named, patienceMs: number): Promise<void> {
  const until = Date.now() + patienceMs;
  while (isAlive(named)) {
    if (Date.now() > until) process.kill(named.pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
