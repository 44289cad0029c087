/** Goes through the contacts of a workflow in batches: those that meet its trigger, and those that are under way. Each batch may be repeated. */
import mongoose, { trusted } from 'mongoose';
import { overlapped } from '../../overlapped.js';
import { endEnrolments, marksOf, type Enrolment } from '../../models/enrolment.js';
import { updateIf } from '../../models/update-if.js';
import {
  versionId,
  enrolling,
  findWorkflowsIn,
  isNoting,
  type Workflow,
  type WorkflowStanding,
} from '../../models/workflow.js';
import { dayIn } from '../../vocabulary/time-zones.js';
import { reading, writing } from '../consent/durability.js';
import { streamContactIds } from '../contacts/find.js';
import { evaluateContacts, type EvaluateDeps } from './evaluate.js';
import { stepAfter, stepsOf, type Plan } from './plan.js';
import { findPlans, publishedOf, type Published } from './published.js';
import { hasRelativeDays } from './triggers.js';
import type { UpdateInput } from './update-job.js';
import { queueUpdate } from './workflows.js';

const batchSize = 500;

/** The position after a batch: `M` and a position among those that meet the trigger, or `S` and a contact among those that met it. */
type Place = string | null;

/** @param from position of an earlier attempt @returns after each batch, its position and how many contacts it had */
export async function* updateWorkflow(
  deps: EvaluateDeps,
  { workflowId, what, version }: UpdateInput,
  from: Place,
): AsyncGenerator<{ place: Place; count: number }> {
  const workflow = await reading(() => deps.models.workflows.findById(workflowId).lean<Workflow>());
  if (!workflow) return;
  if (what === 'OFF') return yield* turnedOff(deps, workflow, version);
  // A later version has a job of its own.
  if (workflow.version !== version || !enrolling.some((state) => state === workflow.state)) return;
  const [published] = await publishedOf(deps, [workflow]);
  if (!published) return;
  if (what === 'MOVE') {
    yield* moved(deps, published);
    await end(deps, { _id: workflowId, movesTo: version }, { movesTo: null });
    return;
  }
  const isForAll = what === 'START' && workflow.enrolsNow;
  for await (const batch of evaluated(deps, published, { what, from, isForAll })) {
    yield batch;
    // Staff may turn it off, or publish another version, whose job begins anew.
    if (!(await isStill(deps, workflow))) return;
  }
  if (what !== 'START') return;
  const state = { $cond: [{ $eq: ['$state', 'STARTING'] }, 'ACTIVE', '$state'] };
  await end(
    deps,
    { _id: workflowId, version, state: trusted({ $in: [...enrolling] }) },
    { state, startJob: null, notedAt: deps.clock() },
  );
}

async function end({ models }: EvaluateDeps, which: object, set: object): Promise<void> {
  const update = [{ $set: { ...set, revision: { $add: ['$revision', 1] } } }];
  await writing(() => models.workflows.updateOne(which, update, { updatePipeline: true }));
}

async function isStill({ models }: EvaluateDeps, { _id, version }: Workflow): Promise<boolean> {
  const state = trusted({ $in: [...enrolling] });
  return (await reading(() => models.workflows.exists({ _id, version, state }))) !== null;
}

/** Evaluates all contacts that meet the trigger, and then those that met it when they were last evaluated. */
async function* evaluated(
  deps: EvaluateDeps,
  published: Published,
  { what, from, isForAll }: { what: UpdateInput['what']; from: Place; isForAll: boolean },
): AsyncGenerator<{ place: Place; count: number }> {
  const { workflow, plan } = published;
  if (plan.trigger?.kind !== 'FILTER') return;
  const about = { all: [published], cause: 'NOW' as const, isForAll };
  if (!from?.startsWith('S')) {
    const selection = { kind: 'FILTER' as const, filter: plan.trigger.filter, search: '' };
    const wanted = { scope: workflow.unitIds, selection, after: from?.slice(1) ?? null, size: batchSize };
    yield* overlapped(streamContactIds(deps, wanted), async ({ ids, after }) => {
      await evaluateContacts(deps, ids, about);
      return { place: `M${after}`, count: ids.length };
    });
  }
  // Nobody met the trigger before the first version.
  if (what === 'START' && workflow.version === 1) return;
  yield* overlapped(standingIds(deps, workflow, from), async (ids) => {
    await evaluateContacts(deps, ids, about);
    return { place: `S${ids.at(-1) ?? ''}`, count: 0 };
  });
}

/** The contacts that met the trigger when they were last evaluated, in batches. */
async function* standingIds(
  { models }: EvaluateDeps,
  { _id: workflowId }: Workflow,
  from: Place,
): AsyncGenerator<string[]> {
  let after = from?.startsWith('S') ? from.slice(1) : '';
  for (;;) {
    const some = await reading(() =>
      models.workflowStandings
        .find({ meets: workflowId, _id: trusted({ $gt: after }) }, { _id: 1 })
        .sort({ _id: 1 })
        .limit(batchSize)
        .lean<Pick<WorkflowStanding, '_id'>[]>(),
    );
    const last = some.at(-1);
    if (!last) return;
    after = last._id;
    yield some.map(({ _id }) => _id);
  }
}

