/**
 * A job worker as a separate process, so that a test can kill it: `job-worker-process.ts <database uri> <lease in ms>`. It prints `step` as
 * each step begins, and continues until SIGTERM.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { runDueJobs } from '../../src/jobs/engine.js';
import type { Stepper } from '../../src/jobs/engine.js';
import { steppersOf } from '../../src/jobs/registry.js';
import { noMetrics } from '../../src/metrics.js';
import { jobDepsOf } from './bulk-room.js';
import { connectTo } from './connection.js';
import { openConsentRoom } from './consent-room.js';

const [uri = '', leaseMs = '1000'] = process.argv.slice(2);
const room = await openConsentRoom(await connectTo(uri));
const steppers = steppersOf(jobDepsOf({ ...room, deps: { ...room.deps, clock: () => new Date() } }));
const said = (stepper: Stepper): Stepper => {
  return (held) => {
    process.stdout.write(`step ${held.job.phase} ${held.job.cursor}\n`);
    return stepper(held);
  };
};
const deps = {
  models: room.models,
  steppers: new Map([...steppers].map(([name, stepper]) => [name, said(stepper)])),
  log: pino({ level: 'silent' }),
  metrics: noMetrics,
};
const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());
process.stdout.write('ready\n');
while (!stopping.signal.aborted) {
  await runDueJobs(deps, { signal: stopping.signal, leaseMs: Number(leaseMs) });
  await sleep(50);
}
await room.database.connection.close();
