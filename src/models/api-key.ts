/** API keys: scopes, business units and last use. The key itself is shown once and never stored. */
import { Schema } from 'mongoose';

/** All scopes. */
export const apiScopes = [
  'links',
  'eligibility',
  'statuses.read',
  'statuses.write',
  'contacts.read',
  'contacts.write',
  'changes.read',
  'bounces.write',
  'exports',
] as const;
export type ApiScope = (typeof apiScopes)[number];

export interface ApiKey {
  /** First characters of the hash, so that a key is found by its `_id`. */
  _id: string;
  /** SHA-256 of the key, base64url. 256 random bits need no slow hash. */
  hash: string;
  name: string;
  scopes: ApiScope[];
  /** Null: all business units. */
  unitIds: number[] | null;
  createdAt: Date;
  /** `user:<id>` */
  createdBy: string;
  /** Accurate to a minute. */
  lastUsedAt: Date | null;
  expiresAt: Date | null;
  revokedAt: Date | null;
}

export const apiKeySchema = new Schema<ApiKey>(
  {
    _id: { type: String, required: true },
    hash: { type: String, required: true },
    name: { type: String, required: true },
    scopes: { type: [String], required: true },
    unitIds: { type: [Number], default: null },
    createdAt: { type: Date, required: true },
    createdBy: { type: String, required: true },
    lastUsedAt: { type: Date, default: null },
    expiresAt: { type: Date, default: null },
    revokedAt: { type: Date, default: null },
  },
  { collection: 'api_keys', versionKey: false },
);
