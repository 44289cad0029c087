/** All contents of a database, byte for byte, to show that nothing changed. */
import type { Connection } from 'mongoose';

/**
 * Each collection as the sorted bytes of its documents, in hex. `health` is left out because `/readyz` may write there, and the daily counts
 * because they are written up to a second later.
 */
export async function dumpOf(connection: Connection): Promise<Record<string, string[]>> {
  const { db } = connection;
  if (!db) throw new Error('The connection is closed.');
  const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
  const dump: Record<string, string[]> = {};
  for (const name of names.filter((one) => !['health', 'daily_counts'].includes(one)).sort()) {
    const found: unknown[] = await db.collection(name).find({}, { raw: true }).toArray();
    dump[name] = found.map((bytes) => (Buffer.isBuffer(bytes) ? bytes.toString('hex') : 'not raw')).sort();
  }
  return dump;
}
