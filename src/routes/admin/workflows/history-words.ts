/** Names, messages and the search that the history, the test and enrolment by hand share. */
import { adminPaths } from '../../../admin-paths.js';
import { displayName } from '../../../domain/contacts/words.js';
import type { HandResult } from '../../../domain/workflows/by-hand.js';
import type { Contact } from '../../../models/contact.js';
import type { FormView } from '../../../views/admin-form-page.js';
import type { Sayings } from '../frame.js';
import { groupOf } from '../kit/fields.js';
import { actView } from '../kit/form.js';
import type { OpenWorkflow } from './open-workflow.js';

const handWords: Readonly<Record<HandResult, string>> = {
  ENROLLED: 'The contact is enrolled.',
  AGAIN: 'The contact is in the workflow, or has been in it before.',
  REFUSED:
    'This workflow does not take the contact: it has met the goal, is on a suppression list, or is of another business unit.',
  INACTIVE: 'The workflow is not active.',
};

export const historySayings: Sayings = (name) => {
  const words = Object.entries(handWords).find(([key]) => key === name)?.[1];
  if (words) return { tone: name === 'ENROLLED' ? 'good' : 'warn', strong: words };
  if (name === 'retried') return { tone: 'good', strong: 'The step is tried again now.' };
  if (name === 'unenrolled') return { tone: 'good', strong: 'The contact was taken out.' };
  if (name === 'not-now') return { tone: 'warn', strong: 'The contact has gone on in the meantime.' };
  return name === 'none-found' ? { tone: 'warn', strong: 'No contact was found.' } : undefined;
};

export const nameOf = (contact: Contact | undefined) =>
  contact ? displayName(contact) || (contact.email ?? contact.phone ?? 'A contact') : 'A deleted contact';

/** A search of contacts leads on to `next`. POST, so that no URL contains an address. */
export function finder({ _id }: OpenWorkflow['workflow'], next: string, button: string): FormView {
  const field = { kind: 'text', name: 'q', label: 'Address or name of a contact', isRequired: true } as const;
  const hidden = [{ name: 'next', value: next }];
  return {
    ...actView(adminPaths.workflowContacts(_id), button, hidden),
    groups: [groupOf({ fields: [field] }, {}, [])],
  };
}
