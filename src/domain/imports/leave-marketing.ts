/** Sets the contacts whose addresses are on an imported opt-out list to non-marketing, at the next update. */
import { randomBytes } from 'node:crypto';
import { DomainError } from '../../errors.js';
import { findSubscribers } from '../../models/find-subscribers.js';
import { nextPart } from '../../models/import-part.js';
import type { Import } from '../../models/import.js';
import { queueJob } from '../../models/job.js';
import type { Scope } from '../../vocabulary/scope.js';
import { setMarketingStatus, type MarketingOutcome } from '../marketing/status.js';
import { importJobs, type ImportDeps, type WhichImport } from './contract.js';
import { requireImport } from './find.js';
import { requestOf } from './start.js';

/**
 * Queues it. A contact that also belongs to another business unit than the import's stays a marketing contact.
 * @param by `user:<id>`
 * @returns the id of the job
 * @throws DomainError `NOT_FOUND`; `CONFLICT` if the import has not ended, or is the run of a source
 */
export async function startListedNonMarketing(
  deps: ImportDeps,
  which: WhichImport,
  by: string,
): Promise<string> {
  const { _id, kind, state, unitId, source } = await requireImport(deps, which);
  if (kind !== 'OPT_OUTS' || state !== 'DONE' || source)
    throw new DomainError(
      'CONFLICT',
      'Only contacts on a list that was imported can be set to non-marketing.',
    );
  const id = `${importJobs.nonMarketing}:${randomBytes(9).toString('base64url')}`;
  await queueJob(deps, {
    ...{ id, kind: importJobs.nonMarketing, lane: 'LONG', input: { importId: _id } },
    ...requestOf({ by, unitId }),
  });
  return id;
}

const batchSize = 500;

/** Part by part; repeating a part changes nothing. @returns the outcomes of the contacts of each part */
export async function* setListedNonMarketing(
  deps: ImportDeps,
  { _id }: Pick<Import, '_id'>,
  { scope, after, guard }: { scope: Scope; after: string | null; guard: () => void },
): AsyncGenerator<{ place: string; outcomes: MarketingOutcome[] }> {
  let part = await nextPart(deps.models, _id, after);
  for (; part; part = await nextPart(deps.models, _id, part._id)) {
    const heads = await findSubscribers(deps.models.subscribers, part.ids);
    const ids = [...new Set([...heads.values()].flatMap(({ contactId }) => contactId ?? []))];
    const outcomes: MarketingOutcome[] = [];
    for (let first = 0; first < ids.length; first += batchSize) {
      const contactIds = ids.slice(first, first + batchSize);
      const wanted = { contactIds, isMarketing: false, scope, beforeWrite: guard };
      outcomes.push(...(await setMarketingStatus(deps, wanted)));
    }
    yield { place: part._id, outcomes };
  }
}
