/**
 * A bulk edit by a worker of the portal, compared with the bare driver's bulk write of the same changes: the same documents and sizes, subscribers
 * with their events and contacts with their facets, 500 a message. They take turns on one database server.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { AnyBulkWriteOperation, Document } from 'mongodb';
import type { Connection } from 'mongoose';
import type { BulkEdit } from '../src/domain/contacts/bulk/bulk-edit.js';
import type { Database } from '../src/database/contract.js';
import { subscriberIdsOf } from '../src/domain/consent/address.js';
import { connect } from '../src/models/connect.js';
import type { Contact } from '../src/models/contact.js';
import { createModels } from '../src/models/index.js';
import type { Models } from '../src/models/index.js';
import { confirmJob, findJob, queueJob } from '../src/models/job.js';
import type { Job } from '../src/models/job.js';
import { readFeedStatus } from '../src/feed/status.js';
import { migrate } from '../src/migrations.js';
import type { Subscriber } from '../src/models/subscriber.js';
import { pause, residentMb } from './child.js';
import { insertMembers } from './crowd.js';
import { median } from './median.js';
import { writeCatalogue } from './world.js';

export interface BulkFigures {
  rows: number;
  /** Rows a second; medians of the rounds. */
  portal: number;
  bare: number;
  /** Median of the ratios of the rounds. */
  ratio: number;
  /** Resident memory of the worker: the highest of the first round, and of all after it. */
  firstMb: number;
  laterMb: number;
}

export interface Room {
  connection: Connection;
  models: Models;
}

const dist = join(import.meta.dirname, '../dist/cli/main.js');
const clock = () => new Date();
const chunk = 500;

/** @param input `env` is that of a portal in production, without its database */
export async function measureBulkEdit(
  database: Database,
  input: { rounds: number; rows: number; env: Record<string, string> },
): Promise<BulkFigures> {
  const { rounds, rows, env } = input;
  const uriOf = (name: string) => database.uri.replace('/sayso?', `/${name}?`);
  const portal = await openRoom(database, uriOf('bulk'));
  const bare = await openRoom(database, uriOf('bulk-bare'));
  await writeCatalogue(portal.models);
  const subscriberIds = subscriberIdsOf(env['SUBSCRIBER_ID_KEY'] ?? '');
  await insertMembers([portal.connection, bare.connection], { from: 0, to: rows }, subscriberIds);
  const worker = startWorker({ ...env, MONGODB_URI: uriOf('bulk') });
  const seen = { portal: [] as number[], bare: [] as number[], ratio: [] as number[], mb: [] as number[] };
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const ofPortal = await editByPortal(portal.models, round, rows);
      await feedDone(portal);
      const ofBare = await writeBare(await operationsOf(portal, bare, rows), bare.connection, rows);
      seen.mb.push(worker.highestMb());
      if (round === 0) continue;
      seen.portal.push(ofPortal);
      seen.bare.push(ofBare);
      seen.ratio.push(ofPortal / ofBare);
    }
  } finally {
    await worker.stop();
    await portal.connection.close();
    await bare.connection.close();
  }
  return {
    rows,
    portal: median(seen.portal),
    bare: median(seen.bare),
    ratio: median(seen.ratio),
    firstMb: seen.mb[0] ?? NaN,
    laterMb: Math.max(...seen.mb.slice(1)),
  };
}

export async function openRoom(database: Database, uri: string): Promise<Room> {
  const connection = await connect(uri, { isUnhurried: true });
  await database.prepare(connection);
  const models = createModels(connection);
  await migrate({ connection, models });
  return { connection, models };
}

/** The worker publishes changes for a while after its job. The bare driver is measured on an idle database. */
export async function feedDone({ models }: Room): Promise<void> {
  for (;;) {
    const began = performance.now();
    const { unpublishedSeconds, lagSeconds } = await readFeedStatus({ models, clock });
    if (Math.max(unpublishedSeconds, ...Object.values(lagSeconds)) === 0) return;
    // This database reads all marks for the oldest one: to ask often would cost more than to publish.
    await pause(Math.max(2000, 20 * (performance.now() - began)));
  }
}

