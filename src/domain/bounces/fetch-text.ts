/** Gets a small text over https: certificates and confirmations of Amazon SNS. */
import type { HookTools } from './providers/contract.js';

const limits = { ms: 5000, bytes: 16_384, kept: 16 };

/** @returns a function that keeps the last few certificates, so that one is not fetched for each message */
export function fetchText(get: typeof fetch = fetch): HookTools['fetchText'] {
  const known = new Map<string, string>();
  return async (url) => {
    const kept = known.get(url);
    if (kept !== undefined) return kept;
    const response = await get(url, { redirect: 'error', signal: AbortSignal.timeout(limits.ms) });
    const text = await beginningOf(response);
    if (!response.ok) throw new Error(`The URL answered with status ${response.status}.`);
    if (url.endsWith('.pem')) known.set(url, text);
    for (const oldest of known.keys()) if (known.size > limits.kept) known.delete(oldest);
    return text;
  };
}

/** @throws Error for a longer text than any certificate has */
async function beginningOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > limits.bytes) throw new Error('The text at the URL is too long.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
