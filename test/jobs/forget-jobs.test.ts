/** How long jobs, their chunks and mails are kept: 90 days from their end, and without limit while they are active. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forgetOldJobs } from '../../src/jobs/forget-jobs.js';
import { migrate } from '../../src/migrations.js';
import { freezeChunk, jobChunkKey } from '../../src/models/job-chunk.js';
import type { Job } from '../../src/models/job.js';
import { mailPriorities } from '../../src/models/mail.js';
import { endedAs, leaseDue, queuedAgain, writeHeld } from '../../src/models/queue.js';
import { queueMail } from '../../src/mail/queue.js';
import { openJobRoom } from '../support/job-room.js';
import { openTestDatabase } from '../support/connection.js';

const dayMs = 24 * 3_600_000;
const now = new Date();
const daysAgo = (days: number) => new Date(now.getTime() - days * dayMs);
const clock = () => now;

const room = await openJobRoom();
afterEach(async () => {
  await room.models.jobs.deleteMany({});
  await room.models.jobChunks.deleteMany({});
});

/** A job that was queued a year ago, with two chunks. */
async function oldJob(id: string, fields: Partial<Job>): Promise<void> {
  await room.queue(id, {}, daysAgo(365));
  for (const index of [0, 1]) await freezeChunk(room.models, { job: await room.the(id), index }, ['one']);
  await room.models.jobs.updateOne({ _id: id }, { $set: fields });
}
const chunksOf = (jobId: string) => room.models.jobChunks.countDocuments({ jobId });
const jobIds = async () => (await room.models.jobs.find({}).lean()).map(({ _id }) => _id).sort();

describe('a job that was queued a year ago', () => {
  it('is kept with its chunks while it is active, and for 90 days from its end', async () => {
    await oldJob('queued', { state: 'QUEUED' });
    await oldJob('running', { state: 'RUNNING' });
    await oldJob('just-done', { state: 'DONE', endedAt: daysAgo(89) });
    await oldJob('done', { state: 'DONE', endedAt: daysAgo(91) });
    await oldJob('dead', { state: 'DEAD', endedAt: daysAgo(91) });
    expect(await forgetOldJobs({ models: room.models, clock })).toBe(2);
    expect(await jobIds()).toEqual(['just-done', 'queued', 'running']);
    for (const id of ['queued', 'running', 'just-done']) expect(await chunksOf(id)).toBe(2);
    for (const id of ['done', 'dead']) expect(await chunksOf(id)).toBe(0);
  });

  it('is deleted without the chunks of a job whose name begins with its own', async () => {
    await oldJob('REFRESH:5', { state: 'DONE', endedAt: daysAgo(91) });
    await oldJob('REFRESH:50', { state: 'QUEUED' });
    await oldJob('REFRESH:5:1', { state: 'QUEUED' });
    await forgetOldJobs({ models: room.models, clock });
    expect(await chunksOf('REFRESH:50')).toBe(2);
    expect(await room.models.jobChunks.findById(jobChunkKey('REFRESH:5', 0))).toBeNull();
  });

  it('and never confirmed is cancelled, and kept for 90 days from then', async () => {
    await oldJob('previewed', { state: 'WAITING' });
    expect(await forgetOldJobs({ models: room.models, clock })).toBe(0);
    expect(await room.the('previewed')).toMatchObject({ state: 'CANCELLED', endedAt: expect.any(Date) });
    expect(await chunksOf('previewed')).toBe(2);
  });
});

describe('expiry in the database', () => {
  it('counts a mail’s 90 days from its end, and never starts for an active mail', async () => {
    const { models } = room;
    const [ttl, ...others] = (await indexesOf('mails')).filter((one) => 'expireAfterSeconds' in one);
    expect(ttl).toMatchObject({ key: { endedAt: 1 }, expireAfterSeconds: 90 * 24 * 3600 });
    expect(others).toEqual([]);
    const about = { subscriberId: 'someone', unitId: 0, queuedBy: 'test' };
    await queueMail({ models, clock: () => daysAgo(365) }, { ...about, id: 'old', kind: 'LOST_LINK' });
    const which = { state: 'QUEUED', priority: mailPriorities.AWAITED };
    const mail = await leaseDue(models.mails, which, { now: new Date(), leaseMs: 1000 });
    if (!mail) throw new Error('The mail is gone.');
    expect(mail.endedAt).toBeNull();
    await writeHeld(models.mails, mail, endedAs('UNKNOWN', 'abandoned'));
    expect((await models.mails.findById('old').lean())?.endedAt).toBeInstanceOf(Date);
    // Its worker was only slow, and learnt that the server refused the mail.
    await writeHeld(models.mails, mail, queuedAgain({ delayMs: 1000, attempts: 1, reason: 'refused' }));
    expect(await models.mails.findById('old').lean()).toMatchObject({ state: 'QUEUED', endedAt: null });
  });

  it.each(['jobs', 'job_chunks'])('deletes none of the %s by their age', async (name) => {
    expect((await indexesOf(name)).filter((one) => 'expireAfterSeconds' in one)).toEqual([]);
  });
});

async function indexesOf(name: string) {
  await room.models.mails.createIndexes();
  await room.models.jobChunks.createIndexes();
  return room.models.mails.db.collection(name).indexes();
}

describe('the migration of job expiry', () => {
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  beforeEach(async () => {
    database = await openTestDatabase();
  });

  it('removes the old indexes, and gives finished items without an end date one', async () => {
    const { models } = database;
    await models.settings.create({ _id: 'schema', value: 4 });
    for (const { collection } of [models.mails, models.jobs, models.jobChunks])
      await collection.createIndex({ at: 1 }, { expireAfterSeconds: 90 * 24 * 3600 });
    const at = daysAgo(100);
    await models.mails.collection.insertMany([
      { _id: 'sent', state: 'SENT', at, endedAt: null },
      { _id: 'queued', state: 'QUEUED', at, endedAt: null },
    ] as never);
    await models.jobs.collection.insertMany([
      { _id: 'done', state: 'DONE', at, endedAt: null },
      { _id: 'running', state: 'RUNNING', at, endedAt: null },
    ] as never);
    await migrate(database);
    for (const { collection } of [models.mails, models.jobs, models.jobChunks])
      expect(await collection.indexInformation()).not.toHaveProperty('at_1');
    expect(await models.mails.find({}, { endedAt: 1 }).sort({ _id: 1 }).lean()).toEqual([
      { _id: 'queued', endedAt: null },
      { _id: 'sent', endedAt: at },
    ]);
    expect(await models.jobs.find({}, { endedAt: 1 }).sort({ _id: 1 }).lean()).toEqual([
      { _id: 'done', endedAt: at },
      { _id: 'running', endedAt: null },
    ]);
  });
});
