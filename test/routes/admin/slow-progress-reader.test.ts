/** The live progress of a job for a reader that reads nothing: a late write is not a fault, and the connection is cut. */
import { createServer } from 'node:http';
import { once } from 'node:events';
import { connect } from 'node:net';
import express from 'express';
import type { SessionData } from 'express-session';
import { expect, it, onTestFinished } from 'vitest';
import { memberOf } from '../../../src/routes/admin/who.js';
import { streamProgress } from '../../../src/routes/admin/jobs/progress.js';
import { createProgressFeed } from '../../../src/routes/admin/jobs/progress-feed.js';
import { findJob, queueJob } from '../../../src/models/job.js';
import type { User } from '../../../src/models/user.js';
import { openTestPortal } from '../../support/app.js';
import { listening } from '../../support/close-afterwards.js';
import { signedIn } from '../../support/staff.js';

it('the progress stream is not written to after its end, and frees its connection', async () => {
  const portal = await openTestPortal();
  const { deps } = portal;
  const { user } = await signedIn(portal, 'auditor');
  const member = memberOf((await deps.models.users.findById(user._id).lean<User>()) ?? user);
  await queueJob(deps, { id: 'a job', kind: 'BULK_EDIT', input: {}, scope: null });
  await deps.models.jobs.updateOne({ _id: 'a job' }, { $set: { state: 'RUNNING', total: 10, done: 1 } });
  const job = await findJob(deps.models, 'a job', null);
  if (!job) throw new Error('The job is gone.');

  // The session store answers late: the check that began before the end of the stream finishes after it.
  const waiting: (() => void)[] = [];
  const session = { userId: user._id, epoch: user.epoch, signedInAt: deps.clock().toISOString() };
  const sessionStore = {
    get: (_id: string, told: (error: unknown, found: Partial<SessionData>) => void) =>
      void waiting.push(() => told(null, session)),
  };
  const faults: unknown[] = [];
  const feed = createProgressFeed(deps.models.jobs, () => false);
  const app = express();
  app.get('/', (request, response) => {
    Object.assign(request, { sessionStore, sessionID: 'one' });
    response.on('error', (fault) => faults.push(fault));
    streamProgress(deps, feed, { request, user: member }, response, job);
    // More than the reader's buffers hold, so the response cannot finish while nothing is read.
    response.write(Buffer.alloc(100_000_000));
  });
  const server = createServer(app);
  const port = await listening(server);
  const [[serverSide]] = await Promise.all([
    once(server, 'connection'),
    (async () => {
      const reader = connect(port, '127.0.0.1');
      reader.pause();
      reader.on('error', () => undefined);
      onTestFinished(() => void reader.destroy());
      await once(reader, 'connect');
      reader.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    })(),
  ]);

  await expect.poll(() => waiting.length, { timeout: 10_000 }).toBe(1);
  await deps.models.jobs.updateOne({ _id: 'a job' }, { $set: { state: 'DONE' } });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  for (const answer of waiting) answer();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(faults).toEqual([]);
  await expect.poll(() => serverSide.destroyed, { timeout: 10_000 }).toBe(true);
});
