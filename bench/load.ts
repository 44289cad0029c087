/** The load, in a process of its own: sends each request of a list once, over 16 connections, and reports the results. */
import autocannon from 'autocannon';
import { z } from 'zod';

/** How many connections send at once, each with its own part of the list. */
export const connections = 16;

const job = z.object({
  url: z.string(),
  requests: z.array(
    z.object({
      method: z.enum(['GET', 'POST']),
      path: z.string(),
      headers: z.record(z.string(), z.string()),
      body: z.string().optional(),
    }),
  ),
});

/** What the parent process sends: an origin, and requests, each of which is sent exactly once. */
export type LoadJob = z.infer<typeof job>;

export interface LoadResult {
  requestsPerSecond: number;
  /** How often each status was answered; 0 means no answer. */
  statuses: Record<string, number>;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

async function send({ url, requests }: LoadJob): Promise<LoadResult> {
  const share = requests.length / connections;
  if (!Number.isInteger(share)) throw new Error(`The list must be a multiple of ${connections} long.`);
  let dealt = 0;
  let lastAnswerAt = 0;
  const took: number[] = [];
  const began = performance.now();
  const outcome = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(
      {
        url,
        connections,
        amount: requests.length,
        timeout: 30,
        setupClient: (client) => {
          const own = requests.slice(dealt, dealt + share);
          client.setRequests(own.map(({ body, ...rest }) => (body ? { ...rest, body } : rest)));
          dealt += share;
        },
      },
      (error, result) =>
        error ? reject(error instanceof Error ? error : new Error(String(error))) : resolve(result),
    );
    // The library checks only once a second whether all is done, so its own end cannot be used.
    instance.on('response', (_client, _status, _bytes, ms) => {
      lastAnswerAt = performance.now();
      took.push(ms);
    });
  });
  const statuses: Record<string, number> = {};
  for (const [status, { count }] of Object.entries(outcome.statusCodeStats ?? {}))
    statuses[status] = count ?? 0;
  const answered = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  if (answered < requests.length) statuses['0'] = requests.length - answered;
  const seconds = (lastAnswerAt - began) / 1000;
  return {
    requestsPerSecond: answered / seconds,
    statuses,
    ...percentilesOf(took.slice(connections)),
  };
}

/** Without the first answers, one for each connection: they alone would be a hundredth of a round, and connections are being opened then. */
function percentilesOf(milliseconds: number[]): { p50: number; p99: number } {
  const sorted = milliseconds.toSorted((one, other) => one - other);
  const at = (part: number) => Math.round(sorted[Math.floor(sorted.length * part)] ?? NaN);
  return { p50: at(0.5), p99: at(0.99) };
}

// `channel` exists only when a parent started this file as its child.
if (process.channel) {
  process.on('message', (message) => {
    void send(job.parse(message)).then((result) => process.send?.(result));
  });
}
