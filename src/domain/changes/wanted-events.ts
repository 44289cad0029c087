/** Which entries of the change feed a reader gets: those of its business units, and of them those that it asks for. */
import type { Change, SubjectChange } from '../../models/change.js';
import { findContactsById } from '../../models/contact.js';
import type { Models } from '../../models/index.js';
import { isAnyInScope, type Scope } from '../../vocabulary/scope.js';
import type { EventType } from '../../vocabulary/event-types.js';
import { reading } from '../consent/durability.js';
import { eventTypeOf } from './public-event.js';

export interface EventFilter {
  /** Business units of the reader. Events of the whole account concern every unit. */
  scope: Scope;
  /** Empty: all types of events. */
  eventTypes: readonly EventType[];
  /** Subscription types. Empty: all. Events without a subscription type concern every type. */
  typeIds: readonly number[];
}

/** Keeps the entries that the reader gets, in their order. Reasons for unsubscribing are about nobody, and are only counted. A limited reader costs one read, for the units of contacts. */
export async function chooseEntries(
  models: Pick<Models, 'contacts'>,
  entries: readonly Change[],
  { scope, eventTypes, typeIds }: EventFilter,
): Promise<SubjectChange[]> {
  const asked = entries.filter(
    (entry): entry is SubjectChange =>
      entry.kind !== 'REASON' &&
      (eventTypes.length === 0 || eventTypes.includes(eventTypeOf(entry))) &&
      (typeIds.length === 0 || concernsTypes(entry, typeIds)),
  );
  if (scope === null) return asked;
  const unitsOf = await unitsOfContacts(models, asked);
  return asked.filter((entry) => {
    return entry.kind === 'CONTACT' ? isAnyInScope(scope, unitsOf(entry)) : isConsentWithin(entry, scope);
  });
}

/** True for an event of these business units, or of the whole account. Events of contacts hold no address, so they are not asked. */
export function isConsentWithin({ kind, event }: SubjectChange, scope: Scope): boolean {
  const unitId = kind === 'CONSENT' ? event.change.unitId : null;
  return scope === null || unitId === null || scope.includes(unitId);
}

function concernsTypes(entry: SubjectChange, typeIds: readonly number[]): boolean {
  if (entry.kind === 'CONTACT') return true;
  const { change } = entry.event;
  if (change.op === 'PENDING') return change.typeIds.some((id) => typeIds.includes(id));
  return change.typeId === null || typeIds.includes(change.typeId);
}

/** The units that contacts belong to now. A deleted contact's last units are in its last entry. */
async function unitsOfContacts(models: Pick<Models, 'contacts'>, entries: readonly SubjectChange[]) {
  const ids = new Set(entries.flatMap((one) => (one.kind === 'CONTACT' && one.contactId) || []));
  const found = ids.size === 0 ? [] : await reading(() => findContactsById(models.contacts, [...ids]));
  const units = new Map(found.map(({ _id, unitIds }) => [_id, unitIds]));
  return ({ contactId, event }: Extract<SubjectChange, { kind: 'CONTACT' }>): readonly number[] =>
    event.unitIds ?? units.get(contactId ?? '') ?? [];
}
