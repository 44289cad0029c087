/** Workflows with their published plans, read and ready to be evaluated. */
import mongoose from 'mongoose';
import type { Contact } from '../../models/contact.js';
import type { LeaveReason } from '../../models/enrolment.js';
import type { Models } from '../../models/index.js';
import { findWorkflowsIn, versionId } from '../../models/workflow.js';
import type { Workflow, WorkflowState, WorkflowVersion } from '../../models/workflow.js';
import { isAnyInScope, type Scope } from '../../vocabulary/scope.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import { reading } from '../consent/durability.js';
import { filterContext } from '../contacts/find.js';
import type { FilteredField } from '../filters/condition-kind.js';
import { allOf, type Filter } from '../filters/filter.js';
import { fieldsOf, predicateOf } from '../filters/predicate.js';
import type { WorkflowAbout } from './contract.js';
import { emptyPlan, planSchema, type Plan } from './plan.js';

interface PublishedDeps {
  models: Models;
  catalogue: () => Promise<Catalogue>;
  clock: () => Date;
}

export async function aboutWorkflow(
  deps: Pick<PublishedDeps, 'catalogue' | 'clock' | 'models'>,
  scope: Scope,
): Promise<WorkflowAbout> {
  const { isPrivacyMode } = await reading(() => deps.catalogue());
  return { ...(await filterContext(deps, scope)), isPrivacyMode };
}

/** A stored plan. One that this release cannot read has no steps and no trigger. */
export function readPlan(stored: unknown): Plan {
  return planSchema.safeParse(stored).data ?? emptyPlan;
}

/** A field of a contact that says whether it meets a trigger, or leaves. */
export type EvaluatedField = FilteredField | 'blankUntil';
export type EvaluatedContact = Pick<Contact, EvaluatedField>;

export interface Published {
  workflow: Workflow;
  plan: Plan;
  about: WorkflowAbout;
  /** What `isMet` and `whyLeave` read of a contact. */
  fields: EvaluatedField[];
  /** Whether a contact meets the trigger; undefined for other triggers than filters. */
  isMet?: (contact: EvaluatedContact) => boolean;
  /** Why a contact that is under way leaves now, or is not enrolled; null if it stays. */
  whyLeave: (contact: EvaluatedContact | undefined) => LeaveReason | null;
}

/** The published plans of all workflows in these states. */
export async function findPublished(
  deps: PublishedDeps,
  states: readonly WorkflowState[],
): Promise<Published[]> {
  const workflows = await reading(() => findWorkflowsIn(deps.models.workflows, states));
  return publishedOf(deps, workflows);
}

/** The published plans of these workflows. */
export async function publishedOf(deps: PublishedDeps, workflows: readonly Workflow[]): Promise<Published[]> {
  if (workflows.length === 0) return [];
  const ids = workflows.map(({ _id, version }) => versionId(_id, version));
  const plans = await findPlans(deps.models, ids);
  return Promise.all(
    workflows.map(async (workflow) => {
      const plan = plans.get(versionId(workflow._id, workflow.version)) ?? emptyPlan;
      return publishedAs(workflow, plan, await aboutWorkflow(deps, workflow.unitIds));
    }),
  );
}

/** Plans by the ids of their versions. A plan never changes. */
export async function findPlans(
  models: Pick<Models, 'workflowVersions'>,
  ids: readonly string[],
): Promise<Map<string, Plan>> {
  return new Map((await findVersions(models, ids)).map(({ _id, plan }) => [_id, readPlan(plan)]));
}

export async function findVersions(
  { workflowVersions }: Pick<Models, 'workflowVersions'>,
  ids: readonly string[],
): Promise<WorkflowVersion[]> {
  return reading(() =>
    workflowVersions.find({ _id: mongoose.trusted({ $in: [...ids] }) }).lean<WorkflowVersion[]>(),
  );
}

/** A filter whose matches are the members of any of these lists. */
export function membersOf(listIds: readonly string[]): Filter {
  return allOf([{ on: 'list', of: '', is: 'IS_ANY_OF', values: [...listIds] }]);
}

function publishedAs(workflow: Workflow, plan: Plan, about: WorkflowAbout): Published {
  const { trigger, goal, suppression, leavesWhenUnmet } = plan;
  const wanted = trigger?.kind === 'FILTER' ? trigger.filter : null;
  const excluded = suppression.listIds.length > 0 ? membersOf(suppression.listIds) : null;
  const isMet = wanted ? predicateOf(wanted, about) : undefined;
  const isGoal = goal ? predicateOf(goal, about) : () => false;
  const isSuppressed = excluded ? predicateOf(excluded, about) : () => false;
  const filters = [wanted, goal, excluded].filter((one) => one !== null);
  return {
    ...{ workflow, plan, about },
    fields: ['unitIds', 'blankUntil', ...filters.flatMap((filter) => fieldsOf(filter, about))],
    ...(isMet ? { isMet } : {}),
    whyLeave(contact) {
      if (!contact || contact.blankUntil) return 'NO_CONTACT';
      if (!isAnyInScope(workflow.unitIds, contact.unitIds)) return 'OTHER_UNIT';
      if (isSuppressed(contact)) return 'SUPPRESSED';
      if (isGoal(contact)) return 'GOAL';
      return leavesWhenUnmet && isMet && !isMet(contact) ? 'TRIGGER_UNMET' : null;
    },
  };
}
