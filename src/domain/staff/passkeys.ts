/** Passkeys (WebAuthn Level 3): adding, removing, and finding the user at sign-in. */
import { isIP } from 'node:net';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type WebAuthnCredential,
} from '@simplewebauthn/server';
import type { Config } from '../../config.js';
import { DomainError } from '../../errors.js';
import type { Models } from '../../models/index.js';
import type { Passkey, User } from '../../models/user.js';
import { parseAssertion, parseAttestation } from './passkey-answers.js';

/** Host name to which passkeys are bound, and origin of the pages. */
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
 * Browsers offer passkeys only on secure pages with a host name (WebAuthn, sections 5.1.3 and 5.1.4: no IP address; https or localhost).
 * @returns null if BASE_URL allows no passkeys
 */
export function passkeyPlaceOf({ baseUrl }: Pick<Config, 'baseUrl'>): PasskeyPlace | null {
  const { protocol, hostname } = new URL(baseUrl);
  const isHere = hostname === 'localhost' || hostname.endsWith('.localhost');
  const isAddress = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
  return !isAddress && (protocol === 'https:' || isHere) ? { rpId: hostname, origin: baseUrl } : null;
}

/** Options for a new passkey: discoverable, and with user verification (fingerprint, face or PIN), so it counts as both factors. */
export function passkeyToMake(place: PasskeyPlace, user: Pick<User, '_id' | 'email' | 'name' | 'passkeys'>) {
  return generateRegistrationOptions({
    rpName: 'Sayso',
    rpID: place.rpId,
    userName: user.email,
    userDisplayName: user.name,
    userID: new Uint8Array(Buffer.from(user._id)),
    // All makes of authenticators are accepted, so no attestation is requested.
    attestationType: 'none',
    excludeCredentials: user.passkeys.map(({ id, transports }) => ({ id, transports })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/** Options for signing in: any passkey of this host name. The passkey then tells the user. */
export function passkeyToShow(place: PasskeyPlace) {
  return generateAuthenticationOptions({ rpID: place.rpId, userVerification: 'required' });
}

/**
 * Adds a passkey.
 * @param wish `answer` is the JSON of the browser; `challenge` was taken from the session and can be used once
 * @throws DomainError `INVALID_FORM` for an invalid answer, a passkey that is in use already, and too many passkeys
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
  // The collection is small, so no index is needed.
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
    throw new DomainError('INVALID_FORM', 'The passkey could not be verified.', { cause: error });
  }
  throw new DomainError('INVALID_FORM', 'The passkey could not be verified.');
}

/** @returns false if the account has no such passkey */
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

/** User and passkey, or why the sign-in is refused, and the account if it is known. */
export type PasskeyOutcome =
  | { user: User; passkey: Passkey }
  | { user?: undefined; about: User | null; why: 'unknown' | 'closed' | 'counter' | 'invalid' };

/**
 * Finds the user who signs in. The counter of the passkey must be higher than at its last use. Otherwise a copy of it may exist (WebAuthn,
 * section 6.1.1), and the sign-in is refused. Synchronised passkeys do not count and always send 0.
 * @param answer the JSON of the browser
 * @throws DomainError `INVALID_FORM` for an unreadable answer
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
    // Checked below, so that a wrong counter can be told from a wrong signature.
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
  // Conditional on the compared counter, so that only one of two concurrent sign-ins succeeds.
  const at = `passkeys.${user.passkeys.indexOf(passkey)}`;
  const { matchedCount } = await models.users.collection.updateOne(
    { _id: user._id as never, [`${at}.id`]: passkey.id, [`${at}.counter`]: passkey.counter },
    { $set: { [`${at}.counter`]: newCounter, [`${at}.lastUsedAt`]: clock() } },
  );
  return matchedCount === 0 ? { about: user, why: 'counter' } : { user, passkey };
}
