/** The contact's record as staff read it: each channel, each type with who decided and why, and what may be done about it. */
import type { RefusalCode } from '../../errors.js';
import { confirmLifetimeHours } from '../../tokens/kinds.js';
import type { Contact } from '../../models/contact.js';
import type { Models } from '../../models/index.js';
import type { Subscriber, SubscriberHead } from '../../models/subscriber.js';
import { isInScope } from '../../scope.js';
import type { Scope } from '../../scope.js';
import { livePending } from '../consent/apply.js';
import { reading } from '../consent/durability.js';
import { effectiveStatus, standingOptOuts } from '../consent/effective.js';
import type { EffectiveStatus } from '../consent/effective.js';
import { findEvents } from '../consent/find-events.js';
import type { FoundEvents } from '../consent/find-events.js';
import { machineOptOutsOf } from '../consent/machine-opt-outs.js';
import type { MachineOptOut } from '../consent/machine-opt-outs.js';
import { decide } from '../consent/rules.js';
import { channels } from '../consent/terms.js';
import type {
  Catalogue,
  Channel,
  ConsentEvent,
  PendingWish,
  Standing,
  SubscriptionType,
  Wish,
} from '../consent/terms.js';
import { findListedSubscribers } from './listed.js';
import { isWithinReach } from './reach.js';
import { getContact, isWhollyInScope } from './read.js';

export interface RecordDeps {
  models: Pick<Models, 'contacts' | 'subscribers' | 'archivedEvents'>;
  catalogue: () => Promise<Catalogue>;
  clock: () => Date;
}

/** Something that staff may ask for: with basis and explanation it is done, or it is refused for a reason that can be said beforehand. */
export interface PossibleAct {
  kind:
    | 'SUBSCRIBE'
    | 'RESUBSCRIBE'
    | 'UNSUBSCRIBE'
    | 'SET_NOT_SPECIFIED'
    | 'OPT_OUT_OF_ALL'
    | 'LIFT_OPT_OUT_OF_ALL';
  wish: Wish;
  /** `NOT_PERMITTED`: it would reach into units that the user does not. */
  refusal: RefusalCode | 'NOT_PERMITTED' | null;
}

/** Somebody's decision, with the event that made it where that can be found. */
export interface Decision {
  standing: Standing;
  event: ConsentEvent | null;
}

export interface TypeRecord {
  type: SubscriptionType;
  status: EffectiveStatus['status'];
  level: EffectiveStatus['level'];
  /** Who decided, when and why; null where nothing was ever specified. */
  decision: Decision | null;
  /** Every opt-out that stands over or on it, from the widest level in. */
  optOuts: Standing[];
  snooze: { at: Date; until: Date } | null;
  pending: PendingWish | null;
  acts: PossibleAct[];
}

/** An opt-out of all, or that there is none, for one unit; `unitId` null is portal-wide. */
export interface OutOfAllRecord {
  unitId: number | null;
  decision: Decision | null;
  act: PossibleAct;
}

export interface ChannelRecord {
  channel: Channel;
  subscriber: SubscriberHead;
  /** True where any opt-out of all that the scope may know of stands: "Unsubscribed from all email". */
  isOutOfAll: boolean;
  outOfAll: OutOfAllRecord[];
  types: TypeRecord[];
  machineMade: (MachineOptOut & { event: ConsentEvent | null })[];
}

export interface ContactRecord {
  /** With the units of the scope alone. */
  contact: Contact;
  /** True where deleting or erasing it touches no unit outside the scope. */
  isWhollyInScope: boolean;
  channels: ChannelRecord[];
}

/**
 * Reads a record: the contact, its addresses by their ids, and those of the events it names that have gone to the archive. However long the
 * history is, it reads no more.
 * @throws DomainError `NOT_FOUND` where there is no such contact in the scope
 */
export async function readContactRecord(
  deps: RecordDeps,
  { scope, contactId }: { scope: Scope; contactId: string },
): Promise<ContactRecord> {
  const catalogue = await reading(() => deps.catalogue());
  const contact = await getContact(deps, { scope, contactId });
  const found = await findListedSubscribers(deps, contact);
  const eventOf = await findEvents(
    deps.models,
    found.map((subscriber) => ({ subscriber, seqs: seqsOf(subscriber, { scope, catalogue }) })),
  );
  const reader: Reader = { scope, catalogue, now: deps.clock(), eventOf };
  return {
    contact: { ...contact, unitIds: contact.unitIds.filter((id) => isInScope(scope, id)) },
    isWhollyInScope: isWhollyInScope(scope, contact),
    channels: channels.flatMap((channel) => {
      const subscriber = found.find((one) => one.channel === channel);
      return subscriber ? [channelRecord(subscriber, reader)] : [];
    }),
  };
}

interface Reader {
  scope: Scope;
  catalogue: Catalogue;
  now: Date;
  eventOf: FoundEvents;
}

