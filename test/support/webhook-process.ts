/** Feed and deliveries of webhooks as a separate process, so that a test can kill it: `webhook-process.ts <database uri> <endpoint>`. */
import pino from 'pino';
import { deliverDue } from '../../src/domain/webhooks/deliver.js';
import { drainFeed } from '../../src/feed/run.js';
import { isOnlyDuplicates } from '../../src/models/database-fault.js';
import { connectTo } from './connection.js';
import { openConsentRoom } from './consent-room.js';
import { hooksConfig } from './webhook-room.js';

const [uri = '', endpointId = ''] = process.argv.slice(2);
const room = await openConsentRoom(await connectTo(uri));
const clock = () => new Date();
const deps = { ...room.deps, clock, models: room.models, config: hooksConfig };
const log = pino({ level: 'silent' });
process.stdout.write('ready\n');
for (;;) {
  // The other process may queue the same: as in a worker, this one comes again.
  await drainFeed({ ...deps, log }).catch((error: unknown) => {
    if (!isOnlyDuplicates(error)) throw error;
  });
  await deliverDue(deps, endpointId);
}
