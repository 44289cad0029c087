/** The workflows of one contact: those that it is in, or was in, and enrolment by hand. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { enrolByHand } from '../../../domain/workflows/by-hand.js';
import { findEnrolmentsOf } from '../../../domain/workflows/history.js';
import { workflowsWithin } from '../../../domain/workflows/workflows.js';
import type { Enrolment } from '../../../models/enrolment.js';
import type { Workflow } from '../../../models/workflow.js';
import { mayRole } from '../../../vocabulary/access.js';
import { momentOf, reasonWords } from '../../../vocabulary/words.js';
import { aboutRecord } from '../contact/act-page.js';
import { openContact, type ContactRecord } from '../contact/open-record.js';
import type { Sayings } from '../frame.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import { tableOf } from '../kit/list-page.js';
import type { StaffRoute } from '../route.js';
import { enrollingWithin, enrolRules, workflowField } from './enrolments.js';
import { auditWorkflow } from './open-workflow.js';
import { enrolmentState } from './workflow-history.js';
import { newId } from '../../../new-id.js';
import { present } from '../present.js';

interface ContactWorkflows {
  record: ContactRecord;
  enrolments: readonly Enrolment[];
  /** By id: those within the scope. */
  names: ReadonlyMap<string, string>;
  /** Those that enrol contacts now. */
  offered: readonly Workflow[];
}

const sayings: Sayings = {
  enrolled: { tone: 'good', strong: 'The contact is enrolled.' },
};

const enrolForm = declareForm<ContactWorkflows, { workflow: string }>({
  pattern: adminPatterns.contactWorkflows,
  may: 'workflows.change',
  about: 'contact',
  groups: ({ offered }) => [{ fields: [workflowField(offered)] }],
  button: 'Enrol this contact',
  more: ({ record }) => ({ cancelHref: adminPaths.contact(record.id), note: enrolRules }),
  schema: () => z.object({ workflow: z.string() }),
  save: async ({ deps, ask, subject: { record, offered }, values }) => {
    const workflow = offered.find(({ _id }) => _id === values.workflow);
    if (!workflow) return { faults: [{ text: 'Choose a workflow.', href: '#workflow' }] };
    const occasion = newId();
    const contactIds = [record.contact._id];
    const [outcome] = await enrolByHand(deps, workflow, { contactIds, scope: ask.scope, occasion });
    if (outcome !== 'CHANGED')
      return { faults: [{ text: `Not enrolled. ${reasonWords(outcome ?? '')}`, href: '#workflow' }] };
    await auditWorkflow(deps, ask, workflow, 'a contact enrolled by hand');
    return { to: adminPaths.contactWorkflows(record.id), said: 'enrolled' };
  },
});

export function contactWorkflowRoutes(deps: Deps): StaffRoute[] {
  return formRoutes<ContactWorkflows>(deps, {
    may: 'workflows.read',
    section: 'contacts',
    sayings,
    load: async (_deps, ask) => {
      const record = await openContact(deps, ask);
      const [workflows, offered] = await Promise.all([
        workflowsWithin(deps, ask.scope),
        enrollingWithin(deps, ask.scope),
      ]);
      const names = new Map(workflows.map(({ _id, name }) => [_id, name]));
      const enrolments = await findEnrolmentsOf(deps, record.contact._id, [...names.keys()]);
      return { record, enrolments, names, offered };
    },
    show: ({ ask, subject: { record, enrolments, names, offered } }, form) => {
      const columns = [
        {
          heading: 'Workflow',
          cell: ({ _id: id, workflowId }: Enrolment) => ({
            href: adminPaths.workflowEnrolment(workflowId, { id }),
            text: names.get(workflowId) ?? '',
          }),
        },
        { heading: 'State', cell: (one: Enrolment) => ({ state: enrolmentState(one) }) },
        {
          heading: 'Enrolled',
          isNumeric: true,
          cell: ({ at }: Enrolment) => ({ text: momentOf(at, ask.zone) }),
        },
      ];
      return {
        ...aboutRecord(record),
        title: `Workflows of ${record.name}`,
        panels: present([
          enrolments.length > 0
            ? { table: tableOf('Workflows', columns, enrolments) }
            : { sentences: ['This contact has not been in a workflow.'] },
          mayRole(ask.user.role, 'workflows.change') &&
            (offered.length > 0
              ? { heading: 'Enrol by hand', form: form(enrolForm) }
              : { heading: 'Enrol by hand', sentences: ['No workflow is active.'] }),
        ]),
      };
    },
    forms: [enrolForm],
  });
}
