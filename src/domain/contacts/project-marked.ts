/** Refreshes contacts that an older release marked and did not refresh: a step of the migrations. */
import type { Models } from '../../models/index.js';
import { refreshContacts, type ProjectionDeps } from './project.js';

const batchSize = 500;

/**
 * Refreshes the contacts of marked subscribers and of unfinished chunks, and clears those marks. Repeating it changes nothing.
 */
export async function projectMarked(
  deps: ProjectionDeps & { models: Pick<Models, 'jobChunks'> },
): Promise<void> {
  const { collection } = deps.models.subscribers;
  for (;;) {
    const marked = await collection
      .find<{ _id: string; contactId: string | null }>({ isUnprojected: true })
      .project({ contactId: 1 })
      .limit(batchSize)
      .toArray();
    if (marked.length === 0) break;
    await refreshContacts(
      deps,
      marked.flatMap(({ contactId }) => contactId ?? []),
    );
    const ids = marked.map(({ _id }) => _id as never);
    await collection.updateMany({ _id: { $in: ids } }, { $unset: { isUnprojected: '' } });
  }
  for await (const { ids } of deps.models.jobChunks.find({ state: 'BEGUN' }, { ids: 1 }).lean().cursor())
    await refreshContacts(deps, ids);
}
