/** Refusals in the audit log: one entry for the same refusal of the same account within an hour. */
import { beforeEach, expect, it } from 'vitest';
import { mostNetworks, recordAudit } from '../../../src/domain/staff/audit.js';
import { migrate } from '../../../src/migrations.js';
import { openTestDatabase } from '../../support/connection.js';

let now: Date;
const database = await openTestDatabase();
const { models } = database;
await migrate(database);
beforeEach(async () => {
  now = new Date('2026-03-02T12:00:00Z');
  await models.auditEntries.deleteMany({});
});

const refuse = async (more: Partial<Parameters<typeof recordAudit>[1]> = {}) =>
  recordAudit(
    { models, clock: () => now },
    { kind: 'SIGN_IN_REFUSED', about: 'user:1', from: '192.0.2.1', detail: 'password', ...more },
  );
const entries = async () => models.auditEntries.find({}).sort({ at: 1, _id: 1 }).lean();
const later = (minutes: number) => (now = new Date(now.getTime() + minutes * 60_000));

it('repeated refusals are counted in one audit entry with the first and last time', async () => {
  for (let times = 0; times < 40; times += 1) {
    await refuse();
    later(1);
  }
  expect(await entries()).toEqual([
    expect.objectContaining({
      at: new Date('2026-03-02T12:00:00Z'),
      lastAt: new Date('2026-03-02T12:39:00Z'),
      count: 40,
      from: '192.0.2.1',
      networks: ['192.0.2.1'],
    }),
  ]);
});

it('simultaneous refusals are all counted', async () => {
  await Promise.all(Array.from({ length: 60 }, () => refuse()));
  expect((await entries()).map(({ count }) => count)).toEqual([60]);
});

it('refusals of another account, for another reason, or an hour later have their own audit entry', async () => {
  await refuse();
  await refuse({ about: 'user:2' });
  await refuse({ about: null });
  await refuse({ detail: 'too many tries' });
  await refuse({ kind: 'ACCESS_REFUSED', by: 'user:1' });
  later(60);
  await refuse();
  expect((await entries()).map(({ count }) => count)).toEqual([1, 1, 1, 1, 1, 1]);
});

it('refusals from different networks share one audit entry, which names some of the networks', async () => {
  for (let host = 0; host < 2 * mostNetworks; host += 1) await refuse({ from: `198.51.100.${host}` });
  const [entry, ...others] = await entries();
  expect(others).toEqual([]);
  expect(entry).toMatchObject({ count: 2 * mostNetworks, from: '198.51.100.0' });
  expect(entry?.networks).toHaveLength(mostNetworks);
});

it('completed acts each have their own audit entry', async () => {
  for (let times = 0; times < 3; times += 1) await refuse({ kind: 'SIGNED_IN', by: 'user:1' });
  expect((await entries()).map(({ kind, count }) => [kind, count])).toEqual([
    ['SIGNED_IN', undefined],
    ['SIGNED_IN', undefined],
    ['SIGNED_IN', undefined],
  ]);
});
