/** Challenges for passkeys: stored in the session for five minutes, and deleted when used, so that an answer counts once. */
import type { Request } from 'express';
import type { Deps } from '../../deps.js';
import { DomainError } from '../../errors.js';
import type { SessionContent } from '../../models/session.js';
import { storedSessionId } from './session.js';

type Use = NonNullable<SessionContent['passkeyChallenge']>['use'];

const minutes = 5;

/**
 * Stores a challenge.
 * @throws DomainError `NOT_FOUND` if the session has just ended
 */
export async function keepChallenge(
  { models, clock }: Pick<Deps, 'models' | 'clock'>,
  request: Request,
  use: Use,
  challenge: string,
): Promise<void> {
  const { session } = request;
  const until = new Date(clock().getTime() + minutes * 60_000).toISOString();
  const passkeyChallenge = { challenge, use, until };
  if (!session.userId) {
    // Before the sign-in the session exists only for the challenge.
    session.passkeyChallenge = passkeyChallenge;
    session.cookie.maxAge = minutes * 60_000;
    return;
  }
  // Not by the library, which writes whole sessions: a session that its user has just ended would come back.
  const { matchedCount } = await models.sessions.collection.updateOne(
    { _id: storedSessionId(request.sessionID) as never, 'session.userId': session.userId },
    { $set: { 'session.passkeyChallenge': passkeyChallenge } },
  );
  if (matchedCount === 0) throw new DomainError('NOT_FOUND');
}

/**
 * Deletes the challenge from the stored session before any check, so that only one of two concurrent requests gets it.
 * @returns null if there is none, it was used, or it has expired
 */
export async function takeChallenge(
  { models, clock }: Pick<Deps, 'models' | 'clock'>,
  request: Request,
  use: Use,
): Promise<string | null> {
  // The copy of this request is left unchanged, so the library does not store it.
  const kept = request.session.passkeyChallenge;
  if (kept?.use !== use) return null;
  const { matchedCount } = await models.sessions.collection.updateOne(
    {
      _id: storedSessionId(request.sessionID) as never,
      'session.passkeyChallenge.challenge': kept.challenge,
    },
    { $unset: { 'session.passkeyChallenge': '' } },
  );
  return matchedCount === 1 && kept.until > clock().toISOString() ? kept.challenge : null;
}
