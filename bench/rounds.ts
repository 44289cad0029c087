/** The rounds of load: portal, reference and bare server take turns with the same requests, and every act is checked in the database. */
import { trusted } from 'mongoose';
import type { LoadProcess, ServerProcess } from './child.js';
import { cpuMs } from './child.js';
import { connections } from './load.js';
import type { LoadJob, LoadResult } from './load.js';
import { median } from './median.js';
import type { Bench } from './open.js';
import { sceneNames } from './requests.js';
import type { SceneName } from './requests.js';
import { acts, subscriberOf } from './world.js';
import { writeBare } from './writes.js';

export interface SceneFigures {
  /** Requests a second; medians of the rounds. */
  portal: number;
  reference: number;
  /** The bare `node:http` server with the same bytes. */
  bare: number;
  /** Bare writes of the same size a second; absent for a page, which writes nothing. */
  write?: number;
  /** Median of the ratios of the rounds. */
  ratio: number;
  /** Milliseconds of CPU for a request: of the portal, and of its database. */
  cpuMs: number;
  databaseCpuMs: number;
  /** Milliseconds until the answer, at saturation. */
  p50Ms: number;
  p99Ms: number;
  /** The same of the reference, which has the same database. */
  referenceP50Ms: number;
  referenceP99Ms: number;
}

export interface Plan {
  rounds: number;
  requestsARound: number;
  /** One request for each round, and one more to warm up. */
  pools: Record<SceneName, LoadJob['requests']>;
  /** Subscribers of the reference's database that only bare writes change. */
  writePeople: string[];
}

export interface Contestants {
  portal: ServerProcess;
  reference: ServerProcess;
  bare: Record<SceneName, ServerProcess>;
}

interface Round extends Omit<SceneFigures, 'ratio'> {
  ratio: number;
}

/** @returns medians by kind of request */
export async function runRounds(
  deps: { bench: Bench; load: LoadProcess },
  contestants: Contestants,
  plan: Plan,
): Promise<Record<SceneName, SceneFigures>> {
  const seen: Record<SceneName, Round[]> = { page: [], save: [], oneClick: [] };
  for (let round = 0; round <= plan.rounds; round += 1) {
    console.log(round === 0 ? 'Warming up.' : `Round ${round} of ${plan.rounds}.`);
    for (const scene of sceneNames) {
      const figures = await runRound(deps, contestants, plan, scene, round);
      if (round > 0) seen[scene].push(figures);
    }
  }
  return { page: medians(seen.page), save: medians(seen.save), oneClick: medians(seen.oneClick) };
}

async function runRound(
  { bench, load }: { bench: Bench; load: LoadProcess },
  { portal, reference, bare }: Contestants,
  plan: Plan,
  scene: SceneName,
  round: number,
): Promise<Round> {
  const { requestsARound: count } = plan;
  const requests = plan.pools[scene].slice(round * count, (round + 1) * count);
  const ask = async ({ url }: ServerProcess) => checked(await load.send({ url, requests }));
  const askPortal = async () => {
    const spent = () => ({ portal: cpuMs(portal.pid), database: cpuMs(bench.database.pid ?? 0) });
    const before = spent();
    const result = await ask(portal);
    const after = spent();
    return {
      ...result,
      cpuMs: (after.portal - before.portal) / count,
      databaseCpuMs: (after.database - before.database) / count,
    };
  };
  // The order of the servers alternates too.
  const early = round % 2 === 0 ? await askPortal() : null;
  const ofReference = await ask(reference);
  const ofPortal = early ?? (await askPortal());
  const ofBare = await ask(bare[scene]);
  return {
    portal: ofPortal.requestsPerSecond,
    reference: ofReference.requestsPerSecond,
    ratio: ofPortal.requestsPerSecond / ofReference.requestsPerSecond,
    bare: ofBare.requestsPerSecond,
    ...(scene === 'page' ? {} : { write: await bareWrites(bench, plan, scene) }),
    cpuMs: ofPortal.cpuMs,
    databaseCpuMs: ofPortal.databaseCpuMs,
    p50Ms: ofPortal.p50,
    p99Ms: ofPortal.p99,
    referenceP50Ms: ofReference.p50,
    referenceP99Ms: ofReference.p99,
  };
}

async function bareWrites(bench: Bench, plan: Plan, kind: keyof typeof acts): Promise<number> {
  const ids = plan.writePeople.splice(0, plan.requestsARound / 4);
  const sample = subscriberOf('A'.repeat(22), 'someone@example.com', new Date());
  return writeBare(bench.reference.connection, { kind, sample, ids, atOnce: connections });
}

/** @throws Error for any answer that is not 2xx or 3xx, and for a missing answer */
export function checked(result: LoadResult): LoadResult {
  const wrong = Object.entries(result.statuses).filter(([status]) => !/^[23]\d\d$/.test(status));
  if (wrong.length > 0)
    throw new Error(`Not every answer was 2xx or 3xx: ${wrong.map((one) => one.join(' × ')).join(', ')}.`);
  return result;
}

function medians(rounds: Round[]): SceneFigures {
  const of = (figure: (round: Round) => number) => median(rounds.map(figure));
  const writes = rounds.flatMap(({ write }) => write ?? []);
  return {
    portal: of(({ portal }) => portal),
    reference: of(({ reference }) => reference),
    bare: of(({ bare }) => bare),
    ratio: of(({ ratio }) => ratio),
    cpuMs: of((round) => round.cpuMs),
    databaseCpuMs: of((round) => round.databaseCpuMs),
    p50Ms: of(({ p50Ms }) => p50Ms),
    p99Ms: of(({ p99Ms }) => p99Ms),
    referenceP50Ms: of(({ referenceP50Ms }) => referenceP50Ms),
    referenceP99Ms: of(({ referenceP99Ms }) => referenceP99Ms),
    ...(writes.length > 0 ? { write: median(writes) } : {}),
  };
}

/**
 * Checks the portal's database: every save must have added two events, every one-click one, and no page any.
 * @throws Error when an act was answered but not stored
 */
export async function checkActs({ portal }: Bench, people: Record<SceneName, string[]>): Promise<void> {
  const eventsBefore = subscriberOf('', '', new Date()).seq;
  for (const scene of sceneNames) {
    const added = scene === 'page' ? 0 : acts[scene].off.length + acts[scene].on.length;
    const found = await portal.models.subscribers
      .find({ _id: trusted({ $in: people[scene] }) }, { seq: 1 })
      .lean<{ seq: number }[]>();
    const wrong = found.filter(({ seq }) => seq !== eventsBefore + added).length;
    if (wrong > 0 || found.length !== people[scene].length)
      throw new Error(`Of ${people[scene].length} × ${scene}, ${wrong} did not do what they answered.`);
  }
}
