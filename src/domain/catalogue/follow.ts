/** What has to be done anew once there is a type or a unit more, or another filter: the contacts' index knows nothing of it yet. */
import type { Models } from '../../models/index.js';
import { queueJob } from '../../models/job.js';

/**
 * Queues the refreshing of all contacts, of every unit: the index of one of them must not wait for somebody who reaches it.
 * @param requestedBy id of the user, or the command, that changed the catalogue
 */
export async function contactsMustFollow(
  deps: { models: Pick<Models, 'jobs'>; clock: () => Date },
  requestedBy: string,
): Promise<void> {
  await queueJob(deps, {
    // Whoever presses twice at the same moment gets one; a moment later it is another, which finds nothing left to do.
    id: `REFRESH_CONTACTS:${deps.clock().getTime()}`,
    kind: 'REFRESH_CONTACTS',
    input: {},
    requestedBy,
    scope: null,
  });
}
