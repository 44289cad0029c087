/** What a passkey is to sign: kept in the session for some minutes, and taken out as it is used, so that an answer counts once. */
import type { Request } from 'express';
import type { Deps } from '../../deps.js';
import { DomainError } from '../../errors.js';
import type { SessionContent } from '../../models/session.js';
import { storedSessionId } from './session.js';

type Use = NonNullable<SessionContent['passkeyChallenge']>['use'];

const minutes = 5;

/**
 * Keeps a challenge for whoever asks.
 * @throws DomainError `NOT_FOUND` where the session was ended in this moment
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
    // Whoever has not signed in has a session for this alone.
    session.passkeyChallenge = passkeyChallenge;
    session.cookie.maxAge = minutes * 60_000;
    return;
  }
  // Past the library, which stores sessions whole: one that its owner ended meanwhile would be there again.
  const { matchedCount } = await models.sessions.collection.updateOne(
    { _id: storedSessionId(request.sessionID) as never, 'session.userId': session.userId },
    { $set: { 'session.passkeyChallenge': passkeyChallenge } },
  );
  if (matchedCount === 0) throw new DomainError('NOT_FOUND');
}

/**
 * Takes the challenge out of the stored session before anything is checked: of two requests at once one gets it.
 * @returns null where there is none, where it was used, and where it is too old
 */
export async function takeChallenge(
  { models, clock }: Pick<Deps, 'models' | 'clock'>,
  request: Request,
  use: Use,
): Promise<string | null> {
  // It stays in this request's copy, which then is as it was read and is not stored.
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
