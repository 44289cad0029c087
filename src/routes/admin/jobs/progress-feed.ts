/** Tells open pages how a job moves: one look at the database for all who listen to the same job, and never more listeners than it can bear. */
import type { Job, JobModel } from '../../../models/job.js';

/** Milliseconds between two looks at a job. */
const lookEveryMs = 400;
/** Open pages that are told, in this process: in all, and of one user. Later ones look again by themselves. */
const most = { inAll: 200, ofOne: 8 };

export interface Listener {
  userId: string;
  /** Called with the job as it is now, at each look; null where it is gone. */
  hear: (job: Job | null) => void;
  /** The process stops, or the job cannot be looked at. */
  end: () => void;
}

export interface ProgressFeed {
  /** @returns how to stop listening, or null where too many listen already */
  listen: (jobId: string, listener: Listener) => (() => void) | null;
}

/**
 * @param find reads one job; who may see it has been checked before
 * @param isStopping true once the process has been asked to stop; everybody is let go then, so that nothing holds it
 */
export function createProgressFeed(jobs: JobModel, isStopping: () => boolean): ProgressFeed {
  const rooms = new Map<string, Set<Listener>>();
  const all = new Set<Listener>();

  async function look(jobId: string, room: Set<Listener>): Promise<void> {
    try {
      if (isStopping()) throw new Error('stopping');
      const job = await jobs.findById(jobId).lean<Job>();
      for (const { hear } of room) hear(job);
    } catch {
      // The browser comes again by itself, to this process or to another.
      for (const { end } of room) end();
    }
    if (room.size === 0) rooms.delete(jobId);
    else setTimeout(() => void look(jobId, room), lookEveryMs).unref();
  }

  return {
    listen(jobId, listener) {
      const ofOne = [...all].filter(({ userId }) => userId === listener.userId).length;
      if (isStopping() || all.size >= most.inAll || ofOne >= most.ofOne) return null;
      const known = rooms.get(jobId);
      const room = known ?? new Set();
      room.add(listener);
      all.add(listener);
      if (!known) {
        rooms.set(jobId, room);
        void look(jobId, room);
      }
      return () => {
        room.delete(listener);
        all.delete(listener);
      };
    },
  };
}
