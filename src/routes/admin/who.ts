/** Who asks: the user of a session, if it still is one. */
import type { Request } from 'express';
import type { Deps } from '../../deps.js';
import type { StaffMember } from '../../domain/staff/access.js';
import type { User } from '../../models/user.js';
import { networkOf } from '../middleware/network-of.js';
import { beginCsrf } from './session.js';

/** @returns null where nobody has signed in, and where the account was closed or its sessions were ended meanwhile */
export async function whoIsThere(
  { models }: Pick<Deps, 'models'>,
  request: Request,
): Promise<StaffMember | null> {
  const { userId, epoch } = request.session;
  if (!userId) return null;
  const user = await models.users.findById(userId).lean<User>();
  return user && user.isActive && user.epoch === epoch ? memberOf(user) : null;
}

export function memberOf({ _id, name, email, role, unitIds }: User): StaffMember {
  return { id: _id, name, email, role, scope: unitIds };
}

/** Begins a session under a new id, so that one that was planted before is worth nothing (session fixation). */
export async function beginSession(
  { clock }: Pick<Deps, 'clock'>,
  request: Request,
  user: User,
): Promise<void> {
  await renewed(request);
  Object.assign(request.session, {
    userId: user._id,
    epoch: user.epoch,
    signedInAt: clock().toISOString(),
    network: networkOf(request.ip ?? ''),
    userAgent: (request.get('user-agent') ?? '').slice(0, 200),
  });
  beginCsrf(request);
}

export async function endSession(request: Request): Promise<void> {
  await new Promise<void>((resolve, reject) =>
    request.session.destroy((error: unknown) => (error ? reject(asError(error)) : resolve())),
  );
}

async function renewed(request: Request): Promise<void> {
  await new Promise<void>((resolve, reject) =>
    request.session.regenerate((error: unknown) => (error ? reject(asError(error)) : resolve())),
  );
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
