/** Adds the contacts of a contact import to a static list. Rows are read again from the file, and their contacts are found by their addresses. */
import { randomBytes } from 'node:crypto';
import { DomainError } from '../../errors.js';
import { findSubscribers } from '../../models/find-subscribers.js';
import type { Import } from '../../models/import.js';
import { queueJob } from '../../models/job.js';
import type { Scope } from '../../vocabulary/scope.js';
import { getList } from '../lists/lists.js';
import { addToList, type MemberOutcome } from '../lists/members.js';
import { contactRows, readingOf } from './contact-rows.js';
import { importJobs, type ImportDeps, type WhichImport } from './contract.js';
import { requireImport } from './find.js';
import { requestOf } from './start.js';

/**
 * Queues it.
 * @param by `user:<id>`, within the scope of `which`
 * @returns the id of the job
 * @throws DomainError `NOT_FOUND` also for a list outside the scope; `CONFLICT` before the import has ended, and for another kind of import or list
 */
export async function startListing(
  deps: ImportDeps,
  which: WhichImport,
  { listId, by }: { listId: string; by: string },
): Promise<string> {
  const { _id, kind, state } = await requireImport(deps, which);
  const list = await getList(deps, { listId, scope: which.scope });
  if (kind !== 'CONTACTS' || state !== 'DONE' || list.kind !== 'STATIC')
    throw new DomainError('CONFLICT', 'Only contacts that were imported can be added to a static list.');
  const id = `${importJobs.listing}:${randomBytes(9).toString('base64url')}`;
  await queueJob(deps, {
    ...{ id, kind: importJobs.listing, lane: 'LONG', input: { importId: _id, listId } },
    ...requestOf({ by, unitId: null, scope: which.scope && [...which.scope] }),
  });
  return id;
}

/**
 * Batch by batch; repeating a batch changes nothing.
 * @returns the last line of each batch, and the outcomes of its contacts
 * @throws DomainError `NOT_FOUND` once the file has expired, and for a list that was deleted
 */
export async function* listImportedContacts(
  deps: ImportDeps,
  one: Import,
  options: { listId: string; scope: Scope; after: string | null; guard: () => void },
): AsyncGenerator<{ place: string; outcomes: MemberOutcome[] }> {
  const { listId, scope, after, guard } = options;
  const reading = await readingOf(deps, one);
  for await (const rows of contactRows(deps, one, reading, Number(after ?? 0))) {
    const list = await getList(deps, { listId, scope });
    // The contact of a row is found by its first address.
    const named = rows.flatMap(({ addresses: [first] }) => first?.subscriberId ?? []);
    const heads = await findSubscribers(deps.models.subscribers, named);
    const contactIds = [...new Set([...heads.values()].flatMap(({ contactId }) => contactId ?? []))];
    const outcomes = await addToList(deps, { list, contactIds, scope, beforeWrite: guard });
    yield { place: String(rows.at(-1)?.line ?? 0), outcomes };
  }
}
