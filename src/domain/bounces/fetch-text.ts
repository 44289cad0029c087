/** Gets a small text over https: certificates and confirmations of Amazon SNS. */
import { DomainError } from '../../errors.js';
import { guardedGet } from '../../guarded-get.js';
import type { HookTools } from './providers/contract.js';

const limits = { totalMs: 5000, idleMs: 5000, mostBytes: 16_384, mostRedirects: 0 };
const mostKept = 16;

/**
 * @param privateAddresses those that may be reached; none, except in tests
 * @returns a function that keeps the last few certificates, so that one is not fetched for each message
 */
export function fetchText(privateAddresses: readonly string[] = []): HookTools['fetchText'] {
  const known = new Map<string, string>();
  return async (url) => {
    const kept = known.get(url);
    if (kept !== undefined) return kept;
    const text = await get(url, privateAddresses);
    if (url.endsWith('.pem')) known.set(url, text);
    for (const oldest of known.keys()) if (known.size > mostKept) known.delete(oldest);
    return text;
  };
}

/** @throws DomainError `PROVIDER_AWAY`, which is answered with 503: Amazon SNS repeats a call after that, and never after 400 */
async function get(url: string, privateAddresses: readonly string[]): Promise<string> {
  try {
    const { status, body } = await guardedGet(url, { ...limits, privateAddresses });
    const pieces: Uint8Array[] = [];
    for await (const piece of body) pieces.push(piece);
    if (status === 200) return Buffer.concat(pieces).toString();
    throw new Error(`The URL answered with status ${status}.`);
  } catch (cause) {
    const { hostname } = new URL(url);
    throw new DomainError('PROVIDER_AWAY', `https://${hostname} could not be reached from this server.`, {
      cause,
    });
  }
}
