/** Pausing, resuming and turning off a workflow, and its drafts: one route, to which the buttons of the builder lead. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import {
  discardDraft,
  editDraft,
  pauseWorkflow,
  resumeWorkflow,
  turnOff,
} from '../../../domain/workflows/workflows.js';
import { DomainError } from '../../../errors.js';
import type { Workflow } from '../../../models/workflow.js';
import { textOf, wholeOf } from '../form.js';
import { saying } from '../frame.js';
import { actView } from '../kit/form.js';
import { pageHtml } from '../kit/form-page.js';
import { post, type Ask, type StaffRoute } from '../route.js';
import { auditWorkflow, openWorkflow, workflowCrumbs } from './open-workflow.js';

export function workflowStateRoutes(deps: Deps): StaffRoute[] {
  return [
    post(
      adminPatterns.workflowStates,
      { may: 'workflows.change', about: 'workflow' },
      async (ask, response) => {
        const { workflow } = await openWorkflow(deps, ask);
        const to = textOf(ask.request, 'to', 20);
        const revision = wholeOf(textOf(ask.request, 'revision', 10));
        const isConfirmed = textOf(ask.request, 'confirmed', 5) === 'yes';
        if (to === 'OFF' && !isConfirmed) return void response.send(confirmOff(deps, ask, workflow));
        const said = revision === workflow.revision ? await changeState(deps, ask, workflow, to) : 'not-now';
        response.redirect(303, saying(ask, adminPaths.workflow(workflow._id), said));
      },
    ),
  ];
}

/** @returns what the page says then */
async function changeState(deps: Deps, ask: Ask, workflow: Workflow, to: string): Promise<string> {
  const changes: Readonly<Record<string, { act: () => Promise<void>; what: string; said: string }>> = {
    PAUSED: { act: () => pauseWorkflow(deps, workflow), what: 'paused', said: 'state' },
    ACTIVE: { act: () => resumeWorkflow(deps, workflow), what: 'resumed', said: 'state' },
    OFF: { act: () => turnOff(deps, workflow), what: 'turned off', said: 'state' },
    EDITED: { act: () => editDraft(deps, workflow), what: 'draft begun', said: 'draft' },
    DISCARDED: { act: () => discardDraft(deps, workflow), what: 'draft discarded', said: 'discarded' },
  };
  const change = Object.hasOwn(changes, to) ? changes[to] : undefined;
  if (!change) throw new DomainError('INVALID_FORM');
  try {
    await change.act();
  } catch (error) {
    if (error instanceof DomainError && error.code === 'CONFLICT') return 'not-now';
    throw error;
  }
  await auditWorkflow(deps, ask, workflow, change.what);
  return change.said;
}

function confirmOff(deps: Deps, ask: Ask, workflow: Workflow): string {
  const hidden = [
    { name: 'to', value: 'OFF' },
    { name: 'revision', value: String(workflow.revision) },
    { name: 'confirmed', value: 'yes' },
  ];
  const form = {
    ...actView(adminPaths.workflowStates(workflow._id), 'Turn off', hidden, 'stop'),
    cancelHref: adminPaths.workflow(workflow._id),
  };
  return pageHtml(
    deps,
    ask,
    { section: 'workflows' },
    {
      title: 'Turn this workflow off?',
      crumbs: workflowCrumbs(workflow),
      isNarrow: true,
      panels: [
        {
          sentences: [
            'Contacts in progress leave it, and nobody is enrolled any more. This cannot be undone.',
            'To let contacts wait where they are, pause it instead.',
          ],
          form,
        },
      ],
    },
  );
}
