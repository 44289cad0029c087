/**
 * Workflows: enrolments and steps a second, compared with the bare driver's writes of the same documents. The writes of the portal are noted, and
 * made once more in another database that holds the same documents. They take turns on one database server.
 */
import { performance } from 'node:perf_hooks';
import type { Config } from '../src/config.js';
import type { Database } from '../src/database/contract.js';
import { createDeps, type Deps } from '../src/deps.js';
import { allOf } from '../src/domain/filters/filter.js';
import { createList } from '../src/domain/lists/lists.js';
import { emptyPlan, newStepId, type Plan, type Step } from '../src/domain/workflows/plan.js';
import { runDueEnrolments } from '../src/domain/workflows/run.js';
import { updateWorkflow } from '../src/domain/workflows/update.js';
import {
  createWorkflow,
  getWorkflow,
  pauseWorkflow,
  publish,
  resumeWorkflow,
  saveDraft,
  turnOff,
} from '../src/domain/workflows/workflows.js';
import { drainFeed } from '../src/feed/run.js';
import type { Workflow } from '../src/models/workflow.js';
import { openRoom, type Room } from './bulk-edit.js';
import { insertMembers } from './crowd.js';
import { median } from './median.js';
import { writeCatalogue } from './world.js';

/** Medians of the rounds: of the portal, of the bare driver, and of the rounds' own ratios. */
interface Rate {
  portal: number;
  bare: number;
  ratio: number;
}

export interface WorkflowFigures {
  contacts: number;
  stepsOfEach: number;
  /** A second. */
  enrolments: Rate;
  steps: Rate;
}

const written = ['contacts', 'subscribers', 'enrolments', 'workflowStandings'] as const;
interface Write {
  to: (typeof written)[number];
  act: 'bulkWrite' | 'insertMany';
  items: never[];
}

export async function measureWorkflows(
  database: Database,
  config: Config,
  size: { contacts: number; rounds: number },
): Promise<WorkflowFigures> {
  const uriOf = (name: string) => database.uri.replace('/sayso?', `/${name}?`);
  const bare = await openRoom(database, uriOf('workflows-bare'));
  const room = await openRoom(database, uriOf('workflows'));
  await writeCatalogue(room.models);
  const deps = await createDeps({ ...config, logLevel: 'warn' }, { databaseUri: uriOf('workflows') });
  const range = { from: 0, to: size.contacts };
  await insertMembers([room.connection, bare.connection], range, deps.subscriberIds);
  await room.connection.close();
  const writes = noteWrites(deps);
  const again = (): Promise<number> => {
    const made = withoutLease(writes.splice(0));
    return timed(() => writeAgain(bare, made));
  };
  const enrolments = newRates();
  const steps = newRates();
  try {
    for (let round = 0; round <= size.rounds; round += 1) {
      const workflow = await paused(deps, await planOf(deps, round));
      // What the feed has written since the last round.
      await again();
      const enrolMs = await timed(() => start(deps, workflow));
      const enrolBareMs = await again();
      await resumeWorkflow(deps, await getWorkflow(deps, workflow._id, null));
      let ended = 0;
      const stepsMs = await timed(async () => (ended = await runDueEnrolments(deps)));
      const stepsBareMs = await again();
      await check(deps, workflow, { ...size, ended });
      if (round > 0) {
        enrolments.add(size.contacts, enrolMs, enrolBareMs);
        steps.add(size.contacts * stepsOfEach, stepsMs, stepsBareMs);
      }
      await turnOff(deps, await getWorkflow(deps, workflow._id, null));
      await deps.models.jobs.deleteMany({});
      await drainFeed(deps);
    }
  } finally {
    await deps.close();
    await bare.connection.close();
  }
  const { contacts } = size;
  return { contacts, stepsOfEach, enrolments: enrolments.medians(), steps: steps.medians() };
}

const stepsOfEach = 5;