/** Staff may activate the workflow again before this has run: contacts of its later versions stay. */
async function* turnedOff(
  { models, clock }: EvaluateDeps,
  { _id: workflowId }: Workflow,
  version: number,
): AsyncGenerator<{ place: Place; count: number }> {
  for (;;) {
    const which = { workflowId, version: trusted({ $lte: version }) };
    const count = await writing(() =>
      endEnrolments(models.enrolments, which, { reason: 'OFF', at: clock() }),
    );
    if (count === 0) return;
    yield { place: null, count };
  }
}

/** Contacts under way continue on the newest version: at the same step, or at the next one that it still has. */
async function* moved(
  { models }: EvaluateDeps,
  { workflow: { _id: workflowId, version }, plan }: Published,
): AsyncGenerator<{ place: Place; count: number }> {
  for (;;) {
    const found = await reading(() =>
      models.enrolments
        .find({ workflowId, state: 'ACTIVE', version: mongoose.trusted({ $lt: version }) })
        .limit(batchSize)
        .lean<Enrolment[]>(),
    );
    if (found.length === 0) return;
    const ids = [...new Set(found.map((one) => versionId(workflowId, one.version)))];
    const plans = await findPlans(models, ids);
    const writes = found.map((one) => {
      const step = placeIn(plan, plans.get(versionId(workflowId, one.version)), one.step);
      const isThere = step === one.step;
      const after = { ...one, step, lastError: isThere ? one.lastError : null };
      const set = { version, step, marks: marksOf(after), isWaiting: isThere && one.isWaiting };
      // A worker that holds it writes nothing more, and the step is repeated with the same reference.
      const isSame = {
        $and: [
          { $eq: ['$state', 'ACTIVE'] },
          { $eq: ['$fence', one.fence] },
          { $eq: ['$version', one.version] },
        ],
      };
      const fields = { $mergeObjects: [{ $literal: set }, { fence: { $add: ['$fence', 1] } }] };
      return { updateOne: updateIf([one._id], isSame, fields) };
    });
    await writing(() => models.enrolments.collection.bulkWrite(writes, { ordered: false }));
    yield { place: null, count: found.length };
  }
}

/** Where a contact at a step of the old plan continues in the new one; null at the end. */
function placeIn(plan: Plan, old: Plan | undefined, step: string | null): string | null {
  const known = new Set(stepsOf(plan).map((one) => one.step.id));
  for (let at = step; at !== null && old; at = stepAfter(old, at)) if (known.has(at)) return at;
  return null;
}

/**
 * Queues the evaluation of workflows for which a new day has begun: time alone can change who meets their trigger. Also what a process left out that
 * stopped after it had published a workflow or turned it off, and contacts that were being enrolled at that moment.
 */
export async function queueNewDays(deps: EvaluateDeps): Promise<void> {
  const all = await findWorkflowsIn(deps.models.workflows, [...enrolling, 'OFF']);
  const today = deps.clock().toISOString().slice(0, 10);
  for (const workflow of all) {
    const { _id, state, version } = workflow;
    if (state !== 'OFF' && isNoting(workflow)) await continueStart(deps, workflow);
    if (workflow.movesTo === version) await queueUpdate(deps, workflow, { what: 'MOVE', version });
    if (state === 'OFF' && (await deps.models.enrolments.exists({ workflowId: _id, state: 'ACTIVE' })))
      await queueUpdate(deps, workflow, { what: 'OFF', version, day: today });
  }
  const workflows = all.filter(({ state }) => state !== 'OFF');
  if (workflows.length === 0) return;
  const { timeZone } = await deps.catalogue();
  const day = dayIn(deps.clock(), timeZone);
  const due = workflows.filter((one) => one.evaluatedOn !== day && !isNoting(one));
  for (const { workflow, plan } of await publishedOf(deps, due)) {
    const isRelative = plan.trigger?.kind === 'FILTER' && hasRelativeDays(plan.trigger.filter);
    if (isRelative) await queueUpdate(deps, workflow, { what: 'DAY', version: workflow.version, day });
    await deps.models.workflows.updateOne({ _id: workflow._id }, { $set: { evaluatedOn: day } });
  }
}

/** Queues the job of a start that was not queued. A workflow whose job was cancelled by staff is paused: resuming it begins anew. */
async function continueStart(deps: EvaluateDeps, workflow: Workflow): Promise<void> {
  const { _id, version, startJob } = workflow;
  const job = startJob ? await deps.models.jobs.findById(startJob, { state: 1 }).lean() : null;
  if (!job) return queueUpdate(deps, workflow, { what: 'START', version });
  if (job.state === 'CANCELLED')
    await end(deps, { _id, state: 'STARTING', startJob: job._id }, { state: 'PAUSED' });
}
