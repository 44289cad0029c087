/** Server-sent events with a job's progress, for an open page. */
import type { Request, Response } from 'express';
import type { SessionData } from 'express-session';
import type { Deps } from '../../../deps.js';
import { mayRole, type StaffMember } from '../../../vocabulary/access.js';
import { findJob, type Job } from '../../../models/job.js';
import type { Ask } from '../route.js';
import { whoIsThere } from '../who.js';
import { isMoving, progressOf, stepOf } from './job-words.js';
import type { ProgressFeed } from './progress-feed.js';

/** Milliseconds between checks of the session. Each check also sends data, so that proxies keep the connection open. */
const checkEveryMs = 5000;
/** Milliseconds that a reader may take for the end of the stream. Then the connection is closed, so that it is not held forever. */
const lingerMs = 5000;

/**
 * Answers with the job's progress until it stops changing, the page is closed, the session ends or the process stops.
 * A disconnected browser reconnects automatically, so a stream may end at any time.
 */
export function streamProgress(
  deps: Deps,
  feed: ProgressFeed,
  ask: Pick<Ask, 'request' | 'user'>,
  response: Response,
  job: Job,
): void {
  const { request, user } = ask;
  const session = leaveSession(request);
  let told = '';
  let stop: (() => void) | null = () => undefined;
  let isOver = false;
  const end = () => {
    if (isOver) return;
    isOver = true;
    clearInterval(check);
    stop?.();
    response.end();
    setTimeout(() => response.destroy(), lingerMs).unref();
  };
  /** A slow reader keeps the response open after its end. A write at that point would be an uncaught error. */
  const say = (text: string): boolean => {
    if (isOver || response.writableNeedDrain) return false;
    response.write(text);
    return true;
  };
  const hear = (now: Job | null) => {
    if (!now) return end();
    const { percent, words } = progressOf(now);
    const event = `event: progress\ndata: ${JSON.stringify({ step: stepOf(now), percent, words })}\n\n`;
    // Data that a slow reader has not taken yet is not queued: the next look contains it.
    if (event !== told && say(event)) told = event;
    if (!isMoving(now)) end();
  };
  const check = setInterval(() => {
    const seen = async () => {
      const now = await session.user(deps);
      return now && mayRole(now.role, 'jobs.read') ? findJob(deps.models, job._id, now.scope) : null;
    };
    seen().then((found) => (found ? void say(': still here\n\n') : end()), end);
  }, checkEveryMs);
  stop = request.method === 'HEAD' ? null : feed.listen(job._id, { userId: user.id, hear, end });
  if (!stop) {
    clearInterval(check);
    return void response
      .status(request.method === 'HEAD' ? 200 : 503)
      .set('Retry-After', '5')
      .end();
  }
  response.once('close', end);
  response.on('error', end);
  response.set({
    'Content-Type': 'text/event-stream',
    // Makes proxies pass on each event at once.
    'X-Accel-Buffering': 'no',
  });
  say('retry: 1500\n\n');
}

/** A long answer must not write the session when it ends, possibly hours later. It releases the session, and checks the store regularly. */
function leaveSession(request: Request): { user: (deps: Deps) => Promise<StaffMember | null> } {
  const { sessionID, sessionStore } = request;
  Reflect.deleteProperty(request, 'session');
  const stored = () =>
    new Promise<SessionData | null>((resolve, reject) =>
      sessionStore.get(sessionID, (error: unknown, found) =>
        error ? reject(new Error('The session cannot be read.', { cause: error })) : resolve(found ?? null),
      ),
    );
  return {
    user: async (deps) => {
      const session = await stored();
      return session && whoIsThere(deps, { session });
    },
  };
}
