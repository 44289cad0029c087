/** Reads the audit log: newest first, by page, filtered by kind, user and day, within the business units of the reader. */
import { trusted } from 'mongoose';
import { auditKinds } from '../../models/audit-entry.js';
import type { AuditEntry, AuditKind } from '../../models/audit-entry.js';
import type { Models } from '../../models/index.js';
import type { Scope } from '../../vocabulary/scope.js';
import { reading } from '../consent/durability.js';

export interface AuditFilter {
  /** Null reads everything. Otherwise only entries about these units are read. */
  scope: Scope;
  kind?: AuditKind | undefined;
  /** `user:<id>` */
  by?: string | undefined;
  /** `2026-11-24`, in UTC. */
  day?: string | undefined;
}

interface AuditDeps {
  models: Pick<Models, 'auditEntries'>;
}

export function isAuditKind(text: string): text is AuditKind {
  return auditKinds.some((kind) => kind === text);
}

/** @returns the start of a day in UTC; null for an invalid date */
export function startOfDay(day: string): Date | null {
  const at = new Date(`${day}T00:00:00Z`);
  return /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day)
    ? at
    : null;
}

/**
 * Reads one page.
 * @param before id of the last entry of the previous page; ids sort by time
 * @returns the entries, and whether older ones exist
 */
export async function auditPage(
  { models }: AuditDeps,
  filter: AuditFilter,
  { before, size }: { before?: string | undefined; size: number },
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

function conditionsOf({ scope, kind, by, day }: AuditFilter, before?: string) {
  const from = day === undefined ? null : startOfDay(day);
  const cursor = before === undefined ? null : momentOfId(before);
  const at = {
    ...(from ? { $gte: from, $lt: new Date(from.getTime() + 86_400_000) } : {}),
    // Lets the query start at the right place of the index. The id then decides exactly.
    ...(cursor ? { $lte: cursor } : {}),
  };
  return {
    ...(scope === null ? {} : { unitId: trusted({ $in: [...scope] }) }),
    ...(kind ? { kind } : {}),
    ...(by ? { by } : {}),
    ...(from || cursor ? { at: trusted(at) } : {}),
    ...(before === undefined ? {} : { _id: trusted({ $lt: before }) }),
  };
}

/** The time that is encoded at the start of an id. */
function momentOfId(id: string): Date | null {
  const at = new Date(Number.parseInt(id.slice(0, 9), 36));
  return Number.isNaN(at.getTime()) ? null : at;
}
