/**
 * The change feed and the runner of workflows, as a worker has them, in a process of its own. It kills itself with `kill -9` a moment after it has begun
 * a write. Every 250 ms it prints its resident memory in megabytes: `workflow-process.ts <database uri> <lease in milliseconds> <writes>`.
 */
import pino from 'pino';
import { subscriberIdsOf } from '../../src/domain/consent/address.js';
import { runDueEnrolments, type RunDeps } from '../../src/domain/workflows/run.js';
import { runFeed } from '../../src/feed/run.js';
import { keepDoing } from '../../src/keep-doing.js';
import { connect } from '../../src/models/connect.js';
import { createModels } from '../../src/models/index.js';
import { heldUp } from './crashing.js';
import { worldWith } from './judge.js';

const [uri = '', leaseMs = '', writes = ''] = process.argv.slice(2);
let left = Number(writes);
const models = heldUp(createModels(await connect(uri)), () => {
  left -= 1;
  // The database may or may not have got the write by then.
  if (left === 0) setTimeout(() => process.kill(process.pid, 'SIGKILL'), Math.random() * 20);
});
const log = pino({ level: 'silent' });
// The parts of `openWorkflowRoom`, without the test runner, which takes a second to load.
const [key, world] = ['the key of the tests', worldWith()];
const run: RunDeps = {
  ...{ models, log, clock: () => new Date(), catalogue: async () => world },
  ...{ subscriberIds: subscriberIdsOf(key), config: { subscriberIdKey: key, privateSources: [] } },
  queueConfirmation: async () => undefined,
};
const tellMemory = () => process.stdout.write(`${Math.round(process.memoryUsage().rss / 1_048_576)}\n`);
tellMemory();
setInterval(tellMemory, 250).unref();
const { signal } = new AbortController();
const workflows = {
  ...{ what: 'run workflows', everyMs: 200 },
  run: () => runDueEnrolments(run, { leaseMs: Number(leaseMs), batch: 250 }),
};
await Promise.all([runFeed({ ...run, log }, signal, 2), keepDoing(log, workflows, signal)]);
