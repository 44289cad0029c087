/** Scheduled sources: lists of other systems that are fetched again and again, and the state of their runs. */
import { Schema } from 'mongoose';
import type { Channel } from '../vocabulary/terms.js';

/** `APPEND`: opt-outs stay. `MIRROR`: an address that leaves the list loses the opt-out that this source made. */
export const sourceModes = ['APPEND', 'MIRROR'] as const;
export type SourceMode = (typeof sourceModes)[number];

export const sourceFormats = ['CSV', 'JSON', 'NDJSON', 'LISTMONK', 'MAUTIC'] as const;
export type SourceFormat = (typeof sourceFormats)[number];

export const credentialKinds = ['NONE', 'BASIC', 'BEARER', 'HEADER'] as const;
export type CredentialKind = (typeof credentialKinds)[number];

/** What identifies the content of a list: two validators of HTTP (RFC 9110, section 8.8), and SHA-256 of the addresses' bytes. */
export interface FetchedList {
  etag: string | null;
  lastModified: string | null;
  hash: string;
}

/** `HELD`: the list shrank by more than half, and waits for a person. */
export type RunOutcome = 'DONE' | 'UNCHANGED' | 'FAILED' | 'HELD';

export interface LastRun {
  at: Date;
  outcome: RunOutcome;
  /** Why it failed or is held. */
  sentence: string | null;
  importId: string | null;
}

export interface Source {
  _id: string;
  name: string;
  url: string;
  format: SourceFormat;
  /** For JSON: the names that lead to the array, with dots between them; empty if the array is the document. */
  path: string;
  /** The column, or the field of each entry; empty: the column that has addresses, or entries that are texts. */
  field: string;
  /** A header's name is public, and its value sealed. For `BASIC`, the secret is `name:password`. */
  credential: { kind: CredentialKind; header: string; secret: string | null };
  /** `at` is a time of day, `02:30`, in the account's zone; an hourly source uses its minutes. */
  schedule: { every: 'HOURLY' | 'DAILY'; at: string };
  unitId: number | null;
  channel: Channel;
  mode: SourceMode;
  nextAt: Date;
  /** The list that was imported last; null until then, and after a change of the source. */
  known: FetchedList | null;
  /** Addresses in the list that was imported last. */
  accepted: number;
  /** The import of the run under way. Only one runs at a time. */
  run: string | null;
  /** The imports whose parts hold the addresses that this source may have opted out. */
  lists: string[];
  /** The id under which the parts of the last whole list are kept. */
  listed?: string | null;
  failures: number;
  lastRun: LastRun | null;
  version: number;
  createdAt: Date;
  /** `user:<id>` */
  createdBy: string;
}

export const sourceSchema = new Schema<Source>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    url: { type: String, required: true },
    format: { type: String, required: true },
    path: { type: String, default: '' },
    field: { type: String, default: '' },
    credential: { type: Schema.Types.Mixed, required: true },
    schedule: { type: Schema.Types.Mixed, required: true },
    unitId: { type: Number, default: null },
    channel: { type: String, required: true },
    mode: { type: String, required: true },
    nextAt: { type: Date, required: true },
    known: { type: Schema.Types.Mixed, default: null },
    accepted: { type: Number, default: 0 },
    run: { type: String, default: null },
    lists: { type: [String], default: [] },
    listed: { type: String, default: null },
    failures: { type: Number, default: 0 },
    lastRun: { type: Schema.Types.Mixed, default: null },
    version: { type: Number, default: 1 },
    createdAt: { type: Date, required: true },
    createdBy: { type: String, required: true },
  },
  { collection: 'sources', minimize: false, versionKey: false },
);
sourceSchema.index({ nextAt: 1 });