/** The worker of a build, as it runs in production. */
export function startWorker(env: Record<string, string>) {
  const child = spawn(process.execPath, [dist, 'worker'], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  let highest = 0;
  const watch = setInterval(() => {
    // Unavailable for a moment while it starts and after it has ended.
    if (child.pid && child.exitCode === null) highest = Math.max(highest, residentMb(child.pid) || 0);
  }, 100);
  return {
    pid: child.pid ?? 0,
    /** Since the last call. */
    highestMb(): number {
      const mb = highest;
      highest = 0;
      return mb;
    },
    async stop(): Promise<void> {
      clearInterval(watch);
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** All contacts are opted out of a type in one round and in again in the next, so each contact changes each time. */
export function editOf(round: number): BulkEdit {
  return {
    selection: { kind: 'FILTER', filter: { any: [] }, search: '' },
    channel: 'EMAIL',
    typeIds: [1],
    status: round % 2 === 0 ? 'OPT_OUT' : 'OPT_IN',
    hasOptOutOfAllRemoved: false,
    legalBasis: 'CONSENT_WITH_NOTICE',
    processingBasis: null,
    explanation: 'Said at the counter that letters may come.',
  };
}

/** @returns rows a second, from the end of the first chunk to the end of the last */
async function editByPortal(models: Models, round: number, rows: number): Promise<number> {
  const id = `round-${round}`;
  await queueJob({ models, clock }, { id, kind: 'BULK_EDIT', input: editOf(round), scope: null });
  await jobWhen(models, id, ({ state }) => state === 'WAITING');
  await confirmJob({ models, clock }, id, null);
  const first = await jobWhen(models, id, ({ phase, done }) => phase === 'RUN' && done > 0);
  const began = performance.now();
  const { counts } = await jobWhen(models, id, ({ state }) => state === 'DONE');
  const ms = performance.now() - began;
  if (counts.changed !== rows)
    throw new Error(`${counts.changed} of ${rows} contacts were changed by a bulk edit.`);
  return ((rows - first.done) / ms) * 1000;
}

export async function jobWhen(models: Models, id: string, isSo: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = await findJob(models, id, null);
    if (!job || job.state === 'DEAD') throw new Error(`A bulk edit broke off: ${job?.lastError}`);
    if (isSo(job)) return job;
    await pause(20);
  }
}

type Operations = { subscribers: AnyBulkWriteOperation[]; contacts: AnyBulkWriteOperation[] };

/** The portal's last change of each document, as updates for the other database. They are prepared first, since preparing is not measured. */
async function operationsOf(portal: Room, bare: Room, rows: number): Promise<Operations[]> {
  const all: Operations[] = [];
  for (let first = 0; first < rows; first += chunk) {
    const contacts = await bare.models.contacts
      .find({})
      .sort({ addedKey: 1 })
      .skip(first)
      .limit(chunk)
      .lean<Contact[]>();
    const contactsAfter = await byId<Contact>(
      portal.connection,
      'contacts',
      contacts.map(({ _id }) => _id),
    );
    const ids = contacts.flatMap(({ subscribers }) => subscribers.EMAIL ?? []);
    const subscribersAfter = await byId<Subscriber>(portal.connection, 'subscribers', ids);
    all.push({
      subscribers: ids.map((id) => updateOfSubscriber(subscribersAfter.get(id))),
      contacts: contacts.map((contact) => ({
        updateOne: {
          filter: { _id: contact._id as never, projection: contact.projection },
          update: {
            $set: {
              facets: contactsAfter.get(contact._id)?.facets ?? [],
              projection: contact.projection + 1,
            },
          },
        },
      })),
    });
  }
  return all;
}

function updateOfSubscriber(after: Subscriber | undefined): AnyBulkWriteOperation {
  if (!after) throw new Error('A subscriber is not there.');
  const { subscriptions, optOuts, snoozes, pending, version, seq, chainHead, eventCount, updatedAt, events } =
    after;
  return {
    updateOne: {
      filter: { _id: after._id as never, version: version - 1 },
      update: {
        $set: { subscriptions, optOuts, snoozes, pending, version, seq, chainHead, eventCount, updatedAt },
        $push: { events: { $each: events.slice(-1) } } as never,
      },
    },
  };
}

async function byId<T extends { _id: string }>(
  connection: Connection,
  name: string,
  ids: string[],
): Promise<Map<string, T>> {
  const found = await connection
    .collection(name)
    .find<T>({ _id: { $in: ids as never[] } })
    .toArray();
  return new Map(found.map((one) => [one._id, one]));
}

/** @returns rows a second */
async function writeBare(all: Operations[], connection: Connection, rows: number): Promise<number> {
  const write = async (name: string, operations: AnyBulkWriteOperation<Document>[]) => {
    const { matchedCount } = await connection.collection(name).bulkWrite(operations, { ordered: false });
    if (matchedCount !== operations.length) throw new Error('A bare write found nothing to write.');
  };
  const began = performance.now();
  for (const { subscribers, contacts } of all) {
    await write('subscribers', subscribers);
    await write('contacts', contacts);
  }
  return (rows / (performance.now() - began)) * 1000;
}
