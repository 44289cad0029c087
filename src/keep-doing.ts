/** A loop of a worker: repeats a function until the process is asked to stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from './log.js';

/** Milliseconds before a failed round is retried. */
const faultMs = 5000;

export interface Loop {
  /** Its name in the log when a round fails. */
  what: string;
  /** Milliseconds between the end of one round and the beginning of the next. */
  everyMs: number;
  /** @returns `MORE` if the next round must begin at once */
  run: () => Promise<unknown>;
}

/** Returns once the signal is aborted and the current round has ended. A failed round is logged and retried. */
export async function keepDoing(
  log: Pick<Logger, 'error'>,
  { what, everyMs, run }: Loop,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      if ((await run()) !== 'MORE') await pause(everyMs, signal);
    } catch (err) {
      log.error({ err, what }, 'worker round failed');
      await pause(faultMs, signal);
    }
  }
}

export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
