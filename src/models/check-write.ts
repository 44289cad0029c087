/** Whether a write reaches a majority of the members' disks: the promise that every opt-out rests on. */
import type { Connection } from 'mongoose';

/**
 * Tries one small write. A read or a ping would succeed on a member that lost its majority, or whose disk is full.
 * @param limitMs how long the database may take
 */
export async function checkWrite(connection: Connection, limitMs: number): Promise<boolean> {
  const write = async (): Promise<boolean> => {
    await connection
      .getClient()
      .db(connection.name)
      .collection<{ _id: string }>('health')
      .updateOne(
        { _id: 'readyz' },
        { $currentDate: { at: true } },
        { upsert: true, writeConcern: { w: 'majority', journal: true, wtimeoutMS: limitMs } },
      );
    return true;
  };
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  try {
    return await Promise.race([write(), tooLong]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
