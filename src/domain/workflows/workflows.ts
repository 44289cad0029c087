/** Workflows as staff set them up: creation, drafts, publishing, pausing and turning off. */
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../../config.js';
import { DomainError } from '../../errors.js';
import { queueJob } from '../../models/job.js';
import type { Models } from '../../models/index.js';
import { isDuplicateKey } from '../../models/database-fault.js';
import { isNoting, running, versionId } from '../../models/workflow.js';
import type { Workflow, WorkflowState, WorkflowVersion } from '../../models/workflow.js';
import { isWithin, type Scope } from '../../vocabulary/scope.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import { reading, writing } from '../consent/durability.js';
import { forecast, type Forecast } from './forecast.js';
import { reviewChecks, type ReviewCheck } from './checks.js';
import { withListsUnchanged } from '../lists/lists.js';
import type { WorkflowAbout } from './contract.js';
import { planFaults, refuseFaults, type PlanFault } from './plan-faults.js';
import { emptyPlan, planSchema, sizeFault, type Plan } from './plan.js';
import { aboutWorkflow, findPlans, readPlan } from './published.js';
import { updateJob, type UpdateInput } from './update-job.js';
import { newId } from '../../new-id.js';

interface Deps {
  models: Models;
  clock: () => Date;
}

/** @param wanted `id` makes a repeat create nothing; absent: random. @returns the id of the new workflow, a draft without steps */
export async function createWorkflow(
  { models, clock }: Deps,
  wanted: { name: string; unitIds: number[] | null; by: string; id?: string },
): Promise<string> {
  const { name, unitIds, by, id: _id = newId() } = wanted;
  const whole: Workflow = {
    ...{ _id, name, unitIds, state: 'DRAFT', version: 0, draft: emptyPlan, enrolsNow: false },
    ...{ evaluatedOn: null, revision: 1, createdAt: clock(), createdBy: by, activatedAt: null },
  };
  const which = { _id: _id as never };
  await writing(() =>
    models.workflows.collection.updateOne(which, { $setOnInsert: whole }, { upsert: true }),
  );
  return _id;
}

/** What the audit log keeps of an act on a workflow; with its business unit, if it belongs to only one. */
export function workflowAudit({ _id, name, unitIds }: Workflow, what: string) {
  const [unitId = null, ...others] = unitIds ?? [];
  const unit = others.length === 0 ? { unitId } : {};
  return {
    kind: 'WORKFLOW_CHANGED' as const,
    about: `workflow:${_id}`,
    detail: `“${name}”: ${what}`,
    ...unit,
  };
}

/** Whether a user with this scope sees and runs the workflow: all its units must be within reach. */
function isSeen(workflow: Pick<Workflow, 'unitIds'>, scope: Scope): boolean {
  return isWithin(workflow.unitIds, scope);
}

/** @throws DomainError `NOT_FOUND` if there is none within the scope */
export async function getWorkflow(
  { models }: Pick<Deps, 'models'>,
  id: string,
  scope: Scope,
): Promise<Workflow> {
  const found = await reading(() => models.workflows.findById(id).lean<Workflow>());
  if (!found || !isSeen(found, scope)) throw new DomainError('NOT_FOUND', 'There is no such workflow.');
  return found;
}

/** Those within the scope, by name. */
export async function workflowsWithin({ models }: Pick<Deps, 'models'>, scope: Scope): Promise<Workflow[]> {
  const all = await reading(() => models.workflows.find().sort({ name: 1, _id: 1 }).lean<Workflow[]>());
  return all.filter((one) => isSeen(one, scope));
}

/** The plan that is shown: the draft, or the published plan if there is no draft. */
export async function shownPlan({ models }: Pick<Deps, 'models'>, workflow: Workflow): Promise<Plan> {
  return workflow.draft === null ? publishedPlan({ models }, workflow) : readPlan(workflow.draft);
}

export async function publishedPlan(
  { models }: Pick<Deps, 'models'>,
  { _id, version }: Pick<Workflow, '_id' | 'version'>,
): Promise<Plan> {
  const id = versionId(_id, version);
  return (await findPlans(models, [id])).get(id) ?? emptyPlan;
}

