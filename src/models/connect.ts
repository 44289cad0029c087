/** Opens the connection to the database: majority writes, the Stable API, and quick, honest failure when it is away. */
import mongoose from 'mongoose';
import type { Connection } from 'mongoose';

mongoose.set('strictQuery', 'throw');
mongoose.set('sanitizeFilter', true);

/**
 * Connects.
 * @param uri a MongoDB connection string
 * @param options `databaseName` overrides the one in the uri; `patienceMs` is how long an operation waits for a server before it fails
 */
export async function connect(
  uri: string,
  options: { databaseName?: string; patienceMs?: number; poolSize?: number } = {},
): Promise<Connection> {
  return mongoose
    .createConnection(uri, {
      ...(options.databaseName ? { dbName: options.databaseName } : {}),
      serverApi: { version: '1', strict: true, deprecationErrors: true },
      writeConcern: { w: 'majority', journal: true, wtimeoutMS: 8000 },
      serverSelectionTimeoutMS: options.patienceMs ?? 2500,
      connectTimeoutMS: 5000,
      socketTimeoutMS: 20_000,
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
