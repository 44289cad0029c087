/** Work on the contacts of an import that has ended: they are deleted, set to non-marketing, or added to a static list. */
import { DomainError } from '../../errors.js';
import { findSubscribers } from '../../models/find-subscribers.js';
import { nextPart } from '../../models/import-part.js';
import type { Import } from '../../models/import.js';
import { queueJob } from '../../models/job.js';
import type { Scope } from '../../vocabulary/scope.js';
import { deleteContact } from '../contacts/delete.js';
import { getList } from '../lists/lists.js';
import { addToList, type MemberOutcome } from '../lists/members.js';
import { setMarketingStatus, type MarketingOutcome } from '../marketing/status.js';
import { rejectedLines } from './contact-results.js';
import { contactRows, readingOf } from './contact-rows.js';
import { importJobs, type ImportDeps, type WhichImport } from './contract.js';
import { requireImport } from './find.js';
import { requestOf } from './start.js';
import { newId } from '../../new-id.js';

/** Of an opt-out list, or of a contact import. The list is a static one within the user's scope. */
export type ContactWork = { job: 'contacts' | 'nonMarketing' } | { job: 'listing'; listId: string };

/**
 * Queues the work. Contacts that also belong to other business units than those of the import or of the user are not deleted or set to non-marketing.
 * @param by `user:<id>`
 * @returns the id of the job
 * @throws DomainError `NOT_FOUND` also for a list outside the scope; `CONFLICT` before the import has ended, for the run of a source, and for
 *   another kind of import or list
 */
export async function startContactWork(
  deps: ImportDeps,
  which: WhichImport,
  { by, ...work }: ContactWork & { by: string },
): Promise<string> {
  const { _id: importId, kind, state, unitId, source } = await requireImport(deps, which);
  const list = 'listId' in work ? await getList(deps, { listId: work.listId, scope: which.scope }) : null;
  const isOfKind = list ? kind === 'CONTACTS' && list.kind === 'STATIC' : kind === 'OPT_OUTS';
  // The parts of a source's run are not its whole list.
  if (!isOfKind || state !== 'DONE' || source)
    throw new DomainError('CONFLICT', 'Only the contacts of an import that has ended can be changed.');
  const job = importJobs[work.job];
  const id = `${job}:${newId()}`;
  const scope = unitId === null ? which.scope && [...which.scope] : [unitId];
  const input = { importId, ...(list ? { listId: list._id } : {}) };
  await queueJob(deps, {
    ...{ id, kind: job, lane: 'LONG', input },
    ...requestOf({ by, unitId, scope }),
  });
  return id;
}

/** `after`: the place of the last checkpoint; `guard` is called before each write. */
export interface WorkOptions {
  scope: Scope;
  after: string | null;
  guard: () => void;
}

/** The outcomes of the contacts of one part. Repeating a part changes nothing. */
export interface WorkedPart<Outcome> {
  place: string;
  outcomes: Outcome[];
}

/** Deletes the contacts whose addresses are on an opt-out list. Their opt-outs stay. */
export async function* deleteListedContacts(
  deps: ImportDeps,
  one: Pick<Import, '_id'>,
  { scope, after, guard }: WorkOptions,
): AsyncGenerator<WorkedPart<'CHANGED' | 'OTHER_UNIT' | 'NO_CONTACT'>> {
  for await (const { place, contactIds } of listedContacts(deps, one, after)) {
    const outcomes: ('CHANGED' | 'OTHER_UNIT' | 'NO_CONTACT')[] = [];
    for (const contactId of contactIds) {
      guard();
      outcomes.push(await deleted(deps, scope, contactId));
    }
    yield { place, outcomes };
  }
}

async function deleted(deps: ImportDeps, scope: Scope, contactId: string) {
  try {
    await deleteContact(deps, { scope, contactId });
    return 'CHANGED';
  } catch (error) {
    if (error instanceof DomainError && error.code === 'NOT_PERMITTED') return 'OTHER_UNIT';
    // Deleted in the meantime, or of other units only.
    if (error instanceof DomainError && error.code === 'NOT_FOUND') return 'NO_CONTACT';
    throw error;
  }
}

const batchSize = 500;

/** Sets the contacts whose addresses are on an opt-out list to non-marketing, at the next update. */
export async function* setListedNonMarketing(
  deps: ImportDeps,
  one: Pick<Import, '_id'>,
  { scope, after, guard }: WorkOptions,
): AsyncGenerator<WorkedPart<MarketingOutcome>> {
  for await (const { place, contactIds: ids } of listedContacts(deps, one, after)) {
    const outcomes: MarketingOutcome[] = [];
    for (let first = 0; first < ids.length; first += batchSize) {
      const contactIds = ids.slice(first, first + batchSize);
      const wanted = { contactIds, isMarketing: false, scope, beforeWrite: guard };
      outcomes.push(...(await setMarketingStatus(deps, wanted)));
    }
    yield { place, outcomes };
  }
}

/** The contacts whose addresses are on an opt-out list, in the parts in which it was written. */
async function* listedContacts(
  { models }: ImportDeps,
  { _id }: Pick<Import, '_id'>,
  after: string | null,
): AsyncGenerator<{ place: string; contactIds: string[] }> {
  let part = await nextPart(models, _id, after);
  for (; part; part = await nextPart(models, _id, part._id))
    yield { place: part._id, contactIds: await contactsOf(models, part.ids) };
}

/**
 * Adds the contacts of a contact import to a static list, without those of rejected rows. The rows are read again from the file.
 * @throws DomainError `NOT_FOUND` once the file has expired, and for a list that was deleted
 */
export async function* listImportedContacts(
  deps: ImportDeps,
  one: Import,
  { listId, scope, after, guard }: WorkOptions & { listId: string },
): AsyncGenerator<WorkedPart<MemberOutcome>> {
  const reading = await readingOf(deps, one);
  const rejected = await rejectedLines(deps, { id: one._id, scope });
  for await (const rows of contactRows(deps, one, reading, Number(after ?? 0))) {
    const list = await getList(deps, { listId, scope });
    const written = rows.filter(({ line }) => !rejected.has(line));
    // The contact of a row is found by its first address.
    const named = written.flatMap(({ addresses: [first] }) => first?.subscriberId ?? []);
    const contactIds = await contactsOf(deps.models, named);
    const outcomes = await addToList(deps, { list, contactIds, scope, beforeWrite: guard });
    yield { place: String(rows.at(-1)?.line ?? 0), outcomes };
  }
}

async function contactsOf({ subscribers }: ImportDeps['models'], ids: string[]): Promise<string[]> {
  const heads = await findSubscribers(subscribers, ids);
  return [...new Set([...heads.values()].flatMap(({ contactId }) => contactId ?? []))];
}
