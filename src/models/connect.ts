/** Connects to the database: majority reads and writes, the Stable API, and quick failures during an outage. Also checks that it stores. */
import mongoose, { type Connection } from 'mongoose';
import { setTimeout as sleep } from 'node:timers/promises';
import './driver-waits.js';

mongoose.set('strictQuery', 'throw');
mongoose.set('sanitizeFilter', true);

/**
 * Connects.
 * @param uri a MongoDB connection string
 * @param options `databaseName` overrides the one in the uri; `patienceMs` is how long an operation waits for a server, and for a place in the pool,
 *   before it fails; `isUnhurried` is for migrations, whose operations have no time limit
 */
export async function connect(
  uri: string,
  options: { databaseName?: string; patienceMs?: number; poolSize?: number; isUnhurried?: boolean } = {},
): Promise<Connection> {
  const patienceMs = options.patienceMs ?? 2500;
  return mongoose
    .createConnection(uri, {
      ...(options.databaseName ? { dbName: options.databaseName } : {}),
      serverApi: { version: '1', strict: true, deprecationErrors: true },
      // Every answer rests on what a majority has (decision 0010), whatever the uri says.
      readPreference: 'primary',
      readConcern: { level: 'majority' },
      writeConcern: { w: 'majority', journal: true, wtimeoutMS: options.isUnhurried ? 600_000 : 5000 },
      serverSelectionTimeoutMS: patienceMs,
      // Without it, a caller would wait without limit if a silent database holds all connections.
      waitQueueTimeoutMS: patienceMs,
      connectTimeoutMS: 5000,
      socketTimeoutMS: options.isUnhurried ? 0 : 8000,
      maxPoolSize: options.poolSize ?? 32,
      minPoolSize: 1,
      retryWrites: true,
      retryReads: true,
      bufferCommands: false,
      autoIndex: false,
      autoCreate: false,
      appName: 'sayso',
    })
    .asPromise();
}

/**
 * Whether a write reaches a majority of the members' disks: the promise that every opt-out rests on. It tries one small write. A read or a ping would succeed on a member that lost its majority, or whose disk is full.
 * @param limitMs how long the database may take
 */
export async function checkWrite(connection: Connection, limitMs: number): Promise<boolean> {
  const write = async () =>
    connection
      .getClient()
      .db(connection.name)
      .collection<{ _id: string }>('health')
      .updateOne(
        { _id: 'readyz' },
        { $currentDate: { at: true } },
        { upsert: true, writeConcern: { w: 'majority', journal: true, wtimeoutMS: limitMs } },
      );
  const isWritten = write().then(
    () => true,
    () => false,
  );
  return Promise.race([isWritten, sleep(limitMs, false, { ref: false })]);
}
