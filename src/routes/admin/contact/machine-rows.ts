/** Rows of the list of machine-made opt-outs: whose, of what, when, and which robot. */
import { adminPaths } from '../../../admin-paths.js';
import { maskAddress } from '../../../domain/consent/shown-address.js';
import type { MachineMadeRow } from '../../../domain/consent/find-machine-made.js';
import { machineOptOutKey, type MachineOptOut } from '../../../domain/consent/machine-opt-outs.js';
import type { Catalogue } from '../../../vocabulary/terms.js';
import type { Deps } from '../../../deps.js';
import { findContactsById, type Contact } from '../../../models/contact.js';
import { isAnyInScope, isInScope } from '../../../vocabulary/scope.js';
import type { AdminMachineOptOutsPage } from '../../../views/admin-record-pages.js';
import type { Ask } from '../route.js';
import { channelNames, momentOf } from '../../../vocabulary/words.js';
import { alsoOut } from './event-words.js';
import { nameOf } from './open-record.js';
import { whatOf } from './record-page.js';

export type MachineRow = AdminMachineOptOutsPage['rows'][number];

/** The contacts of these addresses, by id; one outside the user's units is not known. */
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

/** `<subscriber id>:<target and event>`: the opt-out that this very event made, and none that is newer. */
export function valueOf(subscriberId: string, of: MachineOptOut): string {
  return `${subscriberId}:${machineOptOutKey(of)}`;
}

/** A row for each opt-out of an address; one that reaches beyond the user's units has no box. */
export function rowsOf(
  { scope, zone }: Pick<Ask, 'scope' | 'zone'>,
  { subscriberId, channel, address, contactId, optOuts }: MachineMadeRow,
  { catalogue, contacts }: { catalogue: Catalogue; contacts: ReadonlyMap<string, Contact> },
  ticked: readonly string[],
): MachineRow[] {
  const contact = contactId ? contacts.get(contactId) : undefined;
  return [...optOuts]
    .sort((one, other) => other.standing.at.getTime() - one.standing.at.getTime())
    .map((of) => {
      const value = valueOf(subscriberId, of);
      return {
        id: `pick-${value.replace(':', '-')}`,
        value,
        mayPick: isInScope(scope, of.unitId),
        isTicked: ticked.includes(value),
        who: contact ? nameOf(contact) : maskAddress(channel, address) || 'An address that is not kept',
        // What is of the whole account is listed for every unit, but an address that only other units know stays masked.
        ...(contact || scope === null || of.unitId !== null
          ? { whoUrl: adminPaths.contact(contact?._id ?? subscriberId, { channel }) }
          : {}),
        channel: channelNames[channel],
        what: [whatOf(of, { catalogue }), ...alsoOut(of.optOuts)].join(', '),
        when: momentOf(of.standing.at, zone),
        isoTime: of.standing.at.toISOString(),
        robot: of.event?.detail?.userAgent ?? 'not known',
      };
    });
}
