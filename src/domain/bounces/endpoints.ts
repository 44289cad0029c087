/** Endpoints that receive reports: creation, settings, opening by their secret, and counts. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Config } from '../../config.js';
import { DomainError } from '../../errors.js';
import type { CountedReport } from '../../vocabulary/bounces.js';
import { isInScope, type Scope } from '../../vocabulary/scope.js';
import { isDuplicateKey } from '../../models/database-fault.js';
import type { Models } from '../../models/index.js';
import type { ReportEndpoint } from '../../models/report-endpoint.js';
import { reading, writing } from '../consent/durability.js';
import { derivedKey, seal, unseal } from '../staff/secrets.js';
import { newId } from '../../new-id.js';

export interface EndpointDeps {
  models: Pick<Models, 'reportEndpoints'>;
  config: Pick<Config, 'subscriberIdKey'>;
  clock: () => Date;
}

/** An endpoint with its secrets in clear. */
export interface OpenedEndpoint {
  id: string;
  provider: string;
  unitId: number | null;
  secret: string;
  key: string | null;
  topics: readonly string[];
}

export async function createEndpoint(
  deps: EndpointDeps,
  { provider, unitId, by }: { provider: string; unitId: number; by: string },
): Promise<string> {
  const id = newId();
  await writing(() =>
    deps.models.reportEndpoints.create({
      ...emptyEndpoint(id, provider, deps.clock()),
      unitId,
      secret: sealed(deps, id, 'secret', randomBytes(24).toString('base64url')),
      createdBy: by,
    }),
  );
  return id;
}

/** @returns null if it does not exist within the scope */
export async function findEndpoint(
  deps: EndpointDeps,
  id: string,
  scope: Scope,
): Promise<{ stored: ReportEndpoint; opened: OpenedEndpoint } | null> {
  const stored = await reading(() => deps.models.reportEndpoints.findById(id).lean<ReportEndpoint>());
  if (!stored?.secret || !isInScope(scope, stored.unitId)) return null;
  const { provider, unitId, secret, key, topics } = stored;
  const open = (what: string, text: string) => unseal(keyOf(deps), `${id}:${what}`, text);
  const opened = {
    ...{ id, provider, unitId, topics },
    secret: open('secret', secret),
    key: key && open('key', key),
  };
  return { stored, opened };
}

/** Those within the scope, oldest first; to users who reach all units also the ones of mail and API, once they were used. */
export async function endpointsWithin({ models }: EndpointDeps, scope: Scope): Promise<ReportEndpoint[]> {
  const all = await reading(() =>
    models.reportEndpoints.find().sort({ createdAt: 1, _id: 1 }).lean<ReportEndpoint[]>(),
  );
  return all.filter(({ unitId }) => isInScope(scope, unitId));
}

/**
 * Opens the endpoint of a call.
 * @throws DomainError `INVALID_AUTHENTICATION`, the same for an unknown endpoint and a wrong secret
 */
export async function openEndpoint(
  deps: EndpointDeps,
  call: { provider: string; id: string; secret: string },
): Promise<OpenedEndpoint> {
  const found = await findEndpoint(deps, call.id, null);
  const isRight = isSame(found?.opened.secret ?? randomBytes(24).toString('base64url'), call.secret);
  if (!found || !isRight || found.opened.provider !== call.provider)
    throw new DomainError('INVALID_AUTHENTICATION', 'No endpoint has this URL.');
  return found.opened;
}

/** @param key undefined keeps the stored one */
export async function changeEndpoint(
  deps: EndpointDeps,
  { id, version }: { id: string; version: number },
  { key, topics }: { key?: string; topics: readonly string[] },
): Promise<'SAVED' | 'STALE'> {
  const set = { topics: [...topics], ...(key === undefined ? {} : { key: sealed(deps, id, 'key', key) }) };
  const result = await writing(() =>
    deps.models.reportEndpoints.updateOne({ _id: id, version }, { $set: set, $inc: { version: 1 } }),
  );
  return result.matchedCount === 1 ? 'SAVED' : 'STALE';
}

/** Calls of its URL are refused from then on. What it reported stays. */
export async function deleteEndpoint({ models }: EndpointDeps, id: string): Promise<void> {
  await writing(() => models.reportEndpoints.deleteOne({ _id: id }));
}

/** Adds to the counts. The endpoints of mail and API are created by their first report. */
export async function countReports(
  { models }: Pick<EndpointDeps, 'models'>,
  { id, provider }: Pick<OpenedEndpoint, 'id' | 'provider'>,
  counts: Partial<Record<CountedReport, number>>,
  at: Date,
): Promise<void> {
  const kinds = Object.entries(counts);
  if (kinds.length === 0) return;
  const $inc = Object.fromEntries(kinds.map(([kind, n]) => [`counts.${kind}`, n]));
  const isBuiltIn = id === provider;
  const { counts: _counts, lastEventAt: _at, _id, ...fields } = emptyEndpoint(id, provider, at);
  const count = () =>
    models.reportEndpoints.updateOne(
      { _id: id },
      { $inc, $max: { lastEventAt: at }, ...(isBuiltIn ? { $setOnInsert: fields } : {}) },
      { upsert: isBuiltIn, setDefaultsOnInsert: false },
    );
  await writing(() =>
    count().catch((error: unknown) => {
      // Another process created it at the same moment.
      if (isDuplicateKey(error)) return count();
      throw error;
    }),
  );
}

/** Stores that a test call arrived, or why a call with the right secret was refused. */
export async function noteCall({ models, clock }: EndpointDeps, id: string, problem?: string): Promise<void> {
  const set =
    problem === undefined ? { lastTestAt: clock() } : { problem: { at: clock(), sentence: problem } };
  await writing(() => models.reportEndpoints.updateOne({ _id: id }, { $set: set }));
}

function emptyEndpoint(id: string, provider: string, now: Date): ReportEndpoint {
  return {
    ...{ _id: id, provider, unitId: null, secret: null, key: null, topics: [], counts: {} },
    ...{ lastEventAt: null, lastTestAt: null, problem: null, createdAt: now, createdBy: null, version: 1 },
  };
}

const keyOf = ({ config }: Pick<EndpointDeps, 'config'>) => derivedKey(config, 'report endpoints');

function sealed(deps: Pick<EndpointDeps, 'config'>, id: string, what: string, secret: string): string {
  return seal(keyOf(deps), `${id}:${what}`, secret);
}

/** Compared as hashes, so that neither content nor length shows in the time. */
export function isSame(one: string, other: string): boolean {
  const hashed = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hashed(one), hashed(other));
}
