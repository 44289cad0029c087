/** Leases: one holder at a time, released at the end, and expired after a crash. */
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { withLease } from '../../src/models/lease.js';
import { openTestDatabase } from '../support/connection.js';

const database = await openTestDatabase();

const leases = () => database.connection.collection<{ _id: string; owner: string; until: Date }>('leases');

describe('withLease', () => {
  it('lets one holder at a time do the work', async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await wait(20);
      inside -= 1;
    };
    const wish = { name: 'one', seconds: 30, patienceSeconds: 20 };
    await Promise.all([1, 2, 3, 4, 5].map(() => withLease(database.connection, wish, work)));
    expect(most).toBe(1);
  });

  it('is free again after failed work', async () => {
    const wish = { name: 'failing', seconds: 30, patienceSeconds: 1 };
    await expect(
      withLease(database.connection, wish, () => Promise.reject(new Error('work failed'))),
    ).rejects.toThrow('work failed');
    expect(await withLease(database.connection, wish, () => Promise.resolve('done'))).toBe('done');
  });

  it('reports when another holder does not finish', async () => {
    const wish = { name: 'busy', seconds: 30, patienceSeconds: 0.3 };
    const refused = withLease(database.connection, wish, () =>
      withLease(database.connection, wish, () => Promise.resolve()),
    );
    await expect(refused).rejects.toMatchObject({
      code: 'DATABASE_BUSY',
      message: expect.stringContaining('"busy"'),
    });
  });

  it('takes over from a crashed holder after its time is up', async () => {
    await leases().insertOne({
      _id: 'dead',
      owner: 'a process that was killed',
      until: new Date(Date.now() + 700),
    });
    const startedAt = performance.now();
    await withLease(database.connection, { name: 'dead', seconds: 30, patienceSeconds: 20 }, () =>
      Promise.resolve(),
    );
    expect(performance.now() - startedAt).toBeGreaterThan(300);
  });

  it('renews the lease of running work', async () => {
    await withLease(database.connection, { name: 'long', seconds: 1, patienceSeconds: 1 }, async (signal) => {
      const first = await leases().findOne({ _id: 'long' });
      await wait(900);
      const later = await leases().findOne({ _id: 'long' });
      expect(later?.until.getTime()).toBeGreaterThan(first?.until.getTime() ?? Infinity);
      expect(signal.aborted).toBe(false);
    });
  });

  it('tells the work when its lease was lost', async () => {
    await withLease(database.connection, { name: 'lost', seconds: 1, patienceSeconds: 1 }, async (signal) => {
      await leases().updateOne({ _id: 'lost' }, { $set: { owner: 'another' } });
      await wait(900);
      expect(signal.aborted).toBe(true);
    });
    expect((await leases().findOne({ _id: 'lost' }))?.owner).toBe('another');
  });
});
