/** Gets a small text over https: certificates and confirmations of Amazon SNS. */
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
    const { status, body } = await guardedGet(url, { ...limits, privateAddresses });
    const pieces: Uint8Array[] = [];
    for await (const piece of body) pieces.push(piece);
    if (status !== 200) throw new Error(`The URL answered with status ${status}.`);
    const text = Buffer.concat(pieces).toString();
    if (url.endsWith('.pem')) known.set(url, text);
    for (const oldest of known.keys()) if (known.size > mostKept) known.delete(oldest);
    return text;
  };
}
