/** Gets a small text over https: certificates and confirmations of Amazon SNS. */
import type { HookTools } from './providers/contract.js';

const limits = { ms: 5000, bytes: 16_384, kept: 16 };

/** @returns a function that keeps its last few texts, so that a certificate is not fetched for each message */
export function fetchText(get: typeof fetch = fetch): HookTools['fetchText'] {
  const known = new Map<string, string>();
  return async (url) => {
    const kept = known.get(url);
    if (kept !== undefined) return kept;
    const response = await get(url, { redirect: 'error', signal: AbortSignal.timeout(limits.ms) });
    const length = Number(response.headers.get('content-length') ?? 0);
    if (!response.ok || length > limits.bytes)
      throw new Error(`no text at the URL: status ${response.status}`);
    const text = (await response.text()).slice(0, limits.bytes);
    if (url.endsWith('.pem')) known.set(url, text);
    for (const oldest of known.keys()) if (known.size > limits.kept) known.delete(oldest);
    return text;
  };
}
