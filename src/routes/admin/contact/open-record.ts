/** Opens the record of a path, within the user's scope: a contact, or an address without a contact, with one to three subscribers. */
import {
  channels,
  type Actor,
  type Catalogue,
  type Channel,
  type OptOutSet,
  type Standing,
  type SubscriptionType,
} from '../../../vocabulary/terms.js';
import { catalogueWithin } from '../../../domain/consent/catalogue.js';
import { ownStatus } from '../../../domain/consent/effective.js';
import { shownAddress } from '../../../domain/consent/shown-address.js';
import { readRecord, type ChannelRecord } from '../../../domain/contacts/record.js';
import { displayName } from '../../../domain/contacts/words.js';
import { findActors, type Act, type DoerOf } from '../../../domain/staff/names.js';
import type { Deps } from '../../../deps.js';
import { DomainError } from '../../../errors.js';
import type { Contact } from '../../../models/contact.js';
import { staffRef } from '../../../vocabulary/access.js';
import { isInScope, type Scope } from '../../../vocabulary/scope.js';
import { queryOf, wholeOf } from '../form.js';
import type { Ask } from '../route.js';

export type { ChannelRecord } from '../../../domain/contacts/record.js';

export interface OpenedRecord {
  /** Names the record in paths: the contact's id, or the subscriber id of an address without a contact (decision 0511). */
  id: string;
  /** Has only units within the scope. Null for an address without a contact in the scope. */
  contact: Contact | null;
  /** The contact's name, or else an address. */
  name: string;
  /** Whether the user reaches all units of the contact. */
  isWhole: boolean;
  /** In the order of the channels. */
  channels: ChannelRecord[];
  /** True after the person's data was erased, until the address comes back. Staff can then change nothing. */
  isErased: boolean;
  /** Only the units that the user reaches, and their types. */
  catalogue: Catalogue;
  scope: Scope;
  /** The user, as the actor of a change. */
  actor: StaffActor;
  now: Date;
}

type StaffActor = Extract<Actor, { kind: 'STAFF' }>;

/** The signed-in user as the actor of a change to one contact. */
export function staffActor({ user, scope }: Pick<Ask, 'user' | 'scope'>): StaffActor {
  return { kind: 'STAFF', isBulk: false, ref: staffRef(user), scope };
}

/** The filter of a tab: one unit, one channel, or all. */
export interface RecordFilter {
  unitId: number | null;
  channel: Channel | null;
}

/** A record that has a contact. */
export type ContactRecord = OpenedRecord & { contact: Contact };

/** @throws DomainError `NOT_FOUND` for a record that does not exist for this user */
export async function openRecord(deps: Deps, ask: Ask): Promise<OpenedRecord> {
  const id = ask.request.params['contact'];
  if (typeof id !== 'string') throw new DomainError('NOT_FOUND');
  const { scope } = ask;
  const { isWhollyInScope: isWhole, ...found } = await readRecord(deps, { scope, id });
  const shown = found.channels.map((one) => ({ ...one, address: shownAddress(one.address) }));
  const name = found.contact ? nameOf(found.contact) : shown[0]?.address || 'An erased address';
  return {
    ...found,
    channels: shown,
    isErased: shown.length > 0 && shown.every(({ address }) => address === ''),
    isWhole,
    name,
    catalogue: catalogueWithin(await deps.catalogue(), scope),
    scope,
    actor: staffActor(ask),
    now: deps.clock(),
  };
}

/**
 * The same for an act on the record.
 * @throws DomainError `NOT_FOUND` also for an erased person
 */
export async function openForAct(deps: Deps, ask: Ask): Promise<OpenedRecord> {
  const record = await openRecord(deps, ask);
  if (record.isErased) throw new DomainError('NOT_FOUND');
  return record;
}

/**
 * The same for an act on a contact.
 * @throws DomainError `NOT_FOUND` also for an address without one
 */
