/** Runs due jobs, with the same dependencies as the server. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deps } from './deps.js';

export interface RunningWorker {
  /** Finishes current work, takes no more, and closes the connection to the mail server. */
  stop: () => Promise<void>;
}

/** Starts the worker's loop. Its modules are loaded here, so that a process without a worker starts without them. */
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
      // A mail whose server stalls stays in SENDING, which counts as an unknown outcome, and is never sent twice.
      await Promise.race([loop, sleep(deps.config.shutdownSeconds * 1000, undefined, { ref: false })]);
      transport.stop();
    },
  };
}
