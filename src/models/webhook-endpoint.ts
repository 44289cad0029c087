/** Endpoints: where webhooks go, which events they get, and how they have answered. */
import { Schema } from 'mongoose';
import type { EventType } from '../vocabulary/event-types.js';

/** `GONE`: the receiver answered 410. Nothing is sent in the last two states; the events wait in the feed. */
export const endpointStates = ['ACTIVE', 'PAUSED', 'GONE'] as const;
export type EndpointState = (typeof endpointStates)[number];

export interface WebhookEndpoint {
  _id: string;
  name: string;
  url: string;
  /** Empty: all. */
  eventTypes: EventType[];
  /** Null: all business units. */
  unitIds: number[] | null;
  /** Subscription types. Empty: all. */
  typeIds: number[];
  /** Sealed, newest first. An old one signs too until it ends. `callId` names the call of the API that made it. */
  secrets: { sealed: string; endsAt: Date | null; callId?: string }[];
  state: EndpointState;
  /** Since when deliveries have been given up, without a success in between. */
  failingSince: Date | null;
  /** By the process's clock: nothing is sent before, since the receiver asked us to wait. */
  restUntil: Date | null;
  /** Raised by each replay, which reads the feed with new cursors. */
  replays: number;
  /** The last replay: what happened from this time on, and before it only what was not read yet. `seen` has the last number read, by bucket; `callId` names the call of the API. */
  replay: { from: Date; seen: number[]; callId?: string } | null;
  lastSuccessAt: Date | null;
  /** What staff have yet to be told by mail, and when the next attempt is due. */
  alert: { what: 'FAILING' | 'GONE'; dueAt: Date } | null;
  version: number;
  createdAt: Date;
  /** `user:<id>` or `key:<id>`. */
  createdBy: string;
}

const text = { type: String, required: true } as const;
export const webhookEndpointSchema = new Schema<WebhookEndpoint>(
  {
    ...{ _id: text, name: text, url: text },
    eventTypes: { type: [String], default: [] } as never,
    unitIds: { type: [Number], default: null },
    typeIds: { type: [Number], default: [] },
    secrets: { type: [Schema.Types.Mixed], required: true } as never,
    state: text as never,
    failingSince: { type: Date, default: null },
    restUntil: { type: Date, default: null },
    replays: { type: Number, default: 0 },
    replay: { type: Schema.Types.Mixed, default: null },
    lastSuccessAt: { type: Date, default: null },
    alert: { type: Schema.Types.Mixed, default: null },
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    createdBy: text,
  },
  { collection: 'webhook_endpoints', versionKey: false },
);