export async function openContact(deps: Deps, ask: Ask, open = openForAct): Promise<ContactRecord> {
  const record = await open(deps, ask);
  const { contact } = record;
  if (!contact) throw new DomainError('NOT_FOUND');
  return { ...record, contact };
}

/**
 * The same for acts on all units: erasing, and links, which open and change everything of an address (decision 0481).
 * @throws DomainError `NOT_FOUND` for a user who is limited to some units
 */
export async function openForAll(deps: Deps, ask: Ask): Promise<OpenedRecord> {
  if (!isInScope(ask.scope, null)) throw new DomainError('NOT_FOUND');
  return openForAct(deps, ask);
}

/** The contact's name, or else an address. */
export function nameOf(contact: Contact): string {
  return (
    displayName(contact) || shownAddress(contact.email ?? '') || (contact.phone ?? 'A contact without a name')
  );
}

/** The address that a query or a form names. @throws DomainError `NOT_FOUND` if the record has no address of that channel */
export function channelOf({ channels: known }: OpenedRecord, named: string): ChannelRecord {
  const found = known.find(({ channel }) => channel === named);
  if (!found) throw new DomainError('NOT_FOUND');
  return found;
}

/** The same for a link, which needs an address. @throws DomainError `NOT_FOUND` also if the address was erased */
export function addressedChannelOf(record: OpenedRecord, named: string): ChannelRecord {
  const found = channelOf(record, named);
  if (!found.address) throw new DomainError('NOT_FOUND');
  return found;
}

/** True for an address that a preferences link can be mailed to. */
export function isMailable({ channel, address, subscriber }: ChannelRecord): boolean {
  return channel === 'EMAIL' && address !== '' && !subscriber.undeliverable;
}

/** Types of this channel within the scope. An archived type is included only if it has a status of its own. */
export function typesOf(
  { catalogue }: OpenedRecord,
  { channel, subscriber }: ChannelRecord,
  unitId: number | null = null,
): SubscriptionType[] {
  return catalogue.orderedTypes.filter(
    (type) =>
      type.channel === channel &&
      (unitId === null || type.unitId === unitId) &&
      (type.isActive || ownStatus(subscriber, type.id) !== 'NOT_SPECIFIED'),
  );
}

/** The filter of a tab, from the query. */
export function filterOf({ request }: Pick<Ask, 'request'>, record: OpenedRecord): RecordFilter {
  return filterBy(record, queryOf(request, 'unit') ?? '', queryOf(request, 'channel') ?? '');
}

/** Unknown values do not filter. */
export function filterBy({ catalogue }: OpenedRecord, unit: string, channel: string): RecordFilter {
  const unitId = wholeOf(unit);
  return {
    unitId: unitId !== null && catalogue.units.has(unitId) ? unitId : null,
    channel: channels.find((one) => one === channel) ?? null,
  };
}

/** The act that made an opt-out or a subscription: its event, or what the entry itself keeps. */
export function actOf(
  { events }: Pick<ChannelRecord, 'events'>,
  { seq, by, at }: Pick<Standing, 'seq' | 'by' | 'at'>,
): Act {
  return events.get(seq) ?? { actor: { kind: by }, at };
}

/** Opt-outs of all that the user may see, that of the whole account first. */
export function optOutsOfAll(
  { scope }: OpenedRecord,
  { subscriber }: ChannelRecord,
): { unitId: number | null; optOuts: OptOutSet }[] {
  const { portal, units } = subscriber.optOuts;
  return [
    ...(portal ? [{ unitId: null, optOuts: portal }] : []),
    ...Object.entries(units)
      .map(([id, optOuts]) => ({ unitId: Number(id), optOuts }))
      .filter(({ unitId }) => isInScope(scope, unitId)),
  ];
}

/** Looks up the people behind the events of a record. */
export async function doersOf(deps: Deps, { channels: known }: OpenedRecord): Promise<DoerOf> {
  return findActors(
    deps,
    known.flatMap(({ events }) => [...events.values()]),
  );
}
