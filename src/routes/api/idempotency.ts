/** `Idempotency-Key`: a repeat of a POST gets the answer of the first call, for 24 hours. */
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Deps } from '../../deps.js';
import { reading, writing } from '../../domain/consent/durability.js';
import { derivedKey, seal, unseal } from '../../domain/staff/secrets.js';
import { DomainError } from '../../errors.js';
import { claimCall, keepAnswer, releaseClaim, renewClaim, renewEveryMs } from '../../models/kept-call.js';
import { newId } from '../../new-id.js';
import type { Answer } from './operation.js';

const keptMs = 24 * 3_600_000;
const longestKey = 255;

const kept = z.object({
  bytesHash: z.string().nullable(),
  answer: z.object({
    status: z.int().exactOptional(),
    body: z.unknown(),
    headers: z.record(z.string(), z.string()).exactOptional(),
  }),
});

export interface RepeatableCall {
  /** From `keptIdOf`. */
  id: string;
  /** What must be equal in a repeat: the parts of the request that are read before the claim. */
  request: unknown;
  /** The body of an upload, which a handler reads. */
  bytes: HashedBytes | null;
  /** The answer of a fault; null for one that a repeat may heal. */
  faultAnswer: (error: unknown) => Answer | null;
}

/**
 * The id under which an answer is kept: other API keys and other paths have others.
 * @param key the `Idempotency-Key`
 * @throws DomainError `INVALID_FORM` for a key without characters, or with too many
 */
export function keptIdOf(keyId: string, path: string, key: string): string {
  if (key === '' || key.length > longestKey)
    throw new DomainError('INVALID_FORM', `An Idempotency-Key has 1 to ${longestKey} characters.`);
  return hashOf([keyId, path, key]);
}

/**
 * Runs a call, unless it was run before.
 * @param run gets the name of the call. After a kill, a lost connection or a temporary fault, a repeat runs under the same name, so that it finds what the
 *   first run created. After 24 hours, the same key names a new call
 * @returns the answer, or that of the first call. Streams and temporary faults are not kept
 * @throws DomainError `IDEMPOTENCY_KEY_REUSED` for another request; `CONFLICT` with a time to retry while the first call runs
 */
export async function answerOnce(
  deps: Pick<Deps, 'models' | 'config' | 'clock' | 'log'>,
  call: RepeatableCall,
  run: (callId: string) => Promise<Answer>,
): Promise<Answer> {
  const calls = deps.models.keptCalls;
  const claim = { _id: call.id, owner: randomBytes(16).toString('base64url') };
  const now = deps.clock();
  const requestHash = hashOf(call.request);
  const expires = new Date(now.getTime() + keptMs);
  const wanted = { ...claim, requestHash, callId: newId(), expires };
  const found = await reading(() => claimCall(calls, wanted, now));
  const key = derivedKey(deps.config, 'kept calls');
  if (found.owner !== claim.owner) {
    if (found.requestHash !== requestHash) throw reused();
    if (found.sealed === null)
      throw new DomainError('CONFLICT', 'The first call with this Idempotency-Key is still running.', {
        retryAfterSeconds: 1,
      });
    const { bytesHash, answer } = kept.parse(JSON.parse(unseal(key, call.id, found.sealed)));
    if (call.bytes && (await call.bytes.readToEnd()) !== bytesHash) throw reused();
    return answer;
  }
  const renewal = setInterval(() => {
    renewClaim(calls, claim).catch((err: unknown) => deps.log.warn({ err }, 'claim of a call not renewed'));
  }, renewEveryMs);
  try {
    const answer = await run(found.callId ?? wanted.callId).catch((error: unknown) => {
      const fault = call.faultAnswer(error);
      if (!fault) throw error;
      return fault;
    });
    const bytesHash = call.bytes?.hash() ?? null;
    if ('stream' in answer || (call.bytes && bytesHash === null)) await releaseClaim(calls, claim);
    else {
      const sealed = seal(key, call.id, JSON.stringify({ bytesHash, answer }));
      await writing(() => keepAnswer(calls, claim, sealed));
    }
    return answer;
  } catch (error) {
    // If this fails, the claim expires.
    await releaseClaim(calls, claim).catch(() => undefined);
    throw error;
  } finally {
    clearInterval(renewal);
  }
}

function reused(): DomainError {
  return new DomainError('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key was used for another request.');
}

interface HashedBytes {
  bytes: AsyncIterable<Uint8Array>;
  /** Null until all bytes have been read. */
  hash: () => string | null;
  readToEnd: () => Promise<string | null>;
}

/** Hashes bytes while a handler reads them, so that an upload is never held in memory. */
export function hashedBytes(source: AsyncIterable<Uint8Array>): HashedBytes {
  const hash = createHash('sha256');
  let digest: string | null = null;
  async function* read(): AsyncGenerator<Uint8Array> {
    for await (const part of source) {
      hash.update(part);
      yield part;
    }
    digest = hash.digest('base64url');
  }
  const bytes = read();
  return {
    bytes,
    hash: () => digest,
    readToEnd: async () => {
      for await (const _part of bytes);
      return digest;
    },
  };
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url');
}
