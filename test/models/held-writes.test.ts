/** A worker writes to each item that it holds, on condition of the item's fence. In every queue, such a write reads that item only. */
import { expect, it } from 'vitest';
import { prepareSecantusdb } from '../../src/database/secantusdb.js';
import { migrate } from '../../src/migrations.js';
import { newlyQueued } from '../../src/models/queue.js';
import { openTestDatabase } from '../support/connection.js';

const { connection, models } = await openTestDatabase();
await migrate({ connection, models });
await prepareSecantusdb(connection);

const queues = [
  { name: 'mails', model: models.mails, where: {} },
  { name: 'jobs', model: models.jobs, where: { state: 'QUEUED' } },
  { name: 'chunks of jobs', model: models.jobChunks, where: { state: 'QUEUED' } },
  { name: 'webhook deliveries', model: models.webhookDeliveries, where: {} },
];

it.each(queues)('a held write to $name reads one document', async ({ model, where }) => {
  const now = new Date();
  const { collection } = model;
  await collection.insertMany(
    Array.from({ length: 200 }, (_, at) => ({
      ...newlyQueued(`item-${at}`, now),
      ...{ place: String(at), number: at, at },
    })) as never,
  );
  const explained: unknown = await collection
    .find({ _id: 'item-7' as never, fence: 0, ...where })
    .explain('executionStats');
  expect(Number(Object(Object(explained)['executionStats'])['totalDocsExamined'])).toBeLessThanOrEqual(1);
});
