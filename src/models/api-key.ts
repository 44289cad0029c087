/** API keys: scopes, business units and last use. The key itself is shown once and never stored. */
import { Schema } from 'mongoose';

/** Scopes of HubSpot's API, by HubSpot's names. */
export const hubspotScopes = [
  'communication_preferences.read',
  'communication_preferences.write',
  'communication_preferences.read_write',
  'communication_preferences.statuses.batch.read',
  'communication_preferences.statuses.batch.write',
  'business_units_view.read',
  'crm.objects.contacts.read',
  'crm.objects.contacts.write',
] as const;

/** All scopes. */
export const apiScopes = [
  'links',
  'eligibility',
  'statuses.read',
  'statuses.write',
  'contacts.read',
  'contacts.write',
  'changes.read',
  'webhooks',
  'settings.write',
  'bounces.write',
  'exports',
  ...hubspotScopes,
] as const;
export type ApiScope = (typeof apiScopes)[number];

/** Scopes that a scope includes. A key for Sayso's own calls also opens HubSpot's calls of the same kind. */
const included: Readonly<Partial<Record<ApiScope, readonly ApiScope[]>>> = {
  'communication_preferences.read_write': [
    'communication_preferences.read',
    'communication_preferences.write',
  ],
  'statuses.read': [
    'communication_preferences.read',
    'communication_preferences.statuses.batch.read',
    'business_units_view.read',
  ],
  'statuses.write': ['communication_preferences.write', 'communication_preferences.statuses.batch.write'],
  'contacts.read': ['crm.objects.contacts.read'],
  'contacts.write': ['crm.objects.contacts.write'],
};

/** True if one of a key's scopes is the needed one, or includes it. */
export function isGranted(scopes: readonly ApiScope[], needed: ApiScope): boolean {
  return scopes.some((scope) => scope === needed || included[scope]?.includes(needed));
}

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
  /** `user:<id>`, or `cli` for the command line. */
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
