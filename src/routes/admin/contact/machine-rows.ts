/** Rows of the list of automated opt-outs: address, target, time and user agent. */
import { adminPaths } from '../../../admin-paths.js';
import { maskAddress } from '../../../domain/consent/shown-address.js';
import type { MachineMadeRow } from '../../../domain/consent/find-machine-made.js';
import { machineOptOutKey, type MachineOptOut } from '../../../domain/consent/machine-opt-outs.js';
import type { Catalogue } from '../../../vocabulary/terms.js';
import type { Deps } from '../../../deps.js';
import { findContactsById, type Contact } from '../../../models/contact.js';
import { isAnyInScope, isInScope } from '../../../vocabulary/scope.js';
import type { State } from '../../../views/admin-frame.js';
import type { Ask } from '../route.js';
import { channelNames, momentOf } from '../../../vocabulary/words.js';
import { alsoOut } from './event-words.js';
import { nameOf } from './open-record.js';
import { whatOf } from './record-page.js';

export interface MachineRow {
  /** `<subscriber id>:<target and event>`: the opt-out that this very event made, and no newer one. */
  value: string;
  /** False for opt-outs outside the user's units, which cannot be chosen. */
  isReached: boolean;
  /** Without a link for an address that the user may not open. */
  who: { text: string; href?: string };
  channel: string;
  what: string;
  time: { iso: string; words: string };
  robot: string;
  /** After a correction. */
  result?: State;
}

/** The contacts of these addresses within the scope, by id. */
export async function contactsOf(
  { models }: Pick<Deps, 'models'>,
  { scope }: Pick<Ask, 'scope'>,
  rows: readonly Pick<MachineMadeRow, 'contactId'>[],
): Promise<ReadonlyMap<string, Contact>> {
  const ids = [...new Set(rows.flatMap(({ contactId }) => contactId ?? []))];
  const contacts = ids.length === 0 ? [] : await findContactsById(models.contacts, ids);
  return new Map(
    contacts
      .filter(({ unitIds, blankUntil }) => !blankUntil && isAnyInScope(scope, unitIds))
      .map((contact) => [contact._id, contact]),
  );
}

export function valueOf(subscriberId: string, of: MachineOptOut): string {
  return `${subscriberId}:${machineOptOutKey(of)}`;
}

/** A row for each opt-out of an address, the newest first. */
export function rowsOf(
  { scope, zone }: Pick<Ask, 'scope' | 'zone'>,
  { subscriberId, channel, address, contactId, optOuts }: MachineMadeRow,
  { catalogue, contacts }: { catalogue: Catalogue; contacts: ReadonlyMap<string, Contact> },
): MachineRow[] {
  const contact = contactId ? contacts.get(contactId) : undefined;
  const text = contact ? nameOf(contact) : maskAddress(channel, address) || 'An address that is not kept';
  return [...optOuts]
    .sort((one, other) => other.standing.at.getTime() - one.standing.at.getTime())
    .map((of) => ({
      value: valueOf(subscriberId, of),
      isReached: isInScope(scope, of.unitId),
      // An opt-out of the whole account is listed for every unit, but an address that only other units know stays masked.
      who:
        contact || scope === null || of.unitId !== null
          ? { text, href: adminPaths.contact(contact?._id ?? subscriberId, { channel }) }
          : { text },
      channel: channelNames[channel],
      what: [whatOf(of, { catalogue }), ...alsoOut(of.optOuts)].join(', '),
      time: { iso: of.standing.at.toISOString(), words: momentOf(of.standing.at, zone) },
      robot: of.event?.detail?.userAgent ?? 'not known',
    }));
}
