/**
 * The runner: takes due enrolments step by step. It leases some hundred of one workflow, runs each step for all of them at once, and writes each result
 * under the lease's fence before the next step. A step that was cut off is repeated with the same reference, so it takes effect once.
 */
import { trusted } from 'mongoose';
import type { Logger } from '../../log.js';
import { findContactsById } from '../../models/contact.js';
import {
  findDueEnrolments,
  leaseEnrolments,
  writeEnrolments,
  type Enrolment,
} from '../../models/enrolment.js';
import { readServerClock } from '../../models/server-clock.js';
import { findWorkflowsIn, running, versionId, type Workflow } from '../../models/workflow.js';
import { scrub } from '../../scrub.js';
import { reading, writing } from '../consent/durability.js';
import {
  stepRef,
  type Destinations,
  type StepContext,
  type StepResult,
  type StepRow,
  type WorkflowDeps,
} from './contract.js';
import { openingOf } from './moments.js';
import { findStep, stepAfter, stepsOf, type Plan, type Step } from './plan.js';
import { findPlans, publishedOf, type Published } from './published.js';
import { kindOfStep } from './steps/registry.js';
import { noteFailure } from './tell-staff.js';

export interface RunDeps extends WorkflowDeps {
  log: Pick<Logger, 'warn'>;
}

export interface RunOptions {
  /** Once aborted, the current step is finished and the rest is released. */
  signal?: AbortSignal;
  leaseMs?: number;
  /** Enrolments that one lease takes. */
  batch?: number;
  /** Kept by a worker from one call to the next. */
  destinations?: Destinations;
}

const defaultLeaseMs = 120_000;
const defaultBatch = 500;
/** Batches that are looked for at a time: some databases read all that is due for it. */
const batchesAtOnce = 10;
/** Workflows that one worker takes further at the same time. */
const lanes = 3;
const minute = 60_000;

/** Milliseconds before the next attempt of a failed step, by attempts made. The last one repeats until the step succeeds. */
export const stepBackOffMs = [10_000, minute, 5 * minute, 30 * minute, 120 * minute, 360 * minute] as const;

/**
 * Runs what is due in all active workflows, in turns, and returns when nothing is due.
 * @returns how many steps ended
 * @throws database errors; leases then expire, and the steps are repeated
 */
export async function runDueEnrolments(deps: RunDeps, options: RunOptions = {}): Promise<number> {
  let steps = 0;
  const { batch: limit = defaultBatch, destinations = new Map() } = options;
  const lots: Lots = new Map();
  let published = await findDue(deps, lots, limit);
  while (published.length > 0 && !options.signal?.aborted) {
    const before = steps;
    const turns = [...published, ...published.filter(mayOverlap)];
    // One workflow whose webhooks get no answer must not delay all others.
    const lane = async () => {
      for (let one = turns.shift(); one && !options.signal?.aborted; one = turns.shift()) {
        const ids = lots.get(one.workflow._id)?.splice(0, limit) ?? [];
        const ended = ids.length > 0 ? await runBatch(deps, one, ids, { ...options, destinations }) : 0;
        // After the wait: other lanes count too.
        steps += ended;
      }
    };
    await Promise.all(Array.from({ length: lanes }, () => lane().finally(() => (turns.length = 0))));
    const isLeft = published.some(({ workflow }) => (lots.get(workflow._id) ?? []).length > 0);
    if (steps === before && !isLeft) break;
    // Staff may pause a workflow at any time.
    published = await findDue(deps, lots, limit);
  }
  return steps;
}

/** By workflow: ids of enrolments that were found to be due, and are not leased yet. */
type Lots = Map<string, string[]>;

/**
 * Whether two batches of a workflow run at the same time: while the database writes one, the other one is prepared. A step that takes a few contacts
 * at a time, such as a webhook, has one batch.
 */
function mayOverlap({ plan }: Published): boolean {
  return stepsOf(plan).every(({ step }) => kindOfStep(step)?.most === undefined);
}

