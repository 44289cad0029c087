/** What a passkey is to sign: kept in the session for some minutes, and taken out as it is used, so that an answer counts once. */
import type { Request } from 'express';
import type { Deps } from '../../deps.js';
import type { SessionContent } from '../../models/session.js';
import { storedSessionId } from './session.js';

type Use = NonNullable<SessionContent['passkeyChallenge']>['use'];

const minutes = 5;

export function keepChallenge(
  { clock }: Pick<Deps, 'clock'>,
  request: Request,
  use: Use,
  challenge: string,
): void {
  const until = new Date(clock().getTime() + minutes * 60_000);
  request.session.passkeyChallenge = { challenge, use, until: until.toISOString() };
  // Whoever has not signed in has a session for this alone.
  if (!request.session.userId) request.session.cookie.maxAge = minutes * 60_000;
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
  const kept = request.session.passkeyChallenge;
  delete request.session.passkeyChallenge;
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
