/** Feed and runner of workflows as a separate process, so that a test can kill it. It prints its resident memory in megabytes: `workflow-process.ts <database uri> <lease in milliseconds>`. */
import pino from 'pino';
import { runDueEnrolments } from '../../src/domain/workflows/run.js';
import { drainFeed } from '../../src/feed/run.js';
import { connect } from '../../src/models/connect.js';
import { openConsentRoom } from './consent-room.js';
import { runDepsOf } from './workflow-room.js';

const [uri = '', leaseMs = '3000'] = process.argv.slice(2);
const connection = await connect(uri);
const room = await openConsentRoom({ connection, uri, close: () => connection.close() });
const run = { ...runDepsOf(room), clock: () => new Date() };
const log = pino({ level: 'silent' });
const tellMemory = () => process.stdout.write(`${Math.round(process.memoryUsage().rss / 1_048_576)}\n`);
tellMemory();
setInterval(tellMemory, 250).unref();
for (;;) {
  await drainFeed({ ...run, log });
  await runDueEnrolments(run, { leaseMs: Number(leaseMs), batch: 40 });
}
