/** All pages of workflows. */
import { adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { get, type AdminRoute, type StaffRoute } from '../route.js';
import { builderPage } from './builder.js';
import { contactWorkflowRoutes } from './contact-workflows.js';
import { enrolmentRoutes } from './enrolments.js';
import { oneContactRoutes } from './one-contact.js';
import { openWorkflow } from './open-workflow.js';
import { reviewRoutes } from './review.js';
import { stepRoutes } from './steps.js';
import { triggerRoutes } from './trigger.js';
import { workflowFilterRoutes } from './workflow-filter.js';
import { workflowHistoryRoutes } from './workflow-history.js';
import { workflowListRoutes } from './workflow-list.js';
import { workflowStateRoutes } from './workflow-states.js';
import { workflowSettingsRoutes } from './workflow-settings.js';

export function workflowRoutes(deps: Deps): AdminRoute[] {
  const builder: StaffRoute = get(
    adminPatterns.workflow,
    { may: 'workflows.read', about: 'workflow' },
    async (ask, response) => void response.send(await builderPage(deps, ask, await openWorkflow(deps, ask))),
  );
  return [
    ...workflowListRoutes(deps),
    builder,
    ...triggerRoutes(deps),
    ...workflowFilterRoutes(deps),
    ...stepRoutes(deps),
    ...workflowSettingsRoutes(deps),
    ...reviewRoutes(deps),
    ...workflowStateRoutes(deps),
    ...workflowHistoryRoutes(deps),
    ...oneContactRoutes(deps),
    ...enrolmentRoutes(deps),
    ...contactWorkflowRoutes(deps),
  ];
}
