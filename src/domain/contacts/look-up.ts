/** Looks up an address, with or without a contact: finds its record, or creates one. */
import { DomainError } from '../../errors.js';
import { newSubscriber, type SubscriberHead } from '../../models/subscriber.js';
import { isInScope, type Scope } from '../../vocabulary/scope.js';
import type { SubscriberIds } from '../consent/address.js';
import { reading } from '../consent/durability.js';
import { findByAddress, type KnownAddress, type MergeDeps } from '../consent/merge-subscribers.js';
import { addressOrNull, type AddressReading } from '../consent/read-address.js';
import { insertSubscriber } from '../consent/store.js';
import type { Catalogue, Channel } from '../../vocabulary/terms.js';
import { wantedAddresses } from './claims.js';
import { readRecord, type RecordDeps } from './record.js';

/** `recordId` names the record of the address. For `UNKNOWN`, nothing about the normalised address is known within the scope. */
export type LookedUp =
  | { kind: 'CONTACT' | 'ADDRESS'; recordId: string }
  | { kind: 'UNKNOWN'; address: string; channels: Channel[] };

/**
 * Looks an address up and writes nothing. To a user with a limited scope, an address that only other units know is unknown.
 * @param text what the user typed into the search
 * @returns null if the text contains no complete address or number
 */
export async function lookUpAddress(
  deps: RecordDeps,
  { scope, text }: { scope: Scope; text: string },
): Promise<LookedUp | null> {
  const catalogue = await reading(() => deps.catalogue());
  const wanted = addressesIn(deps, text, catalogue);
  for (const one of wanted) {
    const head = await findByAddress(deps, one);
    if (!head) continue;
    const { contact, id } = await readRecord(deps, { scope, id: one.subscriberId });
    if (contact) return { kind: 'CONTACT', recordId: id };
    if (isKnown(head, scope, catalogue)) return { kind: 'ADDRESS', recordId: id };
  }
  const [first] = wanted;
  return first
    ? { kind: 'UNKNOWN', address: first.address, channels: wanted.map(({ channel }) => channel) }
    : null;
}

/**
 * Creates the missing subscribers of an address, so that it has a record.
 * @returns the id of the record
 * @throws DomainError `INVALID_ADDRESS`; `DATABASE_AWAY` or `OUTCOME_UNKNOWN`, which are safe to repeat
 */
export async function openAddress(deps: MergeDeps, text: string): Promise<string> {
  const [first, ...others] = addressesIn(deps, text);
  if (!first) throw new DomainError('INVALID_ADDRESS', 'This is not an e-mail address or a phone number.');
  for (const wanted of [first, ...others]) await makeSubscriber(deps, wanted);
  return first.subscriberId;
}

/** Creates the subscriber of an address if the database does not have it. Repeating it changes nothing. */
export async function makeSubscriber(deps: MergeDeps, wanted: KnownAddress): Promise<void> {
  const { subscriberId, channel, address } = wanted;
  const known = await findByAddress(deps, wanted);
  if (!known)
    await insertSubscriber(deps.models, newSubscriber(subscriberId, channel, address, deps.clock()));
}

/** One e-mail address, or one phone number with its channels: the whole text, or else the first word that is an e-mail address. */
function addressesIn(
  deps: { subscriberIds: SubscriberIds },
  text: string,
  written?: AddressReading,
): KnownAddress[] {
  const phone = addressOrNull('SMS', text, written);
  if (phone) return wantedAddresses(deps, { email: null, phone });
  for (const one of [text, ...text.split(/[\s,;]+/)]) {
    const email = addressOrNull('EMAIL', one);
    if (email) return wantedAddresses(deps, { email, phone: null });
  }
  return [];
}

/** Whether the scope may see any status or note of it. */
function isKnown(head: SubscriberHead, scope: Scope, { types }: Catalogue): boolean {
  if (scope === null) return true;
  const isOfUnit = (id: string) => isInScope(scope, Number(id));
  const isOfType = (id: string) => isInScope(scope, types.get(Number(id))?.unitId ?? null);
  return (
    head.optOuts.portal !== null ||
    head.undeliverable !== null ||
    head.erasedAt !== null ||
    Object.keys(head.optOuts.units).some(isOfUnit) ||
    [head.optOuts.types, head.subscriptions, head.snoozes].some((of) => Object.keys(of).some(isOfType)) ||
    head.pending.some(({ unitId }) => isInScope(scope, unitId))
  );
}