type Reach = Pick<Reader, 'scope' | 'catalogue'>;

function typesOf({ channel }: SubscriberHead, { scope, catalogue }: Reach): SubscriptionType[] {
  return catalogue.orderedTypes.filter(
    (type) => type.channel === channel && isInScope(scope, type.unitId) && (type.isActive || scope === null),
  );
}

function unitsOf({ scope, catalogue }: Reach): number[] {
  return [...catalogue.units.keys()].filter((id) => isInScope(scope, id));
}

/** Numbers of all the events that the record names. */
function seqsOf(subscriber: Subscriber, reach: Reach): number[] {
  const { portal, units } = subscriber.optOuts;
  const standings = [
    portal,
    ...unitsOf(reach).map((id) => units[id]),
    ...typesOf(subscriber, reach).map(({ id }) => subscriber.statuses[id]),
  ];
  return standings.flatMap((standing) => standing?.seq ?? []);
}

function channelRecord(subscriber: Subscriber, reader: Reader): ChannelRecord {
  const { events: _, ...head } = subscriber;
  const { portal, units } = head.optOuts;
  const unitIds = unitsOf(reader);
  const wide: [number | null, Standing | null][] = [
    [null, portal],
    ...unitIds.map((id): [number, Standing | null] => [id, units[id] ?? null]),
  ];
  return {
    channel: head.channel,
    subscriber: head,
    isOutOfAll: wide.some(([, standing]) => standing !== null),
    outOfAll: wide.map(([unitId, standing]) => ({
      unitId,
      decision: standing && decisionOf(standing, head, reader),
      act: standing
        ? possible('LIFT_OPT_OUT_OF_ALL', { kind: 'LIFT_OPT_OUT_OF_ALL', unitId }, head, reader)
        : possible('OPT_OUT_OF_ALL', { kind: 'OPT_OUT_OF_ALL', unitId }, head, reader),
    })),
    types: typesOf(head, reader)
      .filter((type) => type.isActive || head.statuses[type.id])
      .map((type) => typeRecord(type, head, reader)),
    machineMade: machineOptOutsOf(head, reader.catalogue)
      .filter(({ unitId }) => unitId === null || isInScope(reader.scope, unitId))
      .map((one) => ({ ...one, event: reader.eventOf(head._id, one.standing.seq) ?? null })),
  };
}

function typeRecord(type: SubscriptionType, head: SubscriberHead, reader: Reader): TypeRecord {
  const { status, level, standing } = effectiveStatus(head, type);
  const snooze = head.snoozes[type.id];
  const pending = livePending(head.pending, reader.now).find(
    (wish) => !wish.confirmedAt && wish.typeIds.includes(type.id),
  );
  const typeId = type.id;
  const optIn = status === 'UNSUBSCRIBED' ? 'RESUBSCRIBE' : 'SUBSCRIBE';
  return {
    type,
    status,
    level,
    decision: standing ? decisionOf(standing, head, reader) : null,
    optOuts: standingOptOuts(head, type),
    snooze: snooze && snooze.until > reader.now ? snooze : null,
    pending: pending ?? null,
    acts: [
      ...(status === 'SUBSCRIBED' ? [] : [possible(optIn, { kind: 'OPT_IN', typeId }, head, reader)]),
      ...(status === 'UNSUBSCRIBED'
        ? []
        : [possible('UNSUBSCRIBE', { kind: 'OPT_OUT', typeId }, head, reader)]),
      ...(head.statuses[type.id] && head.statuses[type.id]?.status !== 'NOT_SPECIFIED'
        ? [possible('SET_NOT_SPECIFIED', { kind: 'SET_NOT_SPECIFIED', typeId }, head, reader)]
        : []),
    ],
  };
}

function decisionOf(standing: Standing, { _id }: SubscriberHead, { eventOf }: Reader): Decision {
  return { standing, event: eventOf(_id, standing.seq) ?? null };
}

/** Asks the rules themselves what would come of it, with all that a dialog asks for given. */
function possible(
  kind: PossibleAct['kind'],
  wish: Wish,
  head: SubscriberHead,
  { scope, catalogue, now }: Reader,
): PossibleAct {
  if (!isWithinReach(wish, { scope, state: head, catalogue }))
    return { kind, wish, refusal: 'NOT_PERMITTED' };
  const verdict = decide(
    head,
    wish,
    { kind: 'STAFF', isBulk: false, ref: '' },
    {
      catalogue,
      channel: head.channel,
      now,
      circumstances: { legalBasis: 'CONSENT_WITH_NOTICE', explanation: 'given' },
      hasAddress: head.address !== null,
      newPendingId: () => '',
      pendingLifetimeMs: confirmLifetimeHours * 3_600_000,
    },
  );
  return { kind, wish, refusal: verdict.kind === 'REFUSED' ? verdict.code : null };
}
