/** Subscribers: one document an address in one channel, holding the statuses and the events that made them. */
import { Schema } from 'mongoose';
import type { Connection, Model } from 'mongoose';
import type { RefusalCode } from '../vocabulary/refusal-codes.js';
import type { Channel, ConsentEvent, ConsentState, MachineMade } from '../vocabulary/terms.js';
import { markIndex } from './change.js';
import type { Mark } from './change.js';

/** What a contact's last save did, so that the page it leads to can say it and offer Undo. */
export interface LastSave {
  /** Random; anyone who knows it has seen the answer to this very save. */
  nonce: string;
  at: Date;
  /** `seq` of the last event of this save: a later act makes Undo void. */
  seq: number;
  /** Number of its first event, which names it for the Undo; absent in saves of older releases. */
  from?: number;
  /** True for buttons that act as they stand (stop, unsubscribe): their Undo asks for a tick. */
  isAsFound: boolean;
  /** What became of each thing. */
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
  /** `of` is the nonce of the save that was taken back. */
  | { what: 'UNDONE'; of?: string };

/** A subscriber as it lies in the database. */
export interface Subscriber extends ConsentState {
  /** Keyed hash of channel and normalised address (specification "One address, one document"). */
  _id: string;
  channel: Channel;
  /** Null after erasure; what was decided stands under `_id` all the same. */
  address: string | null;
  locale: string | null;
  /** Every write is conditional on it and raises it by one. */
  version: number;
  /** Sequence number of the newest event; 0 before the first. */
  seq: number;
  /** Hash of the newest event; empty before the first. */
  chainHead: string;
  /** Events not yet in the archive, oldest first. Never read for a page. */
  events: ConsentEvent[];
  eventCount: number;
  lastSave: LastSave | null;
  /** The contact that claims this address; no other can (architecture "Contacts"). */
  contactId: string | null;
  /** When it was claimed: a claim whose contact did not come of it may be taken over after a while. */
  claimedAt?: Date;
  /** Set with every write that adds events, until they are in the change feed; `from` is the number of the first that waits. */
  unpublished?: Mark & { from: number };
  /** Opt-outs that a machine made and that stand, for the list of them; absent or null where there are none. */
  machineMade?: MachineMade | null;
  /** Of another spelling of one address: the subscriber that its opt-outs went to. This document keeps its history and nothing else. */
  mergedInto?: string;
  /** Subscriber ids of other spellings of this address. */
  mergedFrom?: string[];
  createdAt: Date;
  updatedAt: Date;
}

/** Everything but the events: what rules, pages and eligibility read. */
export type SubscriberHead = Omit<Subscriber, 'events'>;

const schema = new Schema<Subscriber>(
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
    epoch: { type: Number, default: 0 },
    erasedAt: { type: Date, default: null },
    events: { type: [Schema.Types.Mixed], default: [] },
    eventCount: { type: Number, default: 0 },
    lastSave: { type: Schema.Types.Mixed, default: null },
    contactId: { type: String, default: null },
    claimedAt: Date,
    unpublished: Schema.Types.Mixed,
    machineMade: Schema.Types.Mixed,
    mergedInto: String,
    mergedFrom: { type: [String], default: undefined },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  } as never,
  { collection: 'subscribers', minimize: false, versionKey: false },
);
schema.index(...markIndex);
// It holds the few that staff look for, however many there are in all.
schema.index(
  { 'machineMade.of': 1, 'machineMade.at': -1, _id: -1 },
  { partialFilterExpression: { 'machineMade.of': { $exists: true } } },
);

export type SubscriberModel = Model<Subscriber>;

export function subscriberModel(connection: Connection): SubscriberModel {
  return connection.model<Subscriber>('Subscriber', schema);
}

/** A subscriber that nothing is known of yet: `NOT_SPECIFIED` for everything, no event. */
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
