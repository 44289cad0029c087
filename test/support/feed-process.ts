/**
 * The change feed as a separate process, so that a test can kill it: `feed-process.ts <database uri>`. It takes no lease, so two of them do
 * everything at once.
 */
import pino from 'pino';
import type { FeedDeps } from '../../src/feed/contract.js';
import { drainFeed } from '../../src/feed/run.js';
import { connectTo } from './connection.js';
import { openConsentRoom } from './consent-room.js';

const [uri = ''] = process.argv.slice(2);
const room = await openConsentRoom(await connectTo(uri));
const feed: FeedDeps = { ...room.deps, models: room.models, log: pino({ level: 'silent' }) };
process.stdout.write('ready\n');
for (;;) await drainFeed(feed);
