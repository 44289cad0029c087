/** The audit log: sign-ins, refusals, changes, exports and keys, with who, when and from where. Entries are never deleted. Only the count of a refusal changes. */
import { Schema } from 'mongoose';

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
  'WORKFLOW_CHANGED',
  'UNIT_CHANGED',
  'TYPE_CHANGED',
  'VIEW_CHANGED',
  'LIST_CHANGED',
  'CONTACT_CREATED',
  'CONTACT_CHANGED',
  'CONTACT_DELETED',
  'PERSON_ERASED',
  'OVERRIDE_MADE',
  'LINK_COPIED',
  'LINK_SENT',
  'LINKS_REVOKED',
  'EXPORTED',
  'IMPORT_CHANGED',
  'JOB_STARTED',
  'JOB_CHANGED',
  'TEST_MAIL_SENT',
] as const;
export type AuditKind = (typeof auditKinds)[number];

/** Kinds of refused acts. Anyone can cause them, so they are counted. */
export const refusalKinds: readonly AuditKind[] = ['SIGN_IN_REFUSED', 'ACCESS_REFUSED'];

export interface AuditEntry {
  _id: string;
  at: Date;
  kind: AuditKind;
  /** `user:<id>`, `cli`, or null if nobody had signed in. */
  by: string | null;
  /** Object of the act: `contact:<id>`, `user:<id>`, `unit:<id>`, `job:<id>`…; never an address of a contact. */
  about: string | null;
  /** Business unit of the act; null for the account. Users who are limited to units see only entries of their units. */
  unitId: number | null;
  /** Network of the request (IPv6 as a /64). */
  from: string | null;
  /** A few words: which setting, which refusal. */
  detail: string;
  /** Refusals only: identifies the refusal and the hour, so that a repeat raises the count. */
  tally?: string;
  /** Refusals only: the count, the time of the last one (`at` is the first), and up to twenty networks. */
  count?: number;
  lastAt?: Date;
  networks?: string[];
}

export const auditEntrySchema = new Schema<AuditEntry>(
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
auditEntrySchema.index({ at: 1, _id: 1 });
auditEntrySchema.index({ kind: 1, at: 1, _id: 1 });
auditEntrySchema.index({ by: 1, at: 1, _id: 1 });
auditEntrySchema.index({ unitId: 1, at: 1, _id: 1 });
// Of concurrent refusals one creates the entry, and the others raise the count.
auditEntrySchema.index({ tally: 1 }, { unique: true, partialFilterExpression: { tally: { $exists: true } } });
