/** The audit log: every sign-in, refusal, change of settings, export and key; who, when, from where. Kept for good, and never altered but for the count of a repeated refusal. */
import { Schema } from 'mongoose';
import type { Connection, Model } from 'mongoose';

export const auditKinds = [
  'SIGNED_IN',
  'SIGN_IN_REFUSED',
  'SIGNED_OUT',
  'SESSION_ENDED',
  'ACCESS_REFUSED',
  'USER_CREATED',
  'USER_CHANGED',
  'PASSWORD_CHANGED',
  'SECOND_FACTOR_CHANGED',
  'PASSKEY_CHANGED',
  'KEY_CREATED',
  'KEY_REVOKED',
  'SETTINGS_CHANGED',
  'UNIT_CHANGED',
  'TYPE_CHANGED',
  'VIEW_CHANGED',
  'CONTACT_CREATED',
  'CONTACT_CHANGED',
  'CONTACT_DELETED',
  'PERSON_ERASED',
  'OVERRIDE_MADE',
  'LINK_COPIED',
  'LINK_SENT',
  'LINKS_REVOKED',
  'EXPORTED',
  'JOB_STARTED',
  'JOB_CHANGED',
  'TEST_MAIL_SENT',
] as const;
export type AuditKind = (typeof auditKinds)[number];

/** Kinds that tell of something that was not done. Anybody can cause them, so they are counted. */
export const refusalKinds: readonly AuditKind[] = ['SIGN_IN_REFUSED', 'ACCESS_REFUSED'];

export interface AuditEntry {
  _id: string;
  at: Date;
  kind: AuditKind;
  /** `user:<id>`, `cli`, or null where nobody had signed in. */
  by: string | null;
  /** What it was done to: `contact:<id>`, `user:<id>`, `unit:<id>`, `job:<id>`…; never an address of a contact. */
  about: string | null;
  /** Unit that it concerns; null for the account. Whoever is limited to units sees those of its own alone. */
  unitId: number | null;
  /** Network of the request (an IPv6 network as a /64). */
  from: string | null;
  /** A few words: which setting, which refusal. */
  detail: string;
  /** Of a refusal: names the kind of refusal and the hour, so that a repeat is counted here and makes no entry of its own. */
  tally?: string;
  /** How often, the time of the last (the first is `at`), and up to twenty of the networks. Absent in entries that are not counted. */
  count?: number;
  lastAt?: Date;
  networks?: string[];
}

const schema = new Schema<AuditEntry>(
  {
    _id: { type: String, required: true },
    at: { type: Date, required: true },
    kind: { type: String, required: true },
    by: { type: String, default: null },
    about: { type: String, default: null },
    unitId: { type: Number, default: null },
    from: { type: String, default: null },
    detail: { type: String, default: '' },
    tally: String,
    count: Number,
    lastAt: Date,
    networks: { type: [String], default: undefined },
  },
  { collection: 'audit_entries', versionKey: false },
);
schema.index({ at: 1, _id: 1 });
schema.index({ kind: 1, at: 1, _id: 1 });
schema.index({ by: 1, at: 1, _id: 1 });
schema.index({ unitId: 1, at: 1, _id: 1 });
// Of refusals that come at the same moment one makes the entry, and the others count.
schema.index({ tally: 1 }, { unique: true, partialFilterExpression: { tally: { $exists: true } } });

export type AuditEntryModel = Model<AuditEntry>;

export function auditEntryModel(connection: Connection): AuditEntryModel {
  return connection.model<AuditEntry>('AuditEntry', schema);
}
