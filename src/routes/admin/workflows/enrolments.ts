/** Enrols many contacts of the index, or of a list, in a workflow. It queues a job. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { selectionForJob } from '../../../domain/contacts/selection-for-job.js';
import type { Deps } from '../../../deps.js';
import { workflowsWithin } from '../../../domain/workflows/workflows.js';
import { wantedOf } from '../../../jobs/kind.js';
import { enrolContacts } from '../../../jobs/kinds/enrol.js';
import { enrolling, type Workflow } from '../../../models/workflow.js';
import type { Scope } from '../../../vocabulary/scope.js';
import { noneIn, pickedIn, tooMany, whichSentences } from '../bulk/selected.js';
import type { Picked } from '../bulk/selected.js';
import { queueJobOf } from '../jobs/queue.js';
import type { FieldPlan } from '../kit/fields.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import type { StaffRoute } from '../route.js';

interface Enrolments {
  picked: Picked;
  workflows: readonly Workflow[];
}

const rule = { may: enrolContacts.permission, about: 'nothing' } as const;

export const enrolRules =
  'The trigger is not asked. Contacts on the lists that it never enrols, and those that meet its goal, are left out.';

/** The workflows within the scope that enrol contacts now. */
export async function enrollingWithin(deps: Deps, scope: Scope): Promise<Workflow[]> {
  const all = await workflowsWithin(deps, scope);
  return all.filter(({ state }) => enrolling.some((one) => one === state));
}

/** The choice of a workflow. */
export function workflowField(workflows: readonly Workflow[]): FieldPlan {
  return {
    ...{ kind: 'select', name: 'workflow', label: 'Workflow', isRequired: true },
    options: [
      { value: '', label: 'Choose…' },
      ...workflows.map(({ _id, name }) => ({ value: _id, label: name })),
    ],
  };
}

const enrolForm = declareForm<Enrolments, { workflow: string }>({
  ...rule,
  pattern: adminPatterns.enrolments,
  groups: ({ workflows }) => [{ fields: [workflowField(workflows)] }],
  hidden: ({ picked }) => picked.fields,
  button: 'Enrol',
  more: ({ picked }) => ({
    button: `Enrol ${picked.many}`,
    cancelHref: picked.backHref,
    note: 'It starts at once, and shows how far it is.',
  }),
  schema: ({ subject: { workflows } }) =>
    z.object({
      workflow: z.string().refine((id) => workflows.some(({ _id }) => _id === id), 'Choose a workflow.'),
    }),
  save: async ({ deps, ask, subject: { picked, workflows }, values: { workflow: workflowId } }) => {
    const selection = await selectionForJob(deps, ask.scope, picked.selection);
    if (!selection) return { faults: [tooMany] };
    const name = workflows.find(({ _id }) => _id === workflowId)?.name ?? '';
    return { to: await queueJobOf(deps, ask, wantedOf(enrolContacts, { selection, workflowId, name })) };
  },
});

export function enrolmentRoutes(deps: Deps): StaffRoute[] {
  return formRoutes<Enrolments>(deps, {
    pattern: adminPatterns.newEnrolment,
    section: 'contacts',
    load: async (_deps, ask) => ({
      picked: await pickedIn(deps, ask),
      workflows: await enrollingWithin(deps, ask.scope),
    }),
    instead: ({ ask, subject }) => noneIn(subject.picked, ask),
    show: ({ subject: { picked, workflows } }, form) => ({
      title: 'Enrol in a workflow',
      heading: `Which workflow should ${picked.whom} be enrolled in?`,
      crumbs: [{ href: picked.backHref, text: 'Contacts' }],
      isNarrow: true,
      panels: [
        workflows.length > 0
          ? { sentences: [...whichSentences(picked), enrolRules], form: form(enrolForm) }
          : {
              sentences: ['No workflow is active. Activate one first.'],
              link: { href: adminPaths.workflows(), text: 'Workflows' },
            },
      ],
    }),
    forms: [enrolForm],
  });
}
