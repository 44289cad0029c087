/** Reads the audit log: newest first, by page, filtered by kind, user and day, within the business units of the reader. */
import { trusted } from 'mongoose';
import { auditKinds, type AuditEntry, type AuditKind } from '../../models/audit-entry.js';
import type { Models } from '../../models/index.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { DaySpan } from '../../vocabulary/time-zones.js';
import { reading } from '../consent/durability.js';

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