/** Workflows with a contact whose time has come. The others cost one look at an index. */
async function findDue(deps: RunDeps, lots: Lots, limit: number): Promise<Published[]> {
  const { workflows, enrolments } = deps.models;
  const all = await reading(() => findWorkflowsIn(workflows, running));
  const now = deps.clock();
  const dueAt = trusted({ $lte: now });
  const hasLot = ({ _id }: Workflow) => (lots.get(_id) ?? []).length > 0;
  const isDue = async (workflow: Workflow) =>
    hasLot(workflow) ||
    (await enrolments.exists({ workflowId: workflow._id, state: 'ACTIVE', dueAt })) !== null;
  const answers = await reading(() => Promise.all(all.map(isDue)));
  const due = all.filter((_, at) => answers[at]);
  if (due.length === 0) return [];
  const serverNow = (await readServerClock(enrolments.db))();
  // One after another, each with its own time limit: a lot is thousands of enrolments.
  for (const { _id: workflowId } of due.filter((one) => !hasLot(one))) {
    const wish = { workflowId, now, serverNow, limit: limit * batchesAtOnce };
    lots.set(workflowId, await reading(() => findDueEnrolments(enrolments, wish)));
  }
  return publishedOf(deps, due);
}

/** What the steps of one lease share. */
interface Batch {
  deps: RunDeps;
  published: Published;
  plans: ReadonlyMap<string, Plan>;
  context: StepContext;
  /** By `performance.now()`: later, nothing more is begun. */
  until: number;
}

async function runBatch(
  deps: RunDeps,
  published: Published,
  ids: readonly string[],
  options: RunOptions & { destinations: Destinations },
): Promise<number> {
  const { leaseMs = defaultLeaseMs, signal, destinations } = options;
  const { workflow, about } = published;
  const leasedAt = performance.now();
  const { enrolments } = deps.models;
  const serverNow = (await readServerClock(enrolments.db))();
  const wish = { now: deps.clock(), serverNow, leaseMs };
  let held = await writing(() => leaseEnrolments(enrolments, ids, wish));
  if (held.length === 0) return 0;
  const versions = [...new Set(held.map(({ version }) => versionId(workflow._id, version)))];
  const guard = () => {
    if (performance.now() > leasedAt + leaseMs - 1000) throw new Error('the lease is over');
  };
  const batch: Batch = {
    ...{ deps, published, plans: await findPlans(deps.models, versions), until: leasedAt + leaseMs / 2 },
    context: { workflowId: workflow._id, scope: workflow.unitIds, about, guard, destinations },
  };
  let steps = 0;
  while (held.length > 0) {
    const isOver = signal?.aborted === true || performance.now() > batch.until;
    const after = isOver ? held.map(released) : await runOneStep(batch, held);
    guard();
    if (after.some(({ lastError }) => lastError !== null)) await noteFailure(deps, workflow._id);
    const before = held;
    const written = await writing(() => writeEnrolments(enrolments, before, after));
    steps += written.length;
    held = written.filter(({ state, leasedUntil }) => state === 'ACTIVE' && leasedUntil.getTime() > 0);
  }
  return steps;
}

/** The next step of each enrolment. Those at the same step of the same version are done together. */
async function runOneStep(batch: Batch, held: readonly Enrolment[]): Promise<Enrolment[]> {
  const { deps, published, plans } = batch;
  const ids = [...new Set(held.map(({ contactId }) => contactId))];
  const found = await reading(() => findContactsById(deps.models.contacts, ids));
  const contacts = new Map(found.map((contact) => [contact._id, contact]));
  const after: Enrolment[] = [];
  const together = new Map<string, { plan: Plan; step: Step; rows: StepRow[] }>();
  for (const enrolment of held) {
    const contact = contacts.get(enrolment.contactId);
    const plan = plans.get(versionId(enrolment.workflowId, enrolment.version));
    const step = plan && enrolment.step !== null ? findStep(plan, enrolment.step) : undefined;
    const reason = published.whyLeave(contact);
    if (reason || !contact) after.push(ended(enrolment, 'LEFT', deps.clock(), reason ?? 'NO_CONTACT'));
    else if (!plan || !step) after.push(ended(enrolment, 'DONE', deps.clock()));
    else {
      const key = `${enrolment.version}:${step.id}`;
      const group = together.get(key) ?? { plan, step, rows: [] };
      const ref = stepRef(enrolment._id, step.id);
      group.rows.push({ enrolment, contact, ref, isRepeat: enrolment.attempts > 1 });
      together.set(key, group);
    }
  }
  for (const group of together.values()) after.push(...(await runTogether(batch, group)));
  return after;
}

