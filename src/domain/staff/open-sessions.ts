/** Lists and ends the sessions of a user. */
import { trusted } from 'mongoose';
import type { Models } from '../../models/index.js';
import type { SessionDocument } from '../../models/session.js';
import type { User } from '../../models/user.js';

export interface SessionDeps {
  models: Pick<Models, 'sessions'>;
  clock: () => Date;
}

export interface OpenSession {
  /** As it is stored: a hash, which opens nothing. */
  id: string;
  userAgent: string;
  network: string;
  signedInAt: Date | null;
  /** Accurate to ten minutes. */
  seenAt: Date | null;
}

/** Days after the sign-in at which a session ends, even if it is in use (OWASP, Session Management, "Absolute Timeout"). */
const longestDays = 7;

/** Sessions that began at this time or before have ended. @returns an ISO time, as sessions hold it */
export function oldestSignIn(now: Date): string {
  return new Date(now.getTime() - longestDays * 24 * 3_600_000).toISOString();
}

/** All open sessions, the most recently used first. */
export async function openSessionsOf(
  { models, clock }: SessionDeps,
  { _id, epoch }: Pick<User, '_id' | 'epoch'>,
): Promise<OpenSession[]> {
  const found = await models.sessions
    .find({
      'session.userId': _id,
      'session.epoch': epoch,
      'session.signedInAt': trusted({ $gt: oldestSignIn(clock()) }),
      expires: trusted({ $gt: clock() }),
    })
    .lean<SessionDocument[]>();
  return found
    .map(({ _id: id, session, lastModified }) => ({
      id,
      userAgent: session.userAgent ?? '',
      network: session.network ?? '',
      signedInAt: session.signedInAt ? new Date(session.signedInAt) : null,
      seenAt: lastModified ?? null,
    }))
    .sort((one, other) => (other.seenAt?.getTime() ?? 0) - (one.seenAt?.getTime() ?? 0));
}

/** Ends one session of the user. @returns false if there is no such session */
export async function endOneSession(
  { models }: Pick<SessionDeps, 'models'>,
  userId: string,
  id: string,
): Promise<boolean> {
  const { deletedCount } = await models.sessions.deleteOne({ _id: id, 'session.userId': userId });
  return deletedCount === 1;
}

/** Ends all sessions of a user. @param but the session to keep; @returns how many ended */
export async function endSessionsOf(
  { models }: Pick<SessionDeps, 'models'>,
  userId: string,
  but?: string,
): Promise<number> {
  const { deletedCount } = await models.sessions.deleteMany({
    'session.userId': userId,
    ...(but === undefined ? {} : { _id: trusted({ $ne: but }) }),
  });
  return deletedCount;
}
