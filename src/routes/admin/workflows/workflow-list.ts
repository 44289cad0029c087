/** The index of workflows, and a new one. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { line } from '../../../domain/catalogue/fields.js';
import type { WorkflowAbout } from '../../../domain/workflows/contract.js';
import { countMarked } from '../../../domain/workflows/history.js';
import { aboutWorkflow } from '../../../domain/workflows/published.js';
import { shownPlan, createWorkflow, workflowsWithin } from '../../../domain/workflows/workflows.js';
import { triggerSentence } from '../../../domain/workflows/triggers.js';
import type { Workflow } from '../../../models/workflow.js';
import { staffRef } from '../../../vocabulary/access.js';
import type { BusinessUnit } from '../../../vocabulary/terms.js';
import { auditBy } from '../audit-by.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import { listRoute, type ListPage } from '../kit/list-page.js';
import type { AdminRoute } from '../route.js';
import { reachFields, reachSchema, reachTexts, unitsWithin } from '../user-access.js';
import { stateOf, unitsWords, workflowsCrumb } from './open-workflow.js';

interface WorkflowRow {
  workflow: Workflow;
  trigger: string;
  about: WorkflowAbout;
  inProgress: string;
  finished: string;
}

const workflowList: ListPage<WorkflowRow> = {
  pattern: adminPatterns.workflows,
  path: adminPaths.workflows,
  may: 'workflows.read',
  section: 'workflows',
  title: 'Workflows',
  lead: 'Each workflow takes contacts through the same steps, one contact at a time.',
  main: { href: adminPaths.newWorkflow(), label: 'New workflow', may: 'workflows.change' },
  load: async (deps, { scope }) => {
    const workflows = await workflowsWithin(deps, scope);
    const rows = workflows.map(async (workflow) => {
      const about = await aboutWorkflow(deps, workflow.unitIds);
      const [plan, inProgress, finished] = await Promise.all([
        shownPlan(deps, workflow),
        countMarked(deps, workflow._id, 'ACTIVE'),
        countMarked(deps, workflow._id, 'DONE'),
      ]);
      return { workflow, about, inProgress, finished, trigger: triggerSentence(plan, about) };
    });
    return { rows: await Promise.all(rows) };
  },
  columns: () => [
    {
      heading: 'Name',
      cell: ({ workflow, trigger }) => ({
        ...{ href: adminPaths.workflow(workflow._id), text: workflow.name, note: trigger },
      }),
    },
    { heading: 'State', cell: ({ workflow }) => ({ state: stateOf(workflow) }) },
    { heading: 'Business units', cell: ({ workflow, about }) => ({ text: unitsWords(workflow, about) }) },
    { heading: 'In progress', isNumeric: true, cell: ({ inProgress }) => ({ text: inProgress }) },
    { heading: 'Reached the end', isNumeric: true, cell: ({ finished }) => ({ text: finished }) },
  ],
  empty: () => ({
    heading: 'No workflows yet',
    sentence: 'A workflow can mail a preferences link, opt contacts in or out, and wait in between.',
  }),
};

const newWorkflowForm = declareForm<
  { units: readonly BusinessUnit[] },
  { name: string; unit: number[] | null }
>({
  pattern: adminPatterns.newWorkflow,
  may: 'workflows.change',
  about: 'nothing',
  groups: ({ units }, _texts, ask) => [
    {
      fields: [
        { kind: 'text', name: 'name', label: 'Name', isRequired: true, most: 80 },
        ...reachFields(units, ask),
      ],
    },
  ],
  texts: () => reachTexts(null),
  button: 'Create workflow',
  schema: ({ subject: { units }, ask, texts }) =>
    z.object({ name: line(80), ...reachSchema(units, ask, texts) }),
  save: async ({ deps, ask, values: { name, unit } }) => {
    const id = await createWorkflow(deps, { name, unitIds: unit, by: staffRef(ask.user) });
    const detail = `“${name}”: created`;
    await auditBy(deps, ask, { kind: 'WORKFLOW_CHANGED', about: `workflow:${id}`, detail });
    return { to: adminPaths.workflow(id), said: 'created' };
  },
});

export function workflowListRoutes(deps: Deps): AdminRoute[] {
  return [
    listRoute(deps, workflowList),
    ...formRoutes<{ units: readonly BusinessUnit[] }>(deps, {
      section: 'workflows',
      load: async (all, { scope }) => ({ units: await unitsWithin(all, scope) }),
      show: (_about, form) => ({
        title: 'New workflow',
        crumbs: [workflowsCrumb],
        isNarrow: true,
        panels: [
          {
            sentences: ['The workflow reaches only contacts and subscription types of its business units.'],
            form: form(newWorkflowForm),
          },
        ],
      }),
      forms: [newWorkflowForm],
    }),
  ];
}
