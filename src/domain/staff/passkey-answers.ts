/** Parses the JSON of a browser about a passkey (WebAuthn, section 5.1: `RegistrationResponseJSON`, `AuthenticationResponseJSON`). */
import { z } from 'zod';
import { DomainError } from '../../errors.js';

const base64url = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[\w-]+$/);
const id = base64url(1500);

const attestation = z.object({
  id,
  rawId: id,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: base64url(4000),
    attestationObject: base64url(20_000),
    transports: z.array(z.string().max(20)).max(10).catch([]),
  }),
});

const assertion = z.object({
  id,
  rawId: id,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: base64url(4000),
    authenticatorData: base64url(4000),
    signature: base64url(8000),
    // A discoverable passkey tells its user. Sayso makes no others.
    userHandle: base64url(100),
  }),
});

/** @throws DomainError `INVALID_FORM` */
export function parseAttestation(json: string) {
  return { ...parsed(attestation, json), clientExtensionResults: {} };
}

/** @throws DomainError `INVALID_FORM` */
export function parseAssertion(json: string) {
  return { ...parsed(assertion, json), clientExtensionResults: {} };
}

function parsed<T>(schema: z.ZodType<T>, json: string): T {
  let sent: unknown;
  try {
    sent = JSON.parse(json);
  } catch (error) {
    throw new DomainError('INVALID_FORM', 'The answer of the passkey is not JSON.', { cause: error });
  }
  const result = schema.safeParse(sent);
  if (!result.success) throw new DomainError('INVALID_FORM', 'The answer of the passkey is incomplete.');
  return result.data;
}
