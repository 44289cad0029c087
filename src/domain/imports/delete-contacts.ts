/** Deletes the contacts whose addresses are on an imported list. Their opt-outs stay. */
import { randomBytes } from 'node:crypto';
import { DomainError } from '../../errors.js';
import { findSubscribers } from '../../models/find-subscribers.js';
import { nextPart } from '../../models/import-part.js';
import type { Import } from '../../models/import.js';
import { queueJob } from '../../models/job.js';
import type { Scope } from '../../vocabulary/scope.js';
import { deleteContact } from '../contacts/delete.js';
import { importJobs, type ImportDeps, type WhichImport } from './contract.js';
import { requireImport } from './find.js';
import { requestOf } from './start.js';

/**
 * Queues the deletion. A contact that also belongs to another business unit than the import's stays.
 * @param by `user:<id>`
 * @returns the id of the job
 * @throws DomainError `NOT_FOUND`; `CONFLICT` if the import has not ended, or is the run of a source
 */
export async function startContactDeletion(
  deps: ImportDeps,
  which: WhichImport,
  by: string,
): Promise<string> {
  const { _id, kind, state, unitId, source } = await requireImport(deps, which);
  // The parts of a source's run are not its whole list.
  if (kind !== 'OPT_OUTS' || state !== 'DONE' || source)
    throw new DomainError('CONFLICT', 'Only contacts on a list that was imported can be deleted.');
  const id = `${importJobs.contacts}:${randomBytes(9).toString('base64url')}`;
  await queueJob(deps, {
    ...{ id, kind: importJobs.contacts, lane: 'LONG', input: { importId: _id } },
    ...requestOf({ by, unitId }),
  });
  return id;
}

/** What became of the contacts of one part of the list. */
export interface DeletedPart {
  place: string;
  deleted: number;
  /** They belong to another business unit too. */
  kept: number;
}

/**
 * Deletes part by part; repeating a part changes nothing.
 * @param options `scope`: a contact with a unit outside it stays; `after`: the place of the last checkpoint; `guard` is called before each deletion
 */
export async function* deleteListedContacts(
  deps: ImportDeps,
  { _id }: Pick<Import, '_id'>,
  { scope, after, guard }: { scope: Scope; after: string | null; guard: () => void },
): AsyncGenerator<DeletedPart> {
  let part = await nextPart(deps.models, _id, after);
  for (; part; part = await nextPart(deps.models, _id, part._id)) {
    const heads = await findSubscribers(deps.models.subscribers, part.ids);
    const contactIds = new Set([...heads.values()].flatMap(({ contactId }) => contactId ?? []));
    const sum = { deleted: 0, kept: 0 };
    for (const contactId of contactIds) {
      guard();
      const outcome = await deleted(deps, scope, contactId);
      if (outcome) sum[outcome] += 1;
    }
    yield { place: part._id, ...sum };
  }
}

async function deleted(
  deps: ImportDeps,
  scope: Scope,
  contactId: string,
): Promise<'deleted' | 'kept' | null> {
  try {
    await deleteContact(deps, { scope, contactId });
    return 'deleted';
  } catch (error) {
    if (error instanceof DomainError && error.code === 'NOT_PERMITTED') return 'kept';
    // Deleted in the meantime, or of other units only.
    if (error instanceof DomainError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}
