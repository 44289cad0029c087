/**
 * What the evaluation of triggers costs: the same bulk edit by the same worker with an active workflow, and without one, in turns. The trigger reads
 * what the edit changes, so each contact starts to meet it, or leaves it, in each round.
 */
import { performance } from 'node:perf_hooks';
import type { Database } from '../src/database/contract.js';
import { subscriberIdsOf } from '../src/domain/consent/address.js';
import { allOf } from '../src/domain/filters/filter.js';
import { emptyPlan } from '../src/domain/workflows/plan.js';
import { versionId, type Workflow } from '../src/models/workflow.js';
import { confirmJob, queueJob } from '../src/models/job.js';
import type { Models } from '../src/models/index.js';
import { editOf, feedDone, jobWhen, openRoom, startWorker } from './bulk-edit.js';
import { cpuMs } from './child.js';
import { insertMembers } from './crowd.js';
import { median } from './median.js';
import { writeCatalogue } from './world.js';

export interface TriggerFigures {
  contacts: number;
  /** Seconds from the confirmation of the edit to its end; medians of the rounds. */
  seconds: { with: number; without: number };
  /** Median of the rounds' own ratios, less one: 0.05 means 5 % more time. */
  cost: number;
  /** The same of the CPU of worker and database, until the change feed has nothing left to do. */
  cpuCost: number;
}

const clock = () => new Date();

/** @param input `env` is that of a portal in production, without its database */
export async function measureTrigger(
  database: Database,
  input: { contacts: number; rounds: number; env: Record<string, string> },
): Promise<TriggerFigures> {
  const { contacts, rounds, env } = input;
  const uri = database.uri.replace('/sayso?', '/trigger?');
  const room = await openRoom(database, uri);
  const { models } = room;
  await writeCatalogue(models);
  const subscriberIds = subscriberIdsOf(env['SUBSCRIBER_ID_KEY'] ?? '');
  await insertMembers([room.connection], { from: 0, to: contacts }, subscriberIds);
  const worker = startWorker({ ...env, MONGODB_URI: uri });
  const spent = () => cpuMs(worker.pid) + cpuMs(database.pid ?? 0);
  const seen = { with: [] as number[], without: [] as number[], cost: [] as number[], cpu: [] as number[] };
  try {
    // The first two are warm-up: the first evaluation of each contact also notes what it meets.
    for (let round = -1; round < rounds; round += 1) {
      const took = { with: 0, without: 0 };
      const used = { with: 0, without: 0 };
      const order = round % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const);
      for (const [turn, which] of order.entries()) {
        await setWorkflow(models, which === 'with' ? 'ACTIVE' : 'OFF');
        const before = spent();
        took[which] = await edit(models, 2 * (round + 1) + turn, contacts);
        await feedDone(room);
        used[which] = spent() - before;
      }
      if (round < 0) continue;
      seen.with.push(took.with);
      seen.without.push(took.without);
      seen.cost.push(took.with / took.without - 1);
      seen.cpu.push(used.with / used.without - 1);
    }
  } finally {
    await worker.stop();
    await room.connection.close();
  }
  return {
    contacts,
    seconds: { with: median(seen.with), without: median(seen.without) },
    cost: median(seen.cost),
    cpuCost: median(seen.cpu),
  };
}

const workflowId = 'trigger';

/** Written as it is after its start, so that the first round begins with an idle worker. */
async function setWorkflow(models: Models, state: Workflow['state']): Promise<void> {
  const filter = allOf([{ on: 'status', of: '1', is: 'IS', values: ['SUBSCRIBED'] }]);
  const plan = {
    ...{ ...emptyPlan, trigger: { kind: 'FILTER', filter } },
    steps: [{ id: 'wait', kind: 'WAIT', input: { until: 'TIME', amount: 300, unit: 'DAYS' } }],
  };
  await models.workflowVersions.updateOne(
    { _id: versionId(workflowId, 1) },
    { $set: { workflowId, number: 1, plan, publishedAt: clock(), publishedBy: 'user:1' } },
    { upsert: true },
  );
  const about = { name: 'Welcome', unitIds: null, version: 1, revision: 1, createdBy: 'user:1' };
  await models.workflows.updateOne(
    { _id: workflowId },
    { $set: { ...about, state, createdAt: clock(), activatedAt: clock(), evaluatedOn: today() } },
    { upsert: true },
  );
}

const today = () => clock().toISOString().slice(0, 10);

/** @returns seconds from the confirmation to the end */
async function edit(models: Models, number: number, contacts: number): Promise<number> {
  const id = `trigger-${number}`;
  await queueJob({ models, clock }, { id, kind: 'BULK_EDIT', input: editOf(number), scope: null });
  await jobWhen(models, id, ({ state }) => state === 'WAITING');
  await confirmJob({ models, clock }, id, null);
  const began = performance.now();
  const { counts } = await jobWhen(models, id, ({ state }) => state === 'DONE');
  if (counts.changed !== contacts) throw new Error(`${counts.changed} of ${contacts} contacts were changed.`);
  return (performance.now() - began) / 1000;
}
