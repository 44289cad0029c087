/** Names, messages and the search that the history, the test and enrolment by hand share. */
import { adminPaths } from '../../../admin-paths.js';
import { displayName } from '../../../domain/contacts/words.js';
import type { Contact } from '../../../models/contact.js';
import { rowRefusals } from '../../../vocabulary/refusal-codes.js';
import { reasonWords } from '../../../vocabulary/words.js';
import type { FormView } from '../../../views/admin-form-page.js';
import type { Sayings } from '../frame.js';
import { groupOf } from '../kit/fields.js';
import { actView } from '../kit/form.js';
import type { OpenWorkflow } from './open-workflow.js';

export const historySayings: Sayings = (name) => {
  if (name === 'CHANGED') return { tone: 'good', strong: 'The contact is enrolled.' };
  if (rowRefusals.some((one) => one === name))
    return { tone: 'warn', strong: 'The contact was not enrolled.', sentence: reasonWords(name) };
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
