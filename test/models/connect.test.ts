/** A connection to a database that falls silent while it takes a large message. */
import { expect, it } from 'vitest';
import { connect } from '../../src/models/connect.js';
import { isDatabaseFault } from '../../src/models/database-fault.js';
import { bareMachine, started, temporaryFolder } from '../database/servers.js';

it('a large write to a silent database ends, and gives its place in the pool back', async () => {
  const { uri, pid = 0 } = await started({ folder: temporaryFolder(), env: bareMachine() });
  // One place, and a silence that is noticed sooner.
  const connection = await connect(`${uri}&heartbeatFrequencyMS=500`, { poolSize: 1 });
  try {
    const notes = connection.collection('notes');
    await notes.insertOne({ text: 'small' });
    process.kill(pid, 'SIGSTOP');
    try {
      // More than the buffers of the socket take.
      await expect(notes.insertOne({ text: '-'.repeat(15_000_000) })).rejects.toSatisfy(isDatabaseFault);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await expect
      .poll(async () => notes.insertOne({ text: 'small' }).catch(String), { timeout: 10_000 })
      .toMatchObject({ acknowledged: true });
  } finally {
    await connection.close();
  }
}, 60_000);
