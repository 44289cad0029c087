/** Keeps a database running as long as the portal: if it exits, it is restarted on the same port and folder. */
import { startChild, type Child, type ChildInput } from './child.js';
import type { Log } from './contract.js';

export interface Running {
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

const firstPauseMs = 100;
const longestPauseMs = 5000;
/** A run of this length resets the back-off. */
const steadyMs = 30_000;

/**
 * Starts the database and keeps it running.
 * @param deps `note` is called with the process id of every start
 * @throws DomainError `NO_DATABASE` if the first start fails; later starts are retried without limit
 */
export async function keepRunning(
  deps: { log: Log; note: (pid: number) => Promise<void> },
  input: ChildInput,
): Promise<Running> {
  let child: Child | undefined = await startChild(input);
  await deps.note(child.pid);
  const stopping = new AbortController();
  const watching = watch(child);

  async function watch(first: Child): Promise<void> {
    let current = first;
    let pauseMs = firstPauseMs;
    for (;;) {
      const began = Date.now();
      const how = await current.ended;
      child = undefined;
      if (stopping.signal.aborted) return;
      deps.log(`The database ${how}\nRestarting it.`);
      if (Date.now() - began > steadyMs) pauseMs = firstPauseMs;
      let said = '';
      for (;;) {
        await pause(pauseMs, stopping.signal);
        if (stopping.signal.aborted) return;
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
        const next = await startChild(input).catch((error: Error) => error);
        if (!(next instanceof Error)) {
          child = current = next;
          break;
        }
        // A full disk stays full for a while, so it is logged once.
        const [sentence = ''] = next.message.split('\n');
        if (sentence !== said) deps.log(`${next.message}\nRetrying until it starts.`);
        said = sentence;
      }
      await deps.note(current.pid).catch((error: Error) => deps.log(error.message));
      if (stopping.signal.aborted) await current.end();
    }
  }

  return {
    get pid() {
      return child?.pid;
    },
    async stop() {
      stopping.abort();
      await child?.end();
      await watching;
    },
  };
}

/** Does not keep the portal running. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    timer.unref();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
