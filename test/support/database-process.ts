/** A portal with only a database, for tests that kill it: `database-process.ts FOLDER` prints uri and process id. */
import { startDatabase } from '../../src/database/start.js';

const database = await startDatabase({ folder: process.argv[2] ?? '' });
process.stdout.write(`${JSON.stringify({ uri: database.uri, pid: database.pid })}\n`);
setInterval(() => undefined, 1000);