/** Each round opts out of one type and in to another, so that each step changes each contact. */
async function planOf(deps: Deps, round: number): Promise<Partial<Plan>> {
  const made = await createList(deps, {
    ...{ name: `Round ${round}`, kind: 'STATIC', unitIds: null, by: 'user:1', scope: null },
  });
  if (!('list' in made)) throw new Error('A list was refused.');
  const step = (kind: string, input: object): Step => ({ id: newStepId(), kind, input });
  const consent = (status: string, typeId: number) =>
    step('CONSENT', {
      ...{ channel: 'EMAIL', status, typeId, legalBasis: 'CONSENT_WITH_NOTICE' },
      explanation: 'Ticked the box for letters at the checkout.',
    });
  const filter = allOf([{ on: 'has-address', of: '', is: 'IS', values: ['EMAIL'] }]);
  return {
    trigger: { kind: 'FILTER', filter },
    steps: [
      consent('OPT_OUT', 1 + round),
      step('PROPERTY', { name: 'Greeted', value: `in round ${round}` }),
      step('ADD_TO_LIST', { listId: made.list._id }),
      consent('OPT_IN', 15 - round),
      step('PROPERTY', { name: 'Thanked', value: `in round ${round}` }),
    ],
  };
}

/** A workflow that has not started yet: contacts are enrolled while it is paused, and no step runs. */
async function paused(deps: Deps, plan: Partial<Plan>): Promise<Workflow> {
  const id = await createWorkflow(deps, { name: 'Welcome', unitIds: null, by: 'user:1' });
  const the = () => getWorkflow(deps, id, null);
  await saveDraft(deps, await the(), { ...emptyPlan, ...plan });
  await publish(deps, await the(), { enrolsNow: true, moves: false, by: 'user:1' });
  await pauseWorkflow(deps, await the());
  return the();
}

/** What the job of the start does. */
async function start(deps: Deps, { _id: workflowId, version }: Workflow): Promise<void> {
  for await (const _ of updateWorkflow(deps, { workflowId, what: 'START', version }, null));
}

/** @throws Error if a contact was not enrolled, or a step did not take effect */
async function check(
  { models }: Deps,
  { _id: workflowId }: Workflow,
  { contacts, ended }: { contacts: number; ended: number },
): Promise<void> {
  const done = await models.enrolments.countDocuments({ workflowId, state: 'DONE' });
  const skipped = await models.enrolments.countDocuments({ workflowId, 'path.outcome': 'SKIPPED' });
  if (done !== contacts || skipped > 0 || ended !== contacts * stepsOfEach)
    throw new Error(
      `${done} of ${contacts} contacts are at the end after ${ended} steps; ${skipped} skipped one.`,
    );
}

/** From now on, the writes of bulk work are noted in the order in which they are made. */
function noteWrites({ models }: Deps): Write[] {
  const writes: Write[] = [];
  for (const to of written) {
    const { collection } = models[to];
    for (const act of ['bulkWrite', 'insertMany'] as const) {
      const made = collection[act].bind(collection) as (items: never[], options?: object) => unknown;
      const noting = (items: never[], options?: object) => {
        writes.push({ to, act, items });
        return made(items, options);
      };
      Object.assign(collection, { [act]: noting });
    }
  }
  return writes;
}

/** @throws Error if the other database did not hold the same documents */
async function writeAgain({ models }: Room, writes: readonly Write[]): Promise<void> {
  for (const { to, act, items } of writes) {
    const { collection } = models[to];
    if (act === 'insertMany') await collection.insertMany(items, { ordered: false });
    else {
      const { matchedCount, insertedCount } = await collection.bulkWrite(items, { ordered: false });
      if (matchedCount + insertedCount === 0) throw new Error(`A bare write of ${to} found nothing.`);
    }
  }
}

/** Nobody leases enrolments in the other database, so the condition on the lease always holds. */
function withoutLease(writes: Write[]): Write[] {
  type Conditional = { updateMany: { update: [{ $replaceWith: { $cond: unknown[] } }] } };
  for (const { to, act, items } of writes)
    if (to === 'enrolments' && act === 'bulkWrite')
      for (const { updateMany } of items as Conditional[]) updateMany.update[0].$replaceWith.$cond[0] = true;
  return writes;
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

function newRates() {
  const seen = { portal: [] as number[], bare: [] as number[], ratio: [] as number[] };
  return {
    add(count: number, portalMs: number, bareMs: number): void {
      seen.portal.push((count / portalMs) * 1000);
      seen.bare.push((count / bareMs) * 1000);
      seen.ratio.push(bareMs / portalMs);
    },
    medians: (): Rate => ({
      portal: median(seen.portal),
      bare: median(seen.bare),
      ratio: median(seen.ratio),
    }),
  };
}
