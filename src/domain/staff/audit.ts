/** Writes the audit log. */
import { randomBytes } from 'node:crypto';
import type { AuditEntry } from '../../models/audit-entry.js';
import type { Models } from '../../models/index.js';

/** What is told; who asks fills in the rest. */
export type AuditWish = Pick<AuditEntry, 'kind'> &
  Partial<Pick<AuditEntry, 'by' | 'about' | 'unitId' | 'from' | 'detail'>>;

/**
 * Adds an entry, durably. It is written after the act it tells of, so a fault here is a fault of the request, and the act may be repeated.
 * @param wish never holds an address, a token or a key
 */
export async function recordAudit(
  deps: { models: Pick<Models, 'auditEntries'>; clock: () => Date },
  wish: AuditWish,
): Promise<void> {
  const at = deps.clock();
  await deps.models.auditEntries.collection.insertOne({
    // Sorts by time, and is unique across processes.
    _id: `${at.getTime().toString(36).padStart(9, '0')}${randomBytes(6).toString('hex')}` as never,
    at,
    kind: wish.kind,
    by: wish.by ?? null,
    about: wish.about ?? null,
    unitId: wish.unitId ?? null,
    from: wish.from ?? null,
    detail: (wish.detail ?? '').slice(0, 300),
  });
}
