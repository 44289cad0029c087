/** The audit log: every sign-in, refusal, change of settings, export and key; who, when, from where. Never altered, kept for good. */
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
  },
  { collection: 'audit_entries', versionKey: false },
);
schema.index({ at: 1, _id: 1 });
schema.index({ kind: 1, at: 1, _id: 1 });
schema.index({ by: 1, at: 1, _id: 1 });
schema.index({ unitId: 1, at: 1, _id: 1 });

export type AuditEntryModel = Model<AuditEntry>;

export function auditEntryModel(connection: Connection): AuditEntryModel {
  return connection.model<AuditEntry>('AuditEntry', schema);
}
