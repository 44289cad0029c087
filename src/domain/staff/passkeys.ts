/** Passkeys (WebAuthn Level 3): adding one to an account, taking it away, and finding out whose it is at sign-in. */
import { isIP } from 'node:net';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { WebAuthnCredential } from '@simplewebauthn/server';
import type { Config } from '../../config.js';
import { DomainError } from '../../errors.js';
import type { Models } from '../../models/index.js';
import type { Passkey, User } from '../../models/user.js';
import { parseAssertion, parseAttestation } from './passkey-answers.js';

/** Where passkeys are valid: the host name that they are bound to, and the origin of the pages. */
export interface PasskeyPlace {
  rpId: string;
  origin: string;
}

export interface PasskeyDeps {
  models: Pick<Models, 'users'>;
  clock: () => Date;
}

export const mostPasskeys = 20;
export const longestPasskeyName = 60;

/**
 * Browsers offer passkeys to secure pages with a host name only (WebAuthn, sections 5.1.3 and 5.1.4: no IP address; https, or this very machine).
 * @returns null where BASE_URL is no such place
 */
export function passkeyPlaceOf({ baseUrl }: Pick<Config, 'baseUrl'>): PasskeyPlace | null {
  const { protocol, hostname } = new URL(baseUrl);
  const isHere = hostname === 'localhost' || hostname.endsWith('.localhost');
  const isAddress = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
  return !isAddress && (protocol === 'https:' || isHere) ? { rpId: hostname, origin: baseUrl } : null;
}

/** What the browser is to make: a key that it finds by itself, and that asks for finger, face or PIN; so it is both factors at once. */
export function passkeyToMake(place: PasskeyPlace, user: Pick<User, '_id' | 'email' | 'name' | 'passkeys'>) {
  return generateRegistrationOptions({
    rpName: 'Sayso',
    rpID: place.rpId,
    userName: user.email,
    userDisplayName: user.name,
    userID: new Uint8Array(Buffer.from(user._id)),
    // Nobody's make of key is refused, so none is asked for.
    attestationType: 'none',
    excludeCredentials: user.passkeys.map(({ id, transports }) => ({ id, transports })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/** What the browser is to sign with: any passkey that it has for this place; which one says whose. */
export function passkeyToShow(place: PasskeyPlace) {
  return generateAuthenticationOptions({ rpID: place.rpId, userVerification: 'required' });
}

/**
 * Adds a passkey.
 * @param wish `answer` is the browser's, as JSON; `challenge` was taken out of the session, so it is used once
 * @throws DomainError `INVALID_FORM` for an answer that does not hold, a key that somebody has already, and one too many
 */
export async function addPasskey(
  { models, clock }: PasskeyDeps,
  place: PasskeyPlace,
  wish: { userId: string; name: string; challenge: string; answer: string },
): Promise<Passkey> {
  const { credential } = await attested(place, wish);
  const passkey: Passkey = {
    id: credential.id,
    publicKey: Buffer.from(credential.publicKey).toString('base64url'),
    counter: credential.counter,
    transports: credential.transports ?? [],
    name: wish.name.slice(0, longestPasskeyName) || 'Passkey',
    addedAt: clock(),
    lastUsedAt: null,
  };
  // Few documents: looked through, not indexed.
  if (await models.users.collection.findOne({ 'passkeys.id': passkey.id }))
    throw new DomainError('INVALID_FORM', 'This passkey is in use already.');
  const { modifiedCount } = await models.users.collection.updateOne(
    { _id: wish.userId as never, [`passkeys.${mostPasskeys - 1}`]: { $exists: false } },
    { $push: { passkeys: passkey } } as never,
  );
  if (modifiedCount === 0)
    throw new DomainError('INVALID_FORM', `An account has at most ${mostPasskeys} passkeys.`);
  return passkey;
}

async function attested(place: PasskeyPlace, { challenge, answer }: { challenge: string; answer: string }) {
  const response = parseAttestation(answer);
  try {
    const result = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: place.origin,
      expectedRPID: place.rpId,
      requireUserVerification: true,
    });
    if (result.verified) return result.registrationInfo;
  } catch (error) {
    throw new DomainError('INVALID_FORM', 'The passkey did not hold.', { cause: error });
  }
  throw new DomainError('INVALID_FORM', 'The passkey did not hold.');
}

/** @returns false where the account has no such passkey */
export async function removePasskey(
  { models }: PasskeyDeps,
  userId: string,
  passkeyId: string,
): Promise<boolean> {
  const { modifiedCount } = await models.users.collection.updateOne(
    { _id: userId as never, 'passkeys.id': passkeyId },
    { $pull: { passkeys: { id: passkeyId } } } as never,
  );
  return modifiedCount > 0;
}

/** Whose passkey it was; or why nobody is let in, and whom that concerns where it is known. */
export type PasskeyOutcome =
  | { user: User; passkey: Passkey }
  | { user?: undefined; about: User | null; why: 'unknown' | 'closed' | 'counter' | 'invalid' };

/**
 * Finds out who signs in. The counter of the key must have gone on since it was last used: where it has not, there may be a copy of the key
 * (WebAuthn, section 6.1.1), and nobody is let in. Keys that are kept in several places do not count, and say 0 all the time.
 * @param answer the browser's, as JSON
 * @throws DomainError `INVALID_FORM` for what is no answer at all
 */
export async function whoseAnswer(
  { models, clock }: PasskeyDeps,
  place: PasskeyPlace,
  { challenge, answer }: { challenge: string; answer: string },
): Promise<PasskeyOutcome> {
  const response = parseAssertion(answer);
  const userId = Buffer.from(response.response.userHandle ?? '', 'base64url').toString();
  const user = await models.users.findById(userId).lean<User>();
  const passkey = user?.passkeys.find(({ id }) => id === response.id);
  if (!user || !passkey) return { about: user, why: 'unknown' };
  if (!user.isActive) return { about: user, why: 'closed' };
  const credential: WebAuthnCredential = {
    id: passkey.id,
    publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
    // Checked below, where a fault of the counter can be told from a signature that is wrong.
    counter: 0,
  };
  const result = await verifyAuthenticationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: place.origin,
    expectedRPID: place.rpId,
    credential,
    requireUserVerification: true,
  }).catch(() => null);
  if (!result?.verified) return { about: user, why: 'invalid' };
  const { newCounter } = result.authenticationInfo;
  const hasGoneOn = newCounter > passkey.counter || (newCounter === 0 && passkey.counter === 0);
  if (!hasGoneOn) return { about: user, why: 'counter' };
  // Conditional on the counter that was compared: of two at once one is the copy.
  const at = `passkeys.${user.passkeys.indexOf(passkey)}`;
  const { matchedCount } = await models.users.collection.updateOne(
    { _id: user._id as never, [`${at}.id`]: passkey.id, [`${at}.counter`]: passkey.counter },
    { $set: { [`${at}.counter`]: newCounter, [`${at}.lastUsedAt`]: clock() } },
  );
  return matchedCount === 0 ? { about: user, why: 'counter' } : { user, passkey };
}
