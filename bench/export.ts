/** An export of unsubscribed addresses by a worker of the portal: rows a second, and whether memory stays flat. */
import { trusted, type Connection } from 'mongoose';
import type { Database } from '../src/database/contract.js';
import { subscriberIdsOf, type SubscriberIds } from '../src/domain/consent/address.js';
import type { Contact } from '../src/models/contact.js';
import { queueJob } from '../src/models/job.js';
import type { Subscriber } from '../src/models/subscriber.js';
import type { OptOutSet } from '../src/vocabulary/terms.js';
import { jobWhen, openRoom, startWorker } from './bulk-edit.js';
import { pause } from './child.js';
import { memberOf } from './crowd.js';
import { writeCatalogue } from './world.js';

export interface ExportFigures {
  rows: number;
  /** From the start of the job to its end. */
  rowsASecond: number;
  /** The addresses that memory is compared with. */
  firstRows: number;
  /** Highest resident memory of the worker: for the first addresses, and for all. */
  firstMb: number;
  wholeMb: number;
}

/** Fewer rows are no comparison: with some thousand, the export ends before the heap has reached its usual size. */
const leastFirstRows = 20_000;

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
  const run = async (id: string, expected: number) => {
    // The index of contacts is refreshed for the new catalogue.
    while (await models.jobs.exists({ state: trusted({ $in: ['QUEUED', 'RUNNING'] }) })) await pause(200);
    const clock = () => new Date();
    await queueJob({ models, clock }, { id, kind: 'EXPORT_UNSUBSCRIBED', input: {}, scope: null });
    const { counts, startedAt, endedAt } = await jobWhen(models, id, ({ state }) => state === 'DONE');
    if (counts.changed !== expected) throw new Error(`${counts.changed} of ${expected} rows were exported.`);
    return (counts.changed / (Number(endedAt) - Number(startedAt))) * 1000;
  };
  try {
    const firstRows = Math.min(rows, Math.max(leastFirstRows, Math.ceil(rows / 10)));
    await insertOptedOut(connection, { from: 0, to: firstRows }, subscriberIds);
    await run('first', firstRows);
    const firstMb = worker.highestMb();
    await insertOptedOut(connection, { from: firstRows, to: rows }, subscriberIds);
    const rowsASecond = await run('whole', rows);
    return { rows, rowsASecond, firstRows, firstMb, wholeMb: worker.highestMb() };
  } finally {
    await worker.stop();
    await connection.close();
  }
}

const batchSize = 1000;
/** Of a batch. Contacts have so many indexes that a contact for each address would take minutes to insert. */
const contactsOfBatch = 100;

/** Inserts addresses as an import of an opt-out list leaves them. */
async function insertOptedOut(
  connection: Connection,
  { from, to }: { from: number; to: number },
  subscriberIds: SubscriberIds,
): Promise<void> {
  const portal: OptOutSet = [{ at: new Date(), by: 'IMPORT', seq: 1, party: 'IMPORT:1' }];
  for (let first = from; first < to; first += batchSize) {
    const length = Math.min(batchSize, to - first);
    const like = memberOf(first, subscriberIds).subscriber;
    const members = Array.from({ length: Math.min(contactsOfBatch, length) }, (_, at) =>
      memberOf(first + at, subscriberIds),
    );
    const others = Array.from({ length: length - members.length }, (_, at) => {
      const address = `listed-${first + at}@example.com`;
      return { ...like, _id: subscriberIds('EMAIL', address), address, contactId: null };
    });
    const all = [...members.map(({ subscriber }) => subscriber), ...others];
    const subscribers = all.map((one) => ({ ...one, optOuts: { ...one.optOuts, portal } }));
    await connection.collection<Subscriber>('subscribers').insertMany(subscribers, { ordered: false });
    const contacts = members.map(({ contact }) => contact);
    await connection.collection<Contact>('contacts').insertMany(contacts, { ordered: false });
  }
}
