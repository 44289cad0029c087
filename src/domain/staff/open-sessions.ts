/** Sessions of one member of the staff: where it is signed in, and their end. */
import { trusted } from 'mongoose';
import type { Models } from '../../models/index.js';
import type { SessionDocument } from '../../models/session.js';
import type { User } from '../../models/user.js';

export interface SessionDeps {
  models: Pick<Models, 'sessions'>;
  clock: () => Date;
}

export interface OpenSession {
  /** As it is stored: a hash, of no use to whoever sees it. */
  id: string;
  userAgent: string;
  network: string;
  signedInAt: Date | null;
  /** To about ten minutes. */
  seenAt: Date | null;
}

/** However busy a session is, so many days after signing in it is over (OWASP, Session Management, "Absolute Timeout"). */
const longestDays = 7;

/** Whoever signed in then or before signs in again; an ISO time, as sessions hold it. */
export function oldestSignIn(now: Date): string {
  return new Date(now.getTime() - longestDays * 24 * 3_600_000).toISOString();
}

/** Every session that still counts, the one that was used last first. */
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

/** Ends one session of this user's. @returns false where there is none such */
export async function endOneSession(
  { models }: Pick<SessionDeps, 'models'>,
  userId: string,
  id: string,
): Promise<boolean> {
  const { deletedCount } = await models.sessions.deleteOne({ _id: id, 'session.userId': userId });
  return deletedCount === 1;
}

/** Ends all sessions of a user. @param but the one that goes on; @returns how many ended */
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
