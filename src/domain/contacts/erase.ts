/** Erasing a person: erases every address of the contact, drops its queued mails, and deletes the record. Opt-outs stay. */
import { DomainError } from '../../errors.js';
import { dropQueuedMails } from '../../models/mail.js';
import type { Models } from '../../models/index.js';
import { isInScope } from '../../vocabulary/scope.js';
import { scopeOf } from '../consent/actors.js';
import { changeConsent, refusalOf } from '../consent/change.js';
import type { ConsentDeps } from '../consent/contract.js';
import { writing } from '../consent/durability.js';
import type { Actor } from '../../vocabulary/terms.js';
import { removeContact } from './delete.js';
import { findListedSubscribers, getContact } from './read.js';

export interface ErasureDeps extends ConsentDeps {
  models: Pick<Models, 'subscribers' | 'archivedEvents' | 'contacts' | 'mails'>;
}

/**
 * Erases. The record goes last, so that an interrupted erasure can be repeated. It is marked, so that the sweep does not remove it once one address
 * is done.
 * @param wanted `actor` must reach all units, since erasing opts out of all of the account
 * @throws DomainError `NOT_FOUND`, `NOT_PERMITTED`; `DATABASE_AWAY` or `OUTCOME_UNKNOWN`, which are safe to repeat
 */
export async function erasePerson(
  deps: ErasureDeps,
  { contactId, actor }: { contactId: string; actor: Actor },
): Promise<void> {
  const scope = scopeOf(actor);
  const contact = await getContact(deps, { scope, contactId });
  // Before anything is written. Without an address, no rule is asked.
  if (!isInScope(scope, null))
    throw new DomainError('NOT_PERMITTED', 'Erasing a person changes all business units.');
  await writing(() =>
    deps.models.contacts.collection.updateOne(
      { _id: contact._id as never },
      { $set: { isBeingErased: true } },
    ),
  );
  for (const { _id: subscriberId, channel } of await findListedSubscribers(deps, contact)) {
    const result = await changeConsent(deps, {
      subscriberId,
      channel,
      actor,
      wishes: [{ kind: 'ERASE' }],
    });
    const refusal = refusalOf(result);
    if (refusal) throw new DomainError(refusal, 'This person could not be erased.');
    await writing(() => dropQueuedMails(deps.models.mails, subscriberId, 'erased'));
  }
  await removeContact(deps, contact);
}
