/** Subscribers: one document an address in one channel, holding the statuses and the events that made them. */
import { Schema, type Model } from 'mongoose';
import type { RefusalCode } from '../vocabulary/refusal-codes.js';
import type { Channel, ConsentEvent, ConsentState, MachineMade } from '../vocabulary/terms.js';
import { markIndex, type Mark } from './change.js';

/** A contact's last save, so that the page after it can describe it and offer Undo. */
export interface LastSave {
  /** Random. A client that knows it has seen the answer to this save. */
  nonce: string;
  at: Date;
  /** `seq` of the last event of this save. A later act disables Undo. */
  seq: number;
  /** Number of its first event, which names it for the Undo; absent in saves of older releases. */
  from?: number;
  /** True for buttons that act at once (stop, unsubscribe): their Undo requires a tick. */
  isAsFound: boolean;
  /** The outcome of each wish. */
  changes: SaveChange[];
}

export type SaveChange =
  | {
      what: 'TYPE';
      typeId: number;
      outcome: 'ON' | 'OFF' | 'PENDING' | 'REFUSED';
      /** Why it was refused. */
      code?: RefusalCode;
    }
  | { what: 'PAUSE'; typeId: number; until: Date | null }
  | { what: 'ALL'; unitId: number | null }
  /** `of` is the nonce of the undone save. */
  | { what: 'UNDONE'; of?: string };

/** A subscriber as stored in the database. */
export interface Subscriber extends ConsentState {
  /** Keyed hash of channel and normalised address (specification "One address, one document"). */
  _id: string;
  channel: Channel;
  /** Null after erasure. Statuses and opt-outs stay under `_id`. */
  address: string | null;
  locale: string | null;
  /** Every write is conditional on it and raises it by one. */
  version: number;
  /** Sequence number of the newest event; 0 before the first. */
  seq: number;
  /** Hash of the newest event; empty before the first. */
  chainHead: string;
  /** Events not yet in the archive, oldest first. Pages never read it. */
  events: ConsentEvent[];
  eventCount: number;
  lastSave: LastSave | null;
  /** The contact that claims this address; only one can (architecture "Contacts"). */
  contactId: string | null;
  /** The time of the claim. If the contact was not completed, the claim may be taken over after a while. */
  claimedAt?: Date;
  /**
   * Its contact is a non-marketing contact, or was one. It is set before such a contact lists the address, and before a contact that lists it becomes
   * one, and it is never removed. Without it, the contact is a marketing contact, and eligibility does not read it (decision 0877).
   */
  mayBeNonMarketing?: true;
  /** Set with every write that adds events, until they are in the change feed. `from` is the number of the first unpublished event. */
  unpublished?: Mark & { from: number };
  /** Automated opt-outs that are in effect, for their list; absent or null if there are none. */
  machineMade?: MachineMade | null;
  /** For another spelling of an address: the subscriber that it was merged into. This document keeps only its history. */
  mergedInto?: string;
  /** Subscriber ids of other spellings of this address. */
  mergedFrom?: string[];
  createdAt: Date;
  updatedAt: Date;
}

/** Everything except the events: the fields that rules, pages and eligibility read. */
export type SubscriberHead = Omit<Subscriber, 'events'>;

export const subscriberSchema = new Schema<Subscriber>(
  {
    _id: { type: String, required: true },
    channel: { type: String, required: true },
    address: { type: String, default: null },
    locale: { type: String, default: null },
    version: { type: Number, required: true },
    seq: { type: Number, required: true },
    chainHead: { type: String, default: '' },
    subscriptions: { type: Schema.Types.Mixed, default: {} },
    optOuts: { type: Schema.Types.Mixed, default: { portal: null, units: {}, types: {} } },
    snoozes: { type: Schema.Types.Mixed, default: {} },
    pending: { type: [Schema.Types.Mixed], default: [] },
    undeliverable: { type: Schema.Types.Mixed, default: null },
    undoable: { type: Schema.Types.Mixed, default: null },
    endedOptOuts: Schema.Types.Mixed,
    epoch: { type: Number, default: 0 },
    erasedAt: { type: Date, default: null },
    events: { type: [Schema.Types.Mixed], default: [] },
    eventCount: { type: Number, default: 0 },
    lastSave: { type: Schema.Types.Mixed, default: null },
    contactId: { type: String, default: null },
    claimedAt: Date,
    mayBeNonMarketing: { type: Boolean, default: undefined },
    unpublished: Schema.Types.Mixed,
    machineMade: Schema.Types.Mixed,
    mergedInto: String,
    mergedFrom: { type: [String], default: undefined },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  } as never,
  { collection: 'subscribers', minimize: false, versionKey: false },
);
subscriberSchema.index(...markIndex);
// Sparse, so it stays small however many subscribers there are.
subscriberSchema.index(
  { 'machineMade.of': 1, 'machineMade.at': -1, _id: -1 },
  { partialFilterExpression: { 'machineMade.of': { $exists: true } } },
);

export type SubscriberModel = Model<Subscriber>;

/** A subscriber about which nothing is known yet: `NOT_SPECIFIED` for everything, no event. */
export function newSubscriber(id: string, channel: Channel, address: string | null, now: Date): Subscriber {
  return {
    _id: id,
    channel,
    address,
    locale: null,
    version: 0,
    seq: 0,
    chainHead: '',
    subscriptions: {},
    optOuts: { portal: null, units: {}, types: {} },
    snoozes: {},
    pending: [],
    undeliverable: null,
    undoable: null,
    epoch: 0,
    erasedAt: null,
    events: [],
    eventCount: 0,
    lastSave: null,
    contactId: null,
    createdAt: now,
    updatedAt: now,
  };
}
