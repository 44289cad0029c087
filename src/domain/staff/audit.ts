/** Writes the audit log, and reads it: newest first, by page, filtered by kind, user and day, within the business units of the reader. */
import { createHash, randomBytes } from 'node:crypto';
import { refusalKinds, type AuditEntry, auditKinds, type AuditKind } from '../../models/audit-entry.js';
import { isDuplicateKey } from '../../models/database-fault.js';
import type { Models } from '../../models/index.js';
import { trusted } from 'mongoose';
import type { Scope } from '../../vocabulary/scope.js';
import type { DaySpan } from '../../vocabulary/time-zones.js';
import { reading } from '../consent/durability.js';

/** What a caller says of an entry; everything else has a default. */
export type AuditWish = Pick<AuditEntry, 'kind'> &
  Partial<Pick<AuditEntry, 'by' | 'about' | 'unitId' | 'from' | 'detail'>>;

interface AuditDeps {
  models: Pick<Models, 'auditEntries'>;
  clock: () => Date;
}

/**
 * Adds an entry, durably. A refusal raises the count of the entry of the same refusal. The entry is written after the act, so an error here
 * fails the request, and the act may be repeated.
 * @param wish never holds an address, a token or a key
 */
export async function recordAudit({ models, clock }: AuditDeps, wish: AuditWish): Promise<void> {
  const entry = entryOf(wish, clock());
  if (refusalKinds.includes(entry.kind)) return countRefusal(models, entry);
  await models.auditEntries.collection.insertOne(entry as never);
}

/** Maximum number of networks in an entry of refusals. */
export const mostNetworks = 20;

/**
 * Counts a refusal. Within an hour, the same refusal of the same account makes one entry, from any network. Anyone can cause refusals, so they must
 * not fill the log (decision 0562).
 */
async function countRefusal({ auditEntries }: AuditDeps['models'], entry: AuditEntry): Promise<void> {
  const { kind, by, about, unitId, detail, at } = entry;
  const tally = hashOf([kind, by, about, unitId, detail, at.toISOString().slice(0, 13)]);
  const networks = { $setUnion: [{ $ifNull: ['$networks', []] }, { $literal: [entry.from ?? ''] }] };
  const counted = {
    count: { $add: [{ $ifNull: ['$count', 0] }, 1] },
    lastAt: { $max: ['$lastAt', at] },
    networks: { $slice: [networks, mostNetworks] },
  };
  const count = () =>
    auditEntries.collection.updateOne(
      { tally },
      // An existing entry keeps its fields. Only the counters change.
      [{ $replaceWith: { $mergeObjects: [{ $literal: entry }, '$$ROOT', counted] } }],
      { upsert: true },
    );
  await count().catch((error: unknown) => {
    // A concurrent refusal has created the entry.
    if (isDuplicateKey(error)) return count();
    throw error;
  });
}

function entryOf(wish: AuditWish, at: Date): AuditEntry {
  return {
    // Sorts by time and is unique across processes.
    _id: `${at.getTime().toString(36).padStart(9, '0')}${randomBytes(6).toString('hex')}`,
    at,
    kind: wish.kind,
    by: wish.by ?? null,
    about: wish.about ?? null,
    unitId: wish.unitId ?? null,
    from: wish.from ?? null,
    detail: (wish.detail ?? '').slice(0, 300),
  };
}

function hashOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

export interface AuditFilter {
  /** Null reads everything. Otherwise only entries about these units are read. */
  scope: Scope;
  kind?: AuditKind | undefined;
  /** `user:<id>` */
  by?: string | undefined;
  day?: DaySpan | undefined;
}

interface AuditDeps {
  models: Pick<Models, 'auditEntries'>;
}

export function isAuditKind(text: string): text is AuditKind {
  return auditKinds.some((kind) => kind === text);
}

/**
 * Reads one page.
 * @param before the last entry of the previous page
 * @returns the entries, and whether older ones exist
 */
export async function auditPage(
  { models }: AuditDeps,
  filter: AuditFilter,
  { before, size }: { before?: { at: Date; id: string } | undefined; size: number },
): Promise<{ entries: AuditEntry[]; hasOlder: boolean }> {
  const entries = await reading(() =>
    models.auditEntries
      .find({ ...conditionsOf(filter, before) })
      .sort({ at: -1, _id: -1 })
      .limit(size + 1)
      .lean<AuditEntry[]>(),
  );
  return { entries: entries.slice(0, size), hasOlder: entries.length > size };
}

/** All entries for a file, newest first. */
export function auditEntries({ models }: AuditDeps, filter: AuditFilter): AsyncIterable<AuditEntry> {
  return models.auditEntries
    .find({ ...conditionsOf(filter) })
    .sort({ at: -1, _id: -1 })
    .lean<AuditEntry>()
    .cursor({ batchSize: 500 });
}

function conditionsOf({ scope, kind, by, day }: AuditFilter, before?: { at: Date; id: string }) {
  const at = {
    ...(day ? { $gte: day.from, $lt: day.until } : {}),
    // Lets the query start at the right place of the index. The id then decides exactly.
    ...(before ? { $lte: before.at } : {}),
  };
  return {
    ...(scope === null ? {} : { unitId: trusted({ $in: [...scope] }) }),
    ...(kind ? { kind } : {}),
    ...(by ? { by } : {}),
    ...(day || before ? { at: trusted(at) } : {}),
    ...(before ? { _id: trusted({ $lt: before.id }) } : {}),
  };
}
