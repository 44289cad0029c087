/** Adds entries to the audit log for routes. User and network always come from the request. */
import type { Request } from 'express';
import type { Deps } from '../../deps.js';
import { staffRef } from '../../vocabulary/access.js';
import { recordAudit, type AuditWish } from '../../domain/staff/audit.js';
import type { User } from '../../models/user.js';
import { networkOf } from '../middleware/network-of.js';
import type { Ask } from './route.js';

type AuditDeps = Pick<Deps, 'models' | 'clock'>;
type Told = Omit<AuditWish, 'by' | 'from'>;

/** Adds an entry about an act of the signed-in user. */
export async function auditBy(deps: AuditDeps, { user, from }: Pick<Ask, 'user' | 'from'>, told: Told) {
  await recordAudit(deps, { ...told, by: staffRef(user), from });
}

/** Adds an entry about an act of the signed-in user on the own account. */
export async function auditOwn(deps: AuditDeps, ask: Pick<Ask, 'user' | 'from'>, told: Omit<Told, 'about'>) {
  await auditBy(deps, ask, { ...told, about: staffRef(ask.user) });
}

/** Adds an entry about a refused sign-in. @param about the account; null if it is unknown */
export async function auditRefusal(
  deps: AuditDeps,
  request: Request,
  about: Pick<User, '_id'> | null,
  why: string,
): Promise<void> {
  await recordAudit(deps, {
    kind: 'SIGN_IN_REFUSED',
    from: networkOf(request.ip ?? ''),
    about: about && staffRef({ id: about._id }),
    detail: why,
  });
}
