/** Opens the record that a path names, within what its user reaches: a contact and its one to three subscribers, read by their ids. */
import { channels } from '../../../domain/consent/terms.js';
import type { Catalogue, Channel, ConsentEvent, Standing } from '../../../domain/consent/terms.js';
import { readContactRecord } from '../../../domain/contacts/record.js';
import type { ChannelRecord as ReadChannel } from '../../../domain/contacts/record.js';
import { displayName } from '../../../domain/contacts/words.js';
import type { Deps } from '../../../deps.js';
import { DomainError } from '../../../errors.js';
import type { Contact } from '../../../models/contact.js';
import { isInScope } from '../../../scope.js';
import type { Scope } from '../../../scope.js';
import { queryOf, wholeOf } from '../form.js';
import type { Ask } from '../route.js';

/** One address of the contact's, with what was decided about it. */
export interface ChannelRecord extends ReadChannel {
  address: string;
  subscriberId: string;
}

export interface OpenedRecord {
  /** With the units of the scope alone. */
  contact: Contact;
  /** What the pages call the contact: its name, or else an address. */
  name: string;
  /** Whether all units of the contact are reached. */
  isWhole: boolean;
  /** In the order of the channels. */
  channels: ChannelRecord[];
  /** Only the units that the user reaches, and their types. */
  catalogue: Catalogue;
  scope: Scope;
}

/** What a tab shows of a record: one unit, one channel, or all. */
export interface RecordFilter {
  unitId: number | null;
  channel: Channel | null;
}

/** @throws DomainError `NOT_FOUND` for a contact that is not there, or not for this user */
export async function openRecord(deps: Deps, ask: Ask): Promise<OpenedRecord> {
  const contactId = ask.request.params['contact'];
  if (typeof contactId !== 'string') throw new DomainError('NOT_FOUND');
  const { scope } = ask;
  const { contact, isWhollyInScope, channels: read } = await readContactRecord(deps, { scope, contactId });
  return {
    contact,
    name: nameOf(contact),
    isWhole: isWhollyInScope,
    channels: read.map((one) => ({
      ...one,
      address: (one.channel === 'EMAIL' ? contact.email : contact.phone) ?? '',
      subscriberId: one.subscriber._id,
    })),
    catalogue: catalogueWithin(await deps.catalogue(), scope),
    scope,
  };
}

/**
 * The same for what reaches over all units: erasing, and links, which open and change what is of the whole account (decision 0481).
 * @throws DomainError `NOT_FOUND` for whoever does not reach them all
 */
export async function openForAll(deps: Deps, ask: Ask): Promise<OpenedRecord> {
  if (ask.scope !== null) throw new DomainError('NOT_FOUND');
  return openRecord(deps, ask);
}

/** What the pages call a contact: its name, or else an address. */
export function nameOf(contact: Contact): string {
  return displayName(contact) || (contact.email ?? contact.phone ?? 'A contact without a name');
}

/** The catalogue as far as a scope reaches: what lies outside does not exist. */
export function catalogueWithin(catalogue: Catalogue, scope: Scope): Catalogue {
  if (scope === null) return catalogue;
  const types = catalogue.orderedTypes.filter(({ unitId }) => isInScope(scope, unitId));
  return {
    ...catalogue,
    units: new Map([...catalogue.units].filter(([id]) => isInScope(scope, id))),
    types: new Map(types.map((type) => [type.id, type])),
    orderedTypes: types,
  };
}

/** The address that a query or a form names. @throws DomainError `NOT_FOUND` where the contact has none of that channel */
export function channelOf({ channels: known }: OpenedRecord, named: string): ChannelRecord {
  const found = known.find(({ channel }) => channel === named);
  if (!found) throw new DomainError('NOT_FOUND');
  return found;
}

/** Unit and channel that a tab is filtered by. */
export function filterOf({ request }: Pick<Ask, 'request'>, record: OpenedRecord): RecordFilter {
  return filterBy(record, queryOf(request, 'unit') ?? '', queryOf(request, 'channel') ?? '');
}

/** One that is not there filters nothing. */
export function filterBy({ catalogue }: OpenedRecord, unit: string, channel: string): RecordFilter {
  const unitId = wholeOf(unit);
  return {
    unitId: unitId !== null && catalogue.units.has(unitId) ? unitId : null,
    channel: channels.find((one) => one === channel) ?? null,
  };
}

/** Who made what stands: the actor of its event, or what the standing itself keeps. */
export function actorOf(
  { events }: Pick<ChannelRecord, 'events'>,
  { seq, by }: Pick<Standing, 'seq' | 'by'>,
): ConsentEvent['actor'] {
  return events.get(seq)?.actor ?? { kind: by };
}

/** Opt-outs of all that stand, the widest first, as far as the user may know of them. */
export function standingAll(
  { scope }: OpenedRecord,
  { subscriber }: ChannelRecord,
): { unitId: number | null; standing: Standing }[] {
  const { portal, units } = subscriber.optOuts;
  return [
    ...(portal ? [{ unitId: null, standing: portal }] : []),
    ...Object.entries(units)
      .map(([id, standing]) => ({ unitId: Number(id), standing }))
      .filter(({ unitId }) => isInScope(scope, unitId)),
  ];
}

/** References of everybody that the record names, for one look-up. */
export function refsIn({ channels: known }: OpenedRecord): (string | undefined)[] {
  return known.flatMap(({ events }) => [...events.values()].map(({ actor }) => actor.ref));
}
