/**
 * A worker of jobs as a process of its own, so that a test can kill it: `tsx job-worker-process.ts <database uri> <lease in ms>`. It says `step` at
 * each step that it begins, and goes on until it is told to stop (SIGTERM).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { runDueJobs } from '../../src/jobs/engine.js';
import type { Stepper } from '../../src/jobs/engine.js';
import { steppersOf } from '../../src/jobs/registry.js';
import { noMetrics } from '../../src/metrics.js';
import { connect } from '../../src/models/connect.js';
import { jobDepsOf } from './bulk-room.js';
import { openConsentRoom } from './consent-room.js';

const [uri = '', leaseMs = '1000'] = process.argv.slice(2);
const connection = await connect(uri);
const room = await openConsentRoom({ connection, uri, close: () => connection.close() });
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
await room.close();