/**
 * Saves a draft.
 * @throws DomainError `CONFLICT` if somebody else has changed the workflow, `INVALID_FORM` with a sentence if the plan is too large
 */
export async function saveDraft({ models }: Deps, workflow: Workflow, plan: Plan): Promise<void> {
  const fault = sizeFault(plan);
  if (fault) throw new DomainError('INVALID_FORM', fault);
  await change(models, workflow, { draft: planSchema.parse(plan) });
}

/** Begins a draft of a workflow that has a published version. @throws DomainError `CONFLICT` */
export async function editDraft(deps: Deps, workflow: Workflow): Promise<void> {
  if (workflow.draft === null)
    await change(deps.models, workflow, { draft: await publishedPlan(deps, workflow) });
}

/** Discards the draft of a workflow whose published version goes on. @throws DomainError `CONFLICT` */
export async function discardDraft({ models }: Deps, workflow: Workflow): Promise<void> {
  if (workflow.state === 'DRAFT' || workflow.state === 'OFF') throw notNow();
  await change(models, workflow, { draft: null });
}

/** @throws DomainError `CONFLICT` */
export async function renameWorkflow({ models }: Deps, workflow: Workflow, name: string): Promise<void> {
  await change(models, workflow, { name });
}

async function change(
  models: Pick<Models, 'workflows'>,
  { _id, revision }: Workflow,
  set: Partial<Workflow>,
): Promise<void> {
  const { matchedCount } = await writing(() =>
    models.workflows.updateOne({ _id, revision }, { $set: set, $inc: { revision: 1 } }),
  );
  if (matchedCount === 0)
    throw new DomainError('CONFLICT', 'Somebody else has changed this workflow. Look at it as it is now.');
}

/** What staff and programs look at before they publish. */
export interface Review {
  plan: Plan;
  about: WorkflowAbout;
  faults: PlanFault[];
  checks: ReviewCheck[];
  forecast: Forecast;
}

/** Reviews the shown plan: its faults, its checks, and how many contacts an activation would concern now. */
export async function reviewPlan(
  deps: Deps & { catalogue: () => Promise<Catalogue>; config: Pick<Config, 'smtpUrl'> },
  workflow: Workflow,
): Promise<Review> {
  const [plan, about] = await Promise.all([shownPlan(deps, workflow), aboutWorkflow(deps, workflow.unitIds)]);
  const faults = planFaults(plan, about);
  const [checks, expected] = await Promise.all([
    reviewChecks(deps, { plan, about, faults }),
    forecast(deps, { workflow, plan, about }),
  ]);
  return { plan, about, faults, checks, forecast: expected };
}

/**
 * Publishes the draft: the workflow becomes active, also a paused one, or continues with the new version. A job notes who meets a new trigger already.
 * @param choice `enrolsNow`: enrol those who meet the trigger now; `moves`: contacts under way continue on the new version
 * @throws DomainError `INVALID_FORM` for a plan with faults, whose cause has them all; `CONFLICT` if somebody else has changed the workflow
 */
export async function publish(
  deps: Deps & { catalogue: () => Promise<Catalogue> },
  workflow: Workflow,
  choice: { enrolsNow: boolean; moves: boolean; by: string },
): Promise<void> {
  // No list can be deleted or changed between the check and the write.
  await withListsUnchanged(deps, () => publishNow(deps, workflow, choice));
}

