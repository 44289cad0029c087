/** The API of the plans of workflows. Domain functions read, check and publish them, as for the staff pages. */
import type { Deps } from '../../deps.js';
import { shownSteps } from '../../domain/workflows/given-plan.js';
import { planFaults, type PlanFault } from '../../domain/workflows/plan-faults.js';
import type { Plan } from '../../domain/workflows/plan.js';
import { aboutWorkflow, findVersions, readPlan } from '../../domain/workflows/published.js';
import { shownPlan } from '../../domain/workflows/workflows.js';
import { DomainError } from '../../errors.js';
import { versionId, type Workflow } from '../../models/workflow.js';

export const perPage = 100;

export async function draftAnswer(deps: Deps, workflow: Workflow): Promise<object> {
  const plan = await shownPlan(deps, workflow);
  const faults = planFaults(plan, await aboutWorkflow(deps, workflow.unitIds));
  return { revision: workflow.revision, plan: planAnswer(plan), faults: faults.map(faultAnswer) };
}

export async function versionAnswer(
  { models }: Deps,
  { _id }: Pick<Workflow, '_id'>,
  wanted: number,
): Promise<object> {
  const [version] = await findVersions(models, [versionId(_id, wanted)]);
  if (!version) throw noVersion();
  const { number, publishedAt, plan } = version;
  return { number, publishedAt, plan: planAnswer(readPlan(plan)) };
}

export const noVersion = () => new DomainError('NOT_FOUND', 'This version does not exist.');

function planAnswer(plan: Plan): object {
  return { ...plan, steps: shownSteps(plan.steps) };
}

export function faultAnswer({ at, text, stepId }: PlanFault): object {
  return { in: at.join('.'), message: text, stepId: stepId ?? null };
}
