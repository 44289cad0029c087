/** Making and editing contacts, one or many. */
import { DomainError } from '../../errors.js';
import type { Contact } from '../../models/contact.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { ActorKind } from '../../vocabulary/terms.js';
import { blankContact } from './contact-document.js';
import type { ContactForm } from './contact-form.js';
import { saveInPasses, type ContactDeps, type SavedContact } from './save-passes.js';

/**
 * A contact to make or, with `contactId`, to edit. `version` is that of the contact that the form was filled from. `known` is the whole contact, if the
 * caller has read it a moment ago. `ref` names the step of a workflow in the change feed.
 */
export interface ContactRow {
  form: ContactForm;
  contactId?: string;
  version?: number;
  known?: Contact;
  ref?: string;
  /** Of a contact to make: its id, if the caller must know it before (random, and used by no other contact), and its marketing contact status. */
  fresh?: { id: string; isMarketing?: boolean | undefined };
}

/** Who makes contacts: kind and which user, import or key, as in events. */
interface Maker {
  kind: ActorKind;
  ref: string;
}

const batchSize = 500;

/**
 * Makes and edits contacts. The result is that of saving them one by one in their order. Where their addresses are known already, their
 * preferences are met again as they were left. The number of round trips is the same for 1 and for 500 rows that have no address in common;
 * rows with a common address or contact take more.
 * @param by `scope` holds the units within reach
 * @returns for each row the contact, or why it was refused. A refused row does not stop the others. A row that the same maker sends twice gives
 * the contact that it made, `UNCHANGED`
 * @throws DomainError `DATABASE_AWAY` or `OUTCOME_UNKNOWN`; both are safe to repeat
 */
export async function saveContacts(
  deps: ContactDeps,
  rows: readonly ContactRow[],
  by: Maker & { scope: Scope },
): Promise<SavedContact[]> {
  const results: SavedContact[] = [];
  for (let first = 0; first < rows.length; first += batchSize) {
    const wishes = rows.slice(first, first + batchSize).map(({ contactId, fresh, ...row }) => {
      const blank = contactId === undefined ? blankOf(by, deps.clock(), fresh) : null;
      return { ...row, contactId: contactId ?? blank?._id ?? '', blank };
    });
    results.push(...(await saveInPasses(deps, wishes, by.scope)));
  }
  return results;
}

/**
 * Makes one contact, as `saveContacts` does.
 * @param wanted `id` names the contact, if the caller repeats a creation that was broken off
 * @returns the contact, or everything that is wrong with the form
 * @throws DomainError `DATABASE_AWAY` or `OUTCOME_UNKNOWN`; both are safe to repeat
 */
export async function createContact(
  deps: ContactDeps,
  { scope, form, by, id }: { scope: Scope; form: ContactForm; by: Maker; id?: string },
): Promise<SavedContact> {
  const fresh = id === undefined ? {} : { fresh: { id } };
  return onlyOne(await saveContacts(deps, [{ form, ...fresh }], { ...by, scope }));
}

/**
 * Edits one contact, as `saveContacts` does. An address that it gives up keeps its preferences. Name, e-mail and phone of a contact change only
 * where `scope` reaches all its units (decision 0510).
 * @throws DomainError `NOT_FOUND` where there is no such contact in the scope, `DATABASE_AWAY` or `OUTCOME_UNKNOWN`, which are safe to repeat
 */
export async function editContact(
  deps: ContactDeps,
  { scope, ...row }: ContactRow & { contactId: string; scope: Scope },
): Promise<SavedContact> {
  return onlyOne(await saveInPasses(deps, [{ ...row, blank: null }], scope));
}

function blankOf(by: Maker, now: Date, fresh: ContactRow['fresh']): Contact {
  const blank = blankContact(by, now, fresh?.id);
  return fresh?.isMarketing === undefined ? blank : { ...blank, isMarketing: fresh.isMarketing };
}

function onlyOne([saved]: SavedContact[]): SavedContact {
  if (!saved || ('code' in saved && saved.code === 'NOT_FOUND'))
    throw new DomainError('NOT_FOUND', 'There is no such contact.');
  return saved;
}
