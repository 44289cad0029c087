/** The API of persons: everything that is kept about one, and erasure with its preview and its receipt. */
import type { Deps } from '../../deps.js';
import { findByAddress } from '../../domain/consent/merge-subscribers.js';
import { readAddress } from '../../domain/consent/read-address.js';
import { erasePerson } from '../../domain/contacts/erase.js';
import { findErasureReceipt, previewErasure } from '../../domain/contacts/erasure-receipt.js';
import { myData } from '../../domain/contacts/my-data.js';
import { recordAudit } from '../../domain/staff/audit.js';
import type { ApiCaller } from '../../domain/staff/api-keys.js';
import { DomainError } from '../../errors.js';
import type { Channel } from '../../vocabulary/terms.js';
import type { Handler } from './operation.js';

interface Person {
  channel: Channel;
  address: string;
}

/** @throws DomainError `NOT_FOUND` for an unknown address, and for a key that is limited to some business units */
async function personOf(
  deps: Deps,
  { scope }: ApiCaller,
  { channel, address: given }: Person,
): Promise<string> {
  const address = readAddress(channel, given, await deps.catalogue());
  const subscriberId = deps.subscriberIds(channel, address);
  const head = scope === null ? await findByAddress(deps, { channel, address, subscriberId }) : null;
  if (!head) throw new DomainError('NOT_FOUND', 'Nothing is recorded of this address.');
  return head._id;
}

/** Everything that is kept about a person. */
export const sendPersonData: Handler<{ body: Person }> = async (deps, caller, { body }) => {
  const id = await personOf(deps, caller, body);
  await recordAudit(deps, { kind: 'EXPORTED', by: caller.ref, about: `contact:${id}`, detail: 'my data' });
  return { stream: myData(deps, { id }), type: 'application/json; charset=utf-8' };
};

/** Erases a person, or says what would be deleted and kept. @returns the preview, or the receipt */
export const erase: Handler<{ body: Person & { isPreview: boolean } }> = async (
  deps,
  caller,
  { body: { isPreview, ...person } },
) => {
  const id = await personOf(deps, caller, person);
  if (isPreview) return { body: await previewErasure(deps, id) };
  const actor = { kind: 'API', version: 4, ref: caller.ref, scope: null } as const;
  const erased = await erasePerson(deps, { id, actor });
  await recordAudit(deps, { kind: 'PERSON_ERASED', by: caller.ref, about: `contact:${id}` });
  return { body: await findErasureReceipt(deps, erased) };
};
