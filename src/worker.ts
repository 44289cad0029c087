/** Runs due jobs, with the same dependencies as the server. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deps } from './deps.js';

export interface RunningWorker {
  /** Finishes what is in hand, takes nothing more, and lets go of the mail server. */
  stop: () => Promise<void>;
}

/** Starts the worker's loop. What only a worker needs is loaded here, so that a process without one starts without it. */
export async function startWorker(deps: Deps): Promise<RunningWorker> {
  const [{ runWorker }, { messageWriter }, { openMailTransport }] = await Promise.all([
    import('./jobs/runner.js'),
    import('./mail/message.js'),
    import('./mail/transport.js'),
  ]);
  const stopping = new AbortController();
  const transport = openMailTransport(deps.config);
  const loop = runWorker({ ...deps, writeMessage: messageWriter(deps.config), transport }, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      // A mail whose server stalls is left in SENDING, which reads as an unknown outcome, and is never sent twice.
      await Promise.race([loop, sleep(deps.config.shutdownSeconds * 1000, undefined, { ref: false })]);
      transport.stop();
    },
  };
}
