/** Declares the API of workflows. */
import { z } from 'zod';
import { operation } from '../operation.js';
import { idParams, outcomes, someEmails } from '../schemas.js';

export const workflowOperations = [
  operation({
    ...{ id: 'enrolContacts', method: 'POST', path: '/api/v1/workflows/:id/enrolments', tag: 'Workflows' },
    scopes: ['contacts.write'],
    summary: 'Enrol contacts in a workflow by their e-mail addresses',
    description: 'The trigger is not asked. `CHANGED`: the contact was enrolled.',
    params: idParams,
    body: z.strictObject({ emails: someEmails }).meta({ id: 'Enrolments' }),
    answers: { 200: outcomes },
    load: async () => (await import('../workflows.js')).enrolContactsByApi,
  }),
];
