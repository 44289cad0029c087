/** API keys: creation, recognition and revocation. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { DomainError } from '../../errors.js';
import type { ApiKey, ApiScope } from '../../models/api-key.js';
import type { Models } from '../../models/index.js';
import { isWithin, type Scope } from '../../vocabulary/scope.js';
import { reading } from '../consent/durability.js';

export interface ApiKeyDeps {
  models: Pick<Models, 'apiKeys'>;
  clock: () => Date;
}

/** The key that calls the API, with its rights. */
export interface ApiCaller {
  id: string;
  /** `key:<id>`, its reference in events and audit entries. */
  ref: string;
  name: string;
  scopes: readonly ApiScope[];
  /** Business units that it reaches. For this caller, others do not exist. */
  scope: Scope;
  createdAt: Date;
  expiresAt: Date | null;
}

export interface NewApiKey {
  name: string;
  scopes: readonly ApiScope[];
  scope: Scope;
  expiresAt: Date | null;
  /** `user:<id>`, or `cli` for the command line. */
  by: string;
}

export const longestKeyName = 80;

/** Meaning of each scope, as pages show it. */
export const scopeMeanings: Readonly<Record<ApiScope, string>> = {
  links: 'Mint links, headers and footers',
  eligibility: 'Ask whether an address may be mailed',
  'statuses.read': 'Read subscription types and statuses',
  'statuses.write': 'Opt in and out',
  'contacts.read': 'Read contacts',
  'contacts.write': 'Create and change contacts',
  'changes.read': 'Follow every change of consent',
  webhooks: 'Set up webhooks, and read what they send',
  'settings.write': 'Change the account, business units, subscription types, properties and workflows',
  'bounces.write': 'Report bounces and complaints',
  exports: 'Export addresses, contacts and the history',
  'communication_preferences.read': 'HubSpot: read subscription types and statuses',
  'communication_preferences.write': 'HubSpot: opt in and out',
  'communication_preferences.read_write': 'HubSpot: both of these',
  'communication_preferences.statuses.batch.read': 'HubSpot: read statuses of many addresses',
  'communication_preferences.statuses.batch.write': 'HubSpot: opt many addresses in and out',
  'business_units_view.read': 'HubSpot: read business units',
  'crm.objects.contacts.read': 'HubSpot: read contacts',
  'crm.objects.contacts.write': 'HubSpot: create, change, delete and erase contacts',
};

/** Lets people and secret scanners recognise a leaked key. */
const prefix = 'sayso_';
const shape = /^sayso_[\w-]{43}$/;
const idLength = 22;

/**
 * Creates a key.
 * @returns its record, and the key itself, which is not stored and cannot be shown again
 */
export async function createApiKey(
  { models, clock }: ApiKeyDeps,
  wanted: NewApiKey,
): Promise<{ record: ApiKey; key: string }> {
  const key = prefix + randomBytes(32).toString('base64url');
  const record: ApiKey = {
    ...namesOf(key),
    name: wanted.name,
    scopes: [...wanted.scopes],
    unitIds: wanted.scope === null ? null : [...wanted.scope],
    createdAt: clock(),
    createdBy: wanted.by,
    lastUsedAt: null,
    expiresAt: wanted.expiresAt,
    revokedAt: null,
  };
  await models.apiKeys.create(record);
  return { record, key };
}

/** Keys whose business units all lie within the scope, newest first. */
export async function apiKeysWithin({ models }: ApiKeyDeps, scope: Scope): Promise<ApiKey[]> {
  const keys = await models.apiKeys.find().sort({ createdAt: -1 }).lean<ApiKey[]>();
  return keys.filter(({ unitIds }) => isWithin(unitIds, scope));
}

/** @throws DomainError `NOT_FOUND` if there is no such key, or it reaches units outside the scope */
export async function revokeApiKey(deps: ApiKeyDeps, id: string, scope: Scope): Promise<ApiKey> {
  const key = await deps.models.apiKeys.findById(id).lean<ApiKey>();
  if (!key || !isWithin(key.unitIds, scope)) throw new DomainError('NOT_FOUND');
  await deps.models.apiKeys.updateOne({ _id: id, revokedAt: null }, { $set: { revokedAt: deps.clock() } });
  return key;
}

/** What the audit log says of a key. The entry for a key of one unit is visible to readers of that unit. */
export function toldOfKey(key: ApiKey): { about: string; unitId: number | null; detail: string } {
  const [only, ...others] = key.unitIds ?? [];
  return {
    about: `key:${key._id}`,
    unitId: others.length === 0 ? (only ?? null) : null,
    detail: `${key.name}: ${key.scopes.join(', ')}`,
  };
}

export function isAlive({ revokedAt, expiresAt }: ApiKey, now: Date): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > now);
}

/**
 * Finds the caller of a request.
 * @param authorization value of the `Authorization` header
 * @throws DomainError `INVALID_AUTHENTICATION` for a missing, unknown, revoked or expired key; its cause tells only the holder of a known key why
 */
export async function whoseKey(deps: ApiKeyDeps, authorization: string | undefined): Promise<ApiCaller> {
  // RFC 9110, section 11.1: the scheme name is case-insensitive.
  const key = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
  if (!shape.test(key)) throw new DomainError('INVALID_AUTHENTICATION');
  const { _id, hash } = namesOf(key);
  const record = await reading(() => deps.models.apiKeys.findById(_id).lean<ApiKey>());
  if (!record || !isSame(record.hash, hash)) throw new DomainError('INVALID_AUTHENTICATION');
  if (!isAlive(record, deps.clock()))
    throw new DomainError('INVALID_AUTHENTICATION', undefined, {
      cause: record.revokedAt ? 'REVOKED' : 'EXPIRED',
    });
  const { name, scopes, unitIds, createdAt, expiresAt } = record;
  return { id: _id, ref: `key:${_id}`, name, scopes, scope: unitIds, createdAt, expiresAt };
}

/** The stored time of the last use may be older than the true one by so many milliseconds. */
export const useNotedEveryMs = 5 * 60_000;

/** Stores the time of the last use, at most once in five minutes. The write is not journaled: a later call stores a time that was lost. */
export async function noteUse({ models, clock }: ApiKeyDeps, id: string): Promise<void> {
  const now = clock();
  const before = new Date(now.getTime() - useNotedEveryMs);
  await models.apiKeys.collection.updateOne(
    { _id: id as never, $or: [{ lastUsedAt: null }, { lastUsedAt: { $lt: before } }] },
    { $set: { lastUsedAt: now } },
    { writeConcern: { w: 1, journal: false } },
  );
}

function namesOf(key: string): Pick<ApiKey, '_id' | 'hash'> {
  const hash = createHash('sha256').update(key).digest('base64url');
  return { _id: hash.slice(0, idLength), hash };
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
