/** Jobs that read one long stream: the stream stays open between steps, and begins again from the last checkpoint in another process. */
import type { JobProgress } from '../models/job-lease.js';
import type { Job } from '../models/job.js';
import { JobLost, type Stepper } from './engine.js';

/** Each value is the progress of one step, and the returned one that of the last. It gets the lease's check, to call before each write. */
export type Stream = (job: Job, guard: () => void) => AsyncGenerator<JobProgress, JobProgress>;

interface OpenStream {
  steps: AsyncGenerator<JobProgress, JobProgress>;
  /** Fence and cursor of the last step. If another worker had the job in between, they differ. */
  fence: number;
  cursor: number;
  isHeld: () => boolean;
  closing?: NodeJS.Timeout;
}

/** Milliseconds without a step, such as after the job was cancelled. Other jobs may have their turns meanwhile. */
const closeAfterMs = 5 * 60_000;

/** Makes the stepper of a stream. The cursor counts the steps. */
export function streamedStepper(begin: Stream): Stepper {
  const streams = new Map<string, OpenStream>();

  async function close(id: string): Promise<void> {
    const stream = streams.get(id);
    streams.delete(id);
    clearTimeout(stream?.closing);
    await stream?.steps.return({}).catch(() => undefined);
  }

  async function streamOf(job: Job): Promise<OpenStream> {
    const open = streams.get(job._id);
    // Each lease raises the fence, so one more is the next turn of the same worker.
    const isOwn = open?.cursor === job.cursor && job.fence - open.fence <= 1;
    if (open && isOwn) return open;
    await close(job._id);
    const stream: OpenStream = {
      steps: begin(job, () => {
        if (!stream.isHeld()) throw new JobLost();
      }),
      ...{ fence: job.fence, cursor: job.cursor, isHeld: () => false },
    };
    streams.set(job._id, stream);
    return stream;
  }

  return async ({ job, isHeld }) => {
    const stream = await streamOf(job);
    clearTimeout(stream.closing);
    Object.assign(stream, { isHeld, fence: job.fence, cursor: job.cursor + 1 });
    try {
      const { value, done } = await stream.steps.next();
      if (done) await close(job._id);
      else stream.closing = setTimeout(() => void close(job._id), closeAfterMs).unref();
      return { progress: { ...value, cursor: job.cursor + 1 }, then: done ? 'END' : 'GO_ON' };
    } catch (error) {
      await close(job._id);
      throw error;
    }
  };
}
