/** Setup for bulk work: the contacts setup with as many contacts as a test wants, and workers with the product's own kinds of jobs. */
import { ownStatus } from '../../src/domain/consent/effective.js';
import pino from 'pino';
import { prepareSecantusdb } from '../../src/database/secantusdb.js';
import type { SubscriptionStatus } from '../../src/vocabulary/terms.js';
import type { BulkEdit } from '../../src/domain/contacts/bulk/bulk-edit.js';
import { noFilter } from '../../src/domain/filters/filter.js';
import { refreshContacts } from '../../src/domain/contacts/project.js';
import { runDueJobs } from '../../src/jobs/engine.js';
import type { EngineOptions, JobRoundCounts } from '../../src/jobs/engine.js';
import type { JobDeps } from '../../src/jobs/job-deps.js';
import { wantedOf } from '../../src/jobs/kind.js';
import { bulkEdit } from '../../src/jobs/kinds/bulk-edit.js';
import { steppersOf } from '../../src/jobs/registry.js';
import { noMetrics } from '../../src/metrics.js';
import { jobRows } from '../../src/models/job-chunk.js';
import type { JobRow } from '../../src/models/job-chunk.js';
import { confirmJob, findJob, queueJob } from '../../src/models/job.js';
import type { Job, WantedJob } from '../../src/models/job.js';
import { newSubscriber } from '../../src/models/subscriber.js';
import { openContactRoom } from './contact-room.js';
import type { ContactRoom } from './contact-room.js';
import { contactPastForms } from './crowd.js';
import { given, worldWith } from './judge.js';
import { trailNotes } from './people.js';

export const everybody = { kind: 'FILTER' as const, filter: noFilter, search: '' };

export interface BulkRoom extends ContactRoom {
  jobs: JobDeps;
  /** Removes all contacts, jobs and mails, and resets the time and the catalogue. */
  reset: () => Promise<void>;
  /** Sets the time to this many minutes later: a job concerns contacts created before it. */
  later: (minutes: number) => void;
  /** This many contacts of unit 0 with an e-mail address each, inserted directly. Their ids are `c000000` and so on. */
  crowd: (count: number) => Promise<{ contactId: string; subscriberId: string }[]>;
  queue: (job: Pick<WantedJob, 'id' | 'kind' | 'input'> & Partial<WantedJob>) => Promise<void>;
  /** Queues an opt-in of all contacts to Trail notes, unless told otherwise. */
  queueEdit: (id: string, more?: Partial<BulkEdit>, scope?: number[] | null) => Promise<void>;
  /** A worker's round with the product's own kinds. */
  work: (options?: EngineOptions) => Promise<JobRoundCounts>;
  confirm: (id: string) => Promise<void>;
  the: (id: string) => Promise<Job>;
  rows: (id: string) => Promise<JobRow[]>;
  /** The own status of a type, by default Trail notes. */
  statusOf: (subscriberId: string, typeId?: number) => Promise<SubscriptionStatus>;
}

const start = Date.parse('2026-03-02T12:00:00Z');

const optInOfAll: BulkEdit = {
  selection: everybody,
  channel: 'EMAIL',
  typeIds: [trailNotes.id],
  status: 'OPT_IN',
  hasOptOutOfAllRemoved: false,
  legalBasis: 'CONSENT_WITH_NOTICE',
  processingBasis: null,
  explanation: given.explanation,
};

export async function openBulkRoom(): Promise<BulkRoom> {
  const room = await openContactRoom();
  const { models } = room;
  // The portal does this when it starts the stand-in for MongoDB. Otherwise each of thousands of conditional writes would read the whole
  // collection.
  await prepareSecantusdb(room.database.connection);
  const jobs = jobDepsOf(room);
  const the = async (id: string) => {
    const job = await findJob(models, id, null);
    if (!job) throw new Error('There is no such job.');
    return job;
  };
  const later = (minutes: number) => room.setTime(new Date(start + minutes * 60_000));
  const queue: BulkRoom['queue'] = async (wanted) =>
    void (await queueJob(jobs, { scope: null, ...wanted, notBefore: new Date(0) }));
  return {
    ...room,
    jobs,
    async reset() {
      const { contacts, subscribers, jobChunks, mails, settings, storedFiles, storedChunks } = models;
      const all = [
        contacts,
        subscribers,
        models.archivedEvents,
        models.jobs,
        jobChunks,
        mails,
        storedFiles,
        storedChunks,
      ];
      for (const model of all) await model.collection.deleteMany({});
      await settings.deleteOne({ _id: 'contact-facets' });
      later(0);
      room.setCatalogue(worldWith());
    },
    later,
    crowd: (count) => makeCrowd(room, count),
    queue,
    queueEdit: (id, more = {}, scope = null) =>
      queue({ id, ...wantedOf(bulkEdit, { ...optInOfAll, ...more }), scope }),
    work: (options = {}) =>
      runDueJobs(
        { models, steppers: steppersOf(jobs), log: pino({ level: 'silent' }), metrics: noMetrics },
        options,
      ),
    confirm: async (id) => void (await confirmJob(jobs, id, null)),
    the,
    async rows(id) {
      const rows: JobRow[] = [];
      for await (const row of jobRows(models, id)) rows.push(row);
      return rows;
    },
    async statusOf(subscriberId, typeId = trailNotes.id) {
      const { subscriber } = await room.history(subscriberId);
      return ownStatus(subscriber, typeId);
    },
  };
}

/** The deps of jobs, over this setup. */
export function jobDepsOf({
  deps,
  models,
  subscriberIds,
}: Pick<ContactRoom, 'deps' | 'models' | 'subscriberIds'>): JobDeps {
  const projection = { models, clock: deps.clock, catalogue: deps.catalogue };
  return {
    ...deps,
    models,
    config: { subscriberIdKey: 'the key of the tests', privateSources: ['127.0.0.1'] },
    subscriberIds,
    rereadCatalogue: deps.catalogue,
    refreshContacts: (ids) => refreshContacts(projection, ids),
  };
}

async function makeCrowd(room: ContactRoom, count: number) {
  const catalogue = await room.deps.catalogue();
  const at = room.deps.clock();
  const members = [];
  for (let first = 0; first < count; first += 1000) {
    const contacts = [];
    const subscribers = [];
    for (let index = first; index < Math.min(count, first + 1000); index++) {
      const contactId = `c${String(index).padStart(6, '0')}`;
      const email = `member-${index}@example.com`;
      const subscriberId = room.idOf(email);
      const named = { _id: contactId, firstName: 'Member', lastName: String(index), email, phone: null };
      const about = { unitIds: [0], locale: null, properties: {}, source: 'STAFF' as const };
      const head = { ...newSubscriber(subscriberId, 'EMAIL', email, at), contactId };
      contacts.push(
        contactPastForms({ ...named, ...about }, { subscriber: head, at, by: 'user:1', catalogue }),
      );
      subscribers.push(head);
      members.push({ contactId, subscriberId });
    }
    await room.models.contacts.collection.insertMany(contacts as never[], { ordered: false });
    await room.models.subscribers.collection.insertMany(subscribers as never[], { ordered: false });
  }
  return members;
}
