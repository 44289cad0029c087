/** What the pages of one workflow share: the workflow with the plan that is shown, its words, and saving a changed draft. */
import { adminPaths } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import type { WorkflowAbout } from '../../../domain/workflows/contract.js';
import type { Plan } from '../../../domain/workflows/plan.js';
import { aboutWorkflow } from '../../../domain/workflows/published.js';
import { getWorkflow, saveDraft, shownPlan, workflowAudit } from '../../../domain/workflows/workflows.js';
import { DomainError } from '../../../errors.js';
import type { Workflow, WorkflowState } from '../../../models/workflow.js';
import type { CrumbLink, State } from '../../../views/admin-frame.js';
import type { Tab } from '../../../views/admin-form-page.js';
import { mayRole } from '../../../vocabulary/access.js';
import { listOf } from '../../../vocabulary/words.js';
import { auditBy } from '../audit-by.js';
import type { Ask } from '../route.js';

export const workflowsCrumb: CrumbLink = { href: adminPaths.workflows(), text: 'Workflows' };

export interface OpenWorkflow {
  workflow: Workflow;
  /** The draft, or the published plan if there is none. */
  plan: Plan;
  about: WorkflowAbout;
  /** The plan is a draft, and the user may change it. */
  mayEdit: boolean;
}

/** @throws DomainError `NOT_FOUND` for a workflow that does not exist for this user */
export async function openWorkflow(deps: Deps, { request, scope, user }: Ask): Promise<OpenWorkflow> {
  const workflow = await getWorkflow(deps, String(request.params['workflow']), scope);
  const [plan, about] = await Promise.all([shownPlan(deps, workflow), aboutWorkflow(deps, workflow.unitIds)]);
  const mayEdit = workflow.draft !== null && mayRole(user.role, 'workflows.change');
  return { workflow, plan, about, mayEdit };
}

/** The same, for pages that change the draft. @throws DomainError `CONFLICT` if there is no draft */
export async function openDraft(deps: Deps, ask: Ask): Promise<OpenWorkflow> {
  const opened = await openWorkflow(deps, ask);
  if (opened.workflow.draft === null)
    throw new DomainError('CONFLICT', 'This workflow has no draft. Choose “Edit a draft” first.');
  return opened;
}

export function workflowCrumbs({ _id, name }: Workflow): CrumbLink[] {
  return [workflowsCrumb, { href: adminPaths.workflow(_id), text: name }];
}

/** @throws DomainError `CONFLICT` if somebody else has changed the workflow, `INVALID_FORM` if the plan is too large */
export async function keepDraft(
  deps: Deps,
  ask: Ask,
  { workflow }: OpenWorkflow,
  { plan, what }: { plan: Plan; what: string },
): Promise<void> {
  await saveDraft(deps, workflow, plan);
  await auditWorkflow(deps, ask, workflow, what);
}

export async function auditWorkflow(deps: Deps, ask: Ask, workflow: Workflow, what: string): Promise<void> {
  await auditBy(deps, ask, workflowAudit(workflow, what));
}

const states: Readonly<Record<WorkflowState, State>> = {
  DRAFT: { tone: 'none', words: 'Draft' },
  STARTING: { tone: 'wait', words: 'Starting' },
  ACTIVE: { tone: 'in', words: 'Active' },
  PAUSED: { tone: 'wait', words: 'Paused' },
  OFF: { tone: 'none', words: 'Off' },
};

export function stateOf({ state }: Pick<Workflow, 'state'>): State {
  return states[state];
}

export function unitsWords({ unitIds }: Pick<Workflow, 'unitIds'>, { catalogue }: WorkflowAbout): string {
  if (unitIds === null) return 'All business units';
  return listOf(unitIds.map((id) => catalogue.units.get(id)?.name ?? `unit ${id}`));
}

/** The tabs of the pages of one workflow. */
export function tabsOf({ _id }: Workflow, current: 'steps' | 'settings' | 'history'): Tab[] {
  return [
    { href: adminPaths.workflow(_id), label: 'Steps', isCurrent: current === 'steps' },
    { href: adminPaths.workflowSettings(_id), label: 'Settings', isCurrent: current === 'settings' },
    { href: adminPaths.workflowHistory(_id), label: 'History', isCurrent: current === 'history' },
  ];
}
