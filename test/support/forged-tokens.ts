/** Altered tokens by the thousand, and which of them are accepted. */
import type { Tokens } from '../../src/tokens/contract.js';
import type { TokenClaims, TokenKind } from '../../src/tokens/kinds.js';
import { noon } from './key-file.js';

export const subscriberId = 'k3yedHashOfAliceAdr00A';
export const examples: TokenClaims = {
  preferences: { subscriberId, unitId: 2, typeId: 12, locale: 'en', epoch: 3, campaign: 'spring-2026' },
  unsubscribe: { subscriberId, unitId: 2, typeId: 12, epoch: 0 },
  confirm: { subscriberId, unitId: 2, epoch: 1, pendingId: 'pending-1' },
};
export const kinds = ['preferences', 'unsubscribe', 'confirm'] as const satisfies TokenKind[];
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Tries every token, many at a time. Returns those that were accepted, or refused in other words, and how many were tried. */
export async function acceptedOf(tokens: Tokens, kind: TokenKind, forged: Iterable<string>) {
  const accepted: string[] = [];
  let count = 0;
  const tryOne = async (token: string) => {
    await tokens.verify(kind, token, noon).then(
      () => accepted.push(token),
      (error: unknown) => {
        // A hundred thousand calls of `expect` would take longer than the checks.
        const { code, message } = Object(error);
        if (code !== 'INVALID_TOKEN' || message !== 'This link is not valid.')
          accepted.push(`${token}: ${String(error)}`);
      },
    );
  };
  let batch: Promise<void>[] = [];
  for (const token of forged) {
    count += 1;
    if (batch.push(tryOne(token)) === 200) {
      await Promise.all(batch);
      batch = [];
    }
  }
  await Promise.all(batch);
  return { accepted, count };
}

/** Every character replaced by every other, and every position cut, doubled, or filled with a character outside base64url. */
export function* mutationsOf(token: string): Generator<string> {
  for (let at = 0; at < token.length; at += 1) {
    const [before, here, after] = [token.slice(0, at), token.charAt(at), token.slice(at + 1)];
    for (const letter of alphabet) if (letter !== here) yield before + letter + after;
    for (const stranger of ['.', '=', '+', '/', ' ', '\n', '\0', '%', 'é', '😀', '']) {
      if (stranger !== here) yield before + stranger + after;
    }
    for (let bit = 0; bit < 8; bit += 1)
      yield before + String.fromCharCode(here.charCodeAt(0) ^ (1 << bit)) + after;
    yield token.slice(0, at);
    yield before + here + here + after;
  }
  for (const around of [' ', '.', '=', '\n', '\t', '\0', 'A']) yield* [around + token, token + around];
}
