/** An export of unsubscribed addresses by a worker of the portal: rows a second, and whether memory stays flat. */
import type { Database } from '../src/database/contract.js';
import { subscriberIdsOf } from '../src/domain/consent/address.js';
import { queueJob } from '../src/models/job.js';
import { jobWhen, openRoom, startWorker } from './bulk-edit.js';
import { insertMembers } from './crowd.js';
import { writeCatalogue } from './world.js';

export interface ExportFigures {
  rows: number;
  /** From the start of the job to its end. */
  rowsASecond: number;
  /** Highest resident memory of the worker: for a tenth of the rows, and for all. */
  tenthMb: number;
  wholeMb: number;
}

/** @param input `env` is that of a portal in production, without its database */
export async function measureExport(
  database: Database,
  { rows, env }: { rows: number; env: Record<string, string> },
): Promise<ExportFigures> {
  const uri = database.uri.replace('/sayso?', '/export?');
  const { connection, models } = await openRoom(database, uri);
  await writeCatalogue(models);
  const subscriberIds = subscriberIdsOf(env['SUBSCRIBER_ID_KEY'] ?? '');
  const worker = startWorker({ ...env, MONGODB_URI: uri });
  const fill = async (from: number, to: number) => {
    await insertMembers([connection], { from, to }, subscriberIds);
    const optOut = { at: new Date(), by: 'IMPORT', seq: 1, party: 'IMPORT:1' };
    await models.subscribers.collection.updateMany(
      { 'optOuts.portal': null },
      { $set: { 'optOuts.portal': [optOut] } },
    );
  };
  const run = async (id: string, expected: number) => {
    const clock = () => new Date();
    await queueJob({ models, clock }, { id, kind: 'EXPORT_UNSUBSCRIBED', input: {}, scope: null });
    // Another job may come first: the index of contacts is refreshed for the new catalogue.
    const { counts, startedAt, endedAt } = await jobWhen(models, id, ({ state }) => state === 'DONE');
    // Types that a member opted out of have rows of their own.
    if (counts.changed < expected) throw new Error(`${counts.changed} of ${expected} rows were exported.`);
    return (counts.changed / (Number(endedAt) - Number(startedAt))) * 1000;
  };
  try {
    const tenth = Math.ceil(rows / 10);
    await fill(0, tenth);
    await run('tenth', tenth);
    const tenthMb = worker.highestMb();
    await fill(tenth, rows);
    const rowsASecond = await run('whole', rows);
    return { rows, rowsASecond, tenthMb, wholeMb: worker.highestMb() };
  } finally {
    await worker.stop();
    await connection.close();
  }
}
