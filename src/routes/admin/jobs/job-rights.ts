/** Who may confirm, cancel and retry which kind of job: everyone who may ask for it. */
import { mayRole } from '../../../vocabulary/access.js';
import type { Permission, Role } from '../../../vocabulary/access.js';
import type { JobKind } from '../../../models/job.js';

const needed: Readonly<Record<JobKind, Permission>> = {
  BULK_EDIT: 'bulk.run',
  SEND_LINKS: 'bulk.run',
  PUT_RIGHT: 'bulk.run',
  REFRESH_CONTACTS: 'settings.change',
};

export function mayWork(role: Role, kind: JobKind): boolean {
  return mayRole(role, needed[kind]);
}
