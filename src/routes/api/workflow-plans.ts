/** The API of the plans of workflows. Domain functions read, check and publish them, as for the staff pages. */
import type { Deps } from '../../deps.js';
import { getContact } from '../../domain/contacts/read.js';
import { recordAudit } from '../../domain/staff/audit.js';
import { changedPlan, shownSteps, type GivenPlan } from '../../domain/workflows/given-plan.js';
import { planFaults, type PlanFault } from '../../domain/workflows/plan-faults.js';
import type { Plan } from '../../domain/workflows/plan.js';
import { aboutWorkflow, findVersions, readPlan } from '../../domain/workflows/published.js';
import { tryOut } from '../../domain/workflows/try-out.js';
import {
  discardDraft,
  getWorkflow,
  publish,
  reviewPlan,
  saveDraft,
  shownPlan,
  workflowAudit,
} from '../../domain/workflows/workflows.js';
import { DomainError } from '../../errors.js';
import { versionId, type Workflow } from '../../models/workflow.js';
import type { Handler } from './operation.js';
import { openForChange } from './workflows.js';

interface OneWorkflow {
  params: { id: string };
}
type Seen<Body> = { body: Body & { revision?: number | undefined } };

const perPage = 100;

/** @throws DomainError `NOT_FOUND` also for a workflow without a draft */
export const showDraft: Handler<OneWorkflow> = async (deps, { scope }, { params: { id } }) => {
  const workflow = await getWorkflow(deps, id, scope);
  if (workflow.draft === null) throw new DomainError('NOT_FOUND', 'This workflow has no draft.');
  return { body: await draftAnswer(deps, workflow) };
};

/** @throws DomainError `NOT_FOUND`, `INVALID_FORM`; `CONFLICT` if somebody else changes the workflow */
export const changeDraft: Handler<OneWorkflow & Seen<GivenPlan>> = async (
  deps,
  { scope, ref: by },
  { params: { id }, body: { revision, ...given } },
) => {
  const workflow = await openForChange(deps, { id, scope, revision });
  const { plan, secrets } = changedPlan(deps.config, given, await shownPlan(deps, workflow));
  await saveDraft(deps, workflow, plan);
  const what = `draft changed: ${Object.keys(given).join(', ')}`;
  await recordAudit(deps, { ...workflowAudit(workflow, what), by });
  return { body: { ...(await draftAnswer(deps, await getWorkflow(deps, id, scope))), secrets } };
};

/** @throws DomainError `NOT_FOUND`; `CONFLICT` for a workflow that is not published */
export const discardDraftByApi: Handler<OneWorkflow> = async (
  deps,
  { scope, ref: by },
  { params: { id } },
) => {
  const workflow = await getWorkflow(deps, id, scope);
  if (workflow.draft === null) return {};
  await discardDraft(deps, workflow);
  await recordAudit(deps, { ...workflowAudit(workflow, 'draft discarded'), by });
  return {};
};

export const showReview: Handler<OneWorkflow> = async (deps, { scope }, { params: { id } }) => {
  const workflow = await getWorkflow(deps, id, scope);
  const { faults, checks, forecast } = await reviewPlan(deps, workflow);
  const { meets, suppressed, enrolled, concerned } = forecast;
  return {
    body: {
      ...{ revision: workflow.revision, faults: faults.map(faultAnswer), checks },
      ...{
        meetNow: meets?.count ?? null,
        suppressedNow: suppressed?.count ?? null,
        enrolledBefore: enrolled,
      },
      concerned: concerned.map(({ effect, stepId, isAtMost, count }) => ({
        ...{ effect, stepId, isAtMost },
        ...count,
      })),
    },
  };
};

/** @throws DomainError `NOT_FOUND`; `INVALID_FORM` with all faults of the plan; `CONFLICT` without a draft, or if somebody else changes the workflow */
export const publishByApi: Handler<OneWorkflow & Seen<{ enrolsNow: boolean; moves: boolean }>> = async (
  deps,
  { scope, ref: by },
  { params: { id }, body },
) => {
  const { enrolsNow, moves, revision } = body;
  const workflow = await openForChange(deps, { id, scope, revision });
  if (workflow.draft === null) throw new DomainError('CONFLICT', 'This workflow has no draft.');
  await publish(deps, workflow, { enrolsNow, moves, by });
  const number = workflow.version + 1;
  await recordAudit(deps, { ...workflowAudit(workflow, `version ${number} activated`), by });
  return { body: await versionAnswer(deps, workflow, number) };
};

export const showVersions: Handler<OneWorkflow & { query: { before?: number | undefined } }> = async (
  deps,
  { scope },
  { params: { id }, query: { before } },
) => {
  const { version } = await getWorkflow(deps, id, scope);
  const newest = Math.min(version, (before ?? Infinity) - 1);
  const numbers = Array.from({ length: Math.min(newest, perPage) }, (_, ago) => newest - ago);
  const found = await findVersions(
    deps.models,
    numbers.map((number) => versionId(id, number)),
  );
  const results = found
    .map(({ number, publishedAt }) => ({ number, publishedAt }))
    .sort((one, other) => other.number - one.number);
  return { body: { results, before: newest > perPage ? newest - perPage + 1 : null } };
};

/** @throws DomainError `NOT_FOUND` */
export const showVersion: Handler<{ params: { id: string; number: number } }> = async (
  deps,
  { scope },
  { params: { id, number } },
) => {
  const workflow = await getWorkflow(deps, id, scope);
  if (number > workflow.version) throw noVersion();
  return { body: await versionAnswer(deps, workflow, number) };
};

/** @throws DomainError `NOT_FOUND` also for a contact that the key does not reach */
export const tryByApi: Handler<OneWorkflow & { query: { contactId: string } }> = async (
  deps,
  { scope },
  { params: { id }, query: { contactId } },
) => {
  const workflow = await getWorkflow(deps, id, scope);
  const contact = await getContact(deps, { scope, contactId });
  const [plan, about] = await Promise.all([shownPlan(deps, workflow), aboutWorkflow(deps, workflow.unitIds)]);
  return { body: { results: await tryOut(deps, { workflow, plan, about }, contact) } };
};

async function draftAnswer(deps: Deps, workflow: Workflow): Promise<object> {
  const plan = await shownPlan(deps, workflow);
  const faults = planFaults(plan, await aboutWorkflow(deps, workflow.unitIds));
  return { revision: workflow.revision, plan: planAnswer(plan), faults: faults.map(faultAnswer) };
}

async function versionAnswer(
  { models }: Deps,
  { _id }: Pick<Workflow, '_id'>,
  wanted: number,
): Promise<object> {
  const [version] = await findVersions(models, [versionId(_id, wanted)]);
  if (!version) throw noVersion();
  const { number, publishedAt, plan } = version;
  return { number, publishedAt, plan: planAnswer(readPlan(plan)) };
}

const noVersion = () => new DomainError('NOT_FOUND', 'This version does not exist.');

function planAnswer(plan: Plan): object {
  return { ...plan, steps: shownSteps(plan.steps) };
}

function faultAnswer({ at, text, stepId }: PlanFault): object {
  return { in: at.join('.'), message: text, stepId: stepId ?? null };
}
