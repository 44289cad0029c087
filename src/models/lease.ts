/** A named lease: work that only one process may do at a time, by the database's clock. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import { DomainError } from '../errors.js';
import { isDuplicateKey } from './database-fault.js';
import { afterNow } from './server-clock.js';

interface Lease {
  _id: string;
  /** Random name of the holder. */
  owner: string;
  until: Date;
}

export interface LeaseWish {
  name: string;
  /** Seconds after which a killed holder loses the lease; a running one renews it. */
  seconds: number;
  /** How long to wait for another holder, in seconds. */
  patienceSeconds: number;
}

/**
 * Does the work while holding the lease.
 * @param work gets a signal that aborts if the lease was lost anyway (the process slept, the database was unavailable): check it between steps
 * @throws DomainError `DATABASE_BUSY` if another holder kept it for longer than the patience
 */
export async function withLease<T>(
  connection: Connection,
  wish: LeaseWish,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const leases = connection.getClient().db(connection.name).collection<Lease>('leases');
  const owner = randomUUID();
  const extend = [{ $set: { owner, until: afterNow(wish.seconds * 1000) } }];
  const take = (): Promise<Lease | null> =>
    leases.findOneAndUpdate({ _id: wish.name, $expr: { $lte: ['$until', '$$NOW'] } }, extend);

  await leases.insertOne({ _id: wish.name, owner: '', until: new Date(0) }).catch(ignoreDuplicate);
  const giveUpAt = performance.now() + wish.patienceSeconds * 1000;
  while (!(await take())) {
    if (performance.now() > giveUpAt) {
      throw new DomainError(
        'DATABASE_BUSY',
        `Another process is at work on "${wish.name}" and has not ended; try again later.`,
      );
    }
    await wait(250);
  }

  const lost = new AbortController();
  const renewal = setInterval(
    () => {
      leases.updateOne({ _id: wish.name, owner }, extend).then(
        (result) => {
          if (result.matchedCount === 0) lost.abort(new Error(`the lease "${wish.name}" was lost`));
        },
        () => {
          // The database does not answer: the next renewal shows whether the lease is still held.
        },
      );
    },
    (wish.seconds * 1000) / 3,
  );
  try {
    return await work(lost.signal);
  } finally {
    clearInterval(renewal);
    // If this fails, the lease expires.
    await leases.updateOne({ _id: wish.name, owner }, { $set: { until: new Date(0) } }).catch(() => {});
  }
}

function ignoreDuplicate(error: unknown): void {
  if (!isDuplicateKey(error)) throw error;
}
