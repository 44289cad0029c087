/** What has to be done anew once there is a type or a unit more, or another filter: the contacts' index knows nothing of it yet. */
import type { Deps } from '../../../deps.js';
import type { StaffMember } from '../../../domain/staff/access.js';
import { queueJob } from '../../../models/job.js';

/** Queues the refreshing of all contacts, of every unit: the index of one of them must not wait for somebody who reaches it. */
export async function contactsMustFollow(
  deps: Pick<Deps, 'models' | 'clock'>,
  { id }: Pick<StaffMember, 'id'>,
): Promise<void> {
  await queueJob(deps, {
    // Whoever presses twice at the same moment gets one; a moment later it is another, which finds nothing left to do.
    id: `REFRESH_CONTACTS:${deps.clock().getTime()}`,
    kind: 'REFRESH_CONTACTS',
    input: {},
    requestedBy: id,
    scope: null,
  });
}