async function runTogether(
  { deps, published, context }: Batch,
  { plan, step, rows }: { plan: Plan; step: Step; rows: StepRow[] },
): Promise<Enrolment[]> {
  const kind = kindOfStep(step);
  const input = kind?.input.safeParse(step.input);
  const now = deps.clock();
  const failed = (row: StepRow, reason: string) => afterResult(plan, step, row, { go: 'RETRY', reason }, now);
  if (!kind || !input?.success) return rows.map((row) => failed(row, 'The step cannot be read.'));
  const { window } = published.plan;
  const opening = kind.isAction && window ? openingOf(now, window) : now;
  if (opening > now) return rows.map(({ enrolment }) => putOff(enrolment, opening));
  const most = kind.most ?? rows.length;
  const [some, others] = [rows.slice(0, most), rows.slice(most)];
  let results: StepResult[];
  try {
    results = await kind.run(deps, input.data, some, context);
  } catch (error) {
    const reason = error instanceof Error ? scrub(`${error.name}: ${error.message}`).slice(0, 200) : 'fault';
    deps.log.warn({ err: error, workflow: context.workflowId, step: step.id }, 'a step of a workflow failed');
    return [...some.map((row) => failed(row, reason)), ...others.map(({ enrolment }) => released(enrolment))];
  }
  return [
    ...some.map((row, at) =>
      afterResult(plan, step, row, results[at] ?? { go: 'RETRY', reason: 'no result' }, now),
    ),
    ...others.map(({ enrolment }) => released(enrolment)),
  ];
}

const noLease = new Date(0);

/** Given back to any worker, as if this lease had not been. */
function released(enrolment: Enrolment): Enrolment {
  return { ...enrolment, leasedUntil: noLease, attempts: Math.max(0, enrolment.attempts - 1) };
}

/** Not tried before this moment. */
function putOff(enrolment: Enrolment, dueAt: Date): Enrolment {
  return { ...released(enrolment), dueAt, isWaiting: false };
}

function ended(
  enrolment: Enrolment,
  state: 'DONE' | 'LEFT',
  at: Date,
  reason: Enrolment['reason'] = null,
): Enrolment {
  return { ...enrolment, state, step: null, isWaiting: false, lastError: null, endedAt: at, reason };
}

function afterResult(plan: Plan, step: Step, row: StepRow, result: StepResult, now: Date): Enrolment {
  const { enrolment } = row;
  switch (result.go) {
    case 'WAIT':
      return { ...enrolment, ...fresh, isWaiting: true, dueAt: result.until, leasedUntil: noLease };
    case 'RETRY': {
      const back = stepBackOffMs[Math.min(enrolment.attempts, stepBackOffMs.length) - 1] ?? minute;
      // A step that may be repeated at once is slowed down too if that does not help.
      const isSlow = result.delayMs === undefined || enrolment.attempts > stepBackOffMs.length;
      const dueAt = new Date(now.getTime() + (isSlow ? back : (result.delayMs ?? back)));
      return { ...enrolment, dueAt, lastError: result.reason.slice(0, 200), leasedUntil: noLease };
    }
    case 'LATER':
      return putOff(enrolment, result.until);
    case 'END': {
      const path = [...enrolment.path, { step: step.id, at: now, outcome: 'DONE' as const }];
      return ended({ ...enrolment, path }, 'DONE', now);
    }
    case 'ON': {
      const { outcome, reason } = result;
      const passed = { step: step.id, at: now, outcome, ...(reason === undefined ? {} : { reason }) };
      const next = nextOf(plan, step, outcome);
      const on = { ...enrolment, ...fresh, path: [...enrolment.path, passed], isWaiting: false };
      // It stays with this worker: the next step is its first attempt.
      return next === null ? ended(on, 'DONE', now) : { ...on, step: next, dueAt: now, attempts: 1 };
    }
  }
}

const fresh = { attempts: 0, lastError: null } as const;

function nextOf(plan: Plan, step: Step, outcome: 'DONE' | 'SKIPPED' | 'YES' | 'NO'): string | null {
  if (step.paths) return step.paths[outcome === 'YES' ? 0 : 1][0]?.id ?? null;
  return stepAfter(plan, step.id);
}
