/** Keeps the legal basis for processing that was given with an override, where the contact has none yet. */
import { editContact } from '../../../domain/contacts/save.js';
import type { Deps } from '../../../deps.js';
import { isInScope } from '../../../vocabulary/scope.js';
import type { Ask } from '../route.js';
import { legalBasisOf, noteAct } from './act.js';
import type { OpenedRecord } from './open-record.js';

/** Somebody who edited the contact meanwhile is not written over: the override stands by itself, and the basis can be given again. */
export async function giveProcessingBasis(
  deps: Deps,
  ask: Ask,
  record: OpenedRecord,
  processingBasis: string,
): Promise<void> {
  const { contact } = record;
  if (!contact || !legalBasisOf(processingBasis) || contact.processingBasis) return;
  const saved = await editContact(deps, {
    contactId: contact._id,
    scope: ask.scope,
    version: contact.version,
    form: {
      firstName: contact.firstName,
      lastName: contact.lastName,
      email: contact.email ?? '',
      phone: contact.phone ?? '',
      locale: contact.locale ?? '',
      processingBasis,
      unitIds: contact.unitIds.filter((id) => isInScope(ask.scope, id)),
      properties: contact.properties,
    },
  });
  if ('contact' in saved)
    await noteAct(deps, ask, record, 'CONTACT_CHANGED', { detail: 'legal basis for processing' });
}
