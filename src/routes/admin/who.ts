/** The user of a session, and the steps of a sign-in. */
import type { Request, Response } from 'express';
import type { SessionData } from 'express-session';
import type { Deps } from '../../deps.js';
import { staffRef, type StaffMember } from '../../vocabulary/access.js';
import { oldestSignIn } from '../../domain/staff/open-sessions.js';
import { recordAudit } from '../../domain/staff/audit.js';
import type { User } from '../../models/user.js';
import { networkOf } from '../middleware/network-of.js';
import { saidContext } from '../said-mark.js';
import { markedToken } from './form-mark.js';
import { rememberDevice } from './known-device.js';
import type { Ask } from './route.js';
import { beginCsrf } from './session.js';

/** @returns null without a sign-in, and if the session has expired or was ended, or the account is closed */
export async function whoIsThere(
  { models, clock }: Pick<Deps, 'models' | 'clock'>,
  { session }: { session: Partial<SessionData> },
): Promise<StaffMember | null> {
  const { userId, epoch, signedInAt } = session;
  if (!userId || !signedInAt || signedInAt <= oldestSignIn(clock())) return null;
  const user = await models.users.findById(userId).lean<User>();
  return user && user.isActive && user.epoch === epoch ? memberOf(user) : null;
}

export function memberOf({ _id, name, email, role, unitIds }: User): StaffMember {
  return { id: _id, name, email, role, scope: unitIds };
}

/** The request with its user's details for pages; null without a sign-in. */
export async function askOf(deps: Deps, request: Request): Promise<Ask | null> {
  const user = await whoIsThere(deps, request);
  if (!user) return null;
  return {
    request,
    user,
    scope: user.scope,
    zone: (await deps.catalogue()).timeZone,
    csrf: markedToken(deps.config, request.session.csrfToken ?? '', { userId: user.id, now: deps.clock() }),
    said: saidContext(deps, staffRef(user)),
    from: networkOf(request.ip ?? ''),
  };
}

/** Begins a session under a new id, which makes session fixation useless. */
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
  await kept(request);
}

/** Minutes between the right password and the code. */
const halfInMinutes = 10;

/** Stores in a session with a new id that the password was right. This session permits only the second step. */
export async function beginHalfSession(
  { clock }: Pick<Deps, 'clock'>,
  request: Request,
  user: User,
  next: string,
): Promise<void> {
  await renewed(request);
  const until = new Date(clock().getTime() + halfInMinutes * 60_000).toISOString();
  request.session.halfIn = { userId: user._id, epoch: user.epoch, until, next };
  await kept(request);
}

/** The user whose password was right, and the next page; null if there is none, it was too long ago, or the account has changed. */
export async function whoIsHalfIn(
  { models, clock }: Pick<Deps, 'models' | 'clock'>,
  request: Request,
): Promise<{ user: User; next: string } | null> {
  const { halfIn } = request.session;
  if (!halfIn || halfIn.until <= clock().toISOString()) return null;
  const user = await models.users.findById(halfIn.userId).lean<User>();
  return user && user.isActive && user.epoch === halfIn.epoch ? { user, next: halfIn.next } : null;
}

/**
 * Completes a sign-in: audit entry, session, known device, time. The entry comes first. If it fails, the sign-in can be repeated, but a session would
 * continue without its entry.
 * @param how `password`, `passkey`…
 */
export async function letIn(
  deps: Deps,
  request: Request,
  response: Response,
  user: User,
  how: string,
): Promise<void> {
  await recordAudit(deps, {
    kind: 'SIGNED_IN',
    by: staffRef({ id: user._id }),
    from: networkOf(request.ip ?? ''),
    detail: how,
  });
  await beginSession(deps, request, user);
  await rememberDevice(deps, request, response, user);
  await deps.models.users.updateOne({ _id: user._id }, { $set: { lastSignInAt: deps.clock() } });
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

/** Stores the session before the answer begins. The library stores it at the end, but browsers follow a redirect as soon as they read its head. */
async function kept(request: Request): Promise<void> {
  await new Promise<void>((resolve, reject) =>
    request.session.save((error: unknown) => (error ? reject(asError(error)) : resolve())),
  );
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
