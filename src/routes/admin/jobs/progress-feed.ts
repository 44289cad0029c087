/** Tells open pages how a job moves: one look at the database for all who listen to the same job, and never more listeners than it can bear. */
import type { Job, JobModel } from '../../../models/job.js';

/** Milliseconds between two reads of a job. */
const lookEveryMs = 400;
/** Maximum number of open pages with live progress in this process: in total, and per user. Further pages reload on a timer. */
const most = { inAll: 200, ofOne: 8 };

export interface Listener {
  userId: string;
  /** Called with the current job at each read; null if it was deleted. */
  hear: (job: Job | null) => void;
  /** The process stops, or the job cannot be read. */
  end: () => void;
}

export interface ProgressFeed {
  /** @returns a function that stops listening, or null if there are too many listeners */
  listen: (jobId: string, listener: Listener) => (() => void) | null;
}

/**
 * @param find reads one job; the caller has checked who may see it
 * @param isStopping true once the process has been asked to stop; then every listener is ended, so that none keeps the process running
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
      // The browser reconnects automatically, to this process or another.
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