async function publishNow(
  deps: Parameters<typeof publish>[0],
  workflow: Workflow,
  choice: Parameters<typeof publish>[2],
): Promise<void> {
  const { models, clock } = deps;
  const plan = await shownPlan(deps, workflow);
  refuseFaults(planFaults(plan, await aboutWorkflow(deps, workflow.unitIds)));
  const isFirst = workflow.state === 'DRAFT' || workflow.state === 'OFF';
  const before = await publishedPlan(deps, workflow);
  const isTriggerNew = isFirst || !isDeepStrictEqual(before.trigger, plan.trigger);
  const starts = plan.trigger?.kind === 'FILTER' && (isTriggerNew || choice.enrolsNow || isNoting(workflow));
  const moves = choice.moves && !isFirst;
  const number = workflow.version + 1;
  const start = { what: 'START', version: number } as const;
  const version: WorkflowVersion = {
    ...{ _id: versionId(workflow._id, number), workflowId: workflow._id, number, plan },
    ...{ publishedAt: clock(), publishedBy: choice.by },
  };
  await writing(async () => {
    try {
      await models.workflowVersions.collection.insertOne(version as never);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // Left by an attempt that was cut off, or by somebody else, whose change the next write finds.
      await models.workflowVersions.collection.replaceOne({ _id: version._id as never }, version);
    }
  });
  const next: WorkflowState = starts ? 'STARTING' : 'ACTIVE';
  await change(models, workflow, {
    ...{ version: number, draft: null, state: next, enrolsNow: choice.enrolsNow, evaluatedOn: null },
    ...(isTriggerNew ? { activatedAt: clock() } : {}),
    enrolsOnce: (workflow.version === 0 || workflow.enrolsOnce === true) && !plan.enrolsAgain,
    // If the process stops here, a worker queues the jobs by these.
    ...{ startJob: starts ? updateId(workflow, start) : null, movesTo: moves ? number : null },
  });
  if (moves) await queueUpdate(deps, workflow, { what: 'MOVE', version: number });
  if (starts) await queueUpdate(deps, workflow, start);
}

/** Contacts under way wait where they are until the workflow is resumed. @throws DomainError `CONFLICT` */
export async function pauseWorkflow(deps: Deps, workflow: Workflow): Promise<void> {
  if (!running.some((state) => state === workflow.state)) throw notNow();
  await change(deps.models, workflow, { state: 'PAUSED' });
}

/** The workflow is active again, or it goes on with its start. @throws DomainError `CONFLICT` */
export async function resumeWorkflow(deps: Deps, workflow: Workflow): Promise<void> {
  if (workflow.state !== 'PAUSED') throw notNow();
  if (!isNoting(workflow)) return change(deps.models, workflow, { state: 'ACTIVE' });
  const { version, startJob } = workflow;
  const job = await reading(() => deps.models.jobs.findById(startJob).lean());
  // A cancelled job does not run again: another one begins anew.
  const run = job?.state === 'CANCELLED' ? { run: String(workflow.revision) } : {};
  const start = { what: 'START', version, ...run } as const;
  await change(deps.models, workflow, { state: 'STARTING', startJob: updateId(workflow, start) });
  await queueUpdate(deps, workflow, start);
}

/** Contacts under way leave, and nobody is enrolled any more. @throws DomainError `CONFLICT` */
export async function turnOff(deps: Deps, workflow: Workflow): Promise<void> {
  if (workflow.state === 'DRAFT' || workflow.state === 'OFF') throw notNow();
  const draft = workflow.draft ?? (await publishedPlan(deps, workflow));
  await change(deps.models, workflow, { state: 'OFF', draft, startJob: null, movesTo: null });
  await queueUpdate(deps, workflow, { what: 'OFF', version: workflow.version });
}

const notNow = () =>
  new DomainError('CONFLICT', 'The workflow has another state by now. Look at it as it is now.');

/** Queues the job that goes through the contacts of a workflow. Queueing it again changes nothing. */
export async function queueUpdate(
  deps: Deps,
  workflow: Pick<Workflow, '_id' | 'unitIds'>,
  input: Omit<UpdateInput, 'workflowId'>,
): Promise<void> {
  const { _id: workflowId, unitIds: scope } = workflow;
  const id = updateId(workflow, input);
  await queueJob(deps, { id, kind: updateJob, lane: 'LONG', input: { workflowId, ...input }, scope });
}

function updateId(
  { _id }: Pick<Workflow, '_id'>,
  { what, version, day, run }: Omit<UpdateInput, 'workflowId'>,
): string {
  return [updateJob, _id, what, version, day, run].filter((part) => part !== undefined).join(':');
}
