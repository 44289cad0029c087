/** Reads which subscriber and type a mail was for, from the unsubscribe link in its headers. */
import type { Config } from '../../config.js';
import { DomainError } from '../../errors.js';
import type { Tokens } from '../../tokens/contract.js';
import type { TokenClaims } from '../../tokens/kinds.js';
import { tokenIn } from '../../tokens/token-in-text.js';

export interface LinkDeps {
  config: Pick<Config, 'tokenIssuer'>;
  tokens: Pick<Tokens, 'verify'>;
  clock: () => Date;
}

/** @returns what the portal's own link in the text says; null if the text has none */
export async function claimsOf(deps: LinkDeps, text: string): Promise<TokenClaims['unsubscribe'] | null> {
  return claimsOfToken(deps, tokenIn(text, deps.config.tokenIssuer));
}

/** @returns what the token of an unsubscribe link says; null without a token, or if it is invalid */
export async function claimsOfToken(
  deps: Pick<LinkDeps, 'tokens' | 'clock'>,
  token: string | null,
): Promise<TokenClaims['unsubscribe'] | null> {
  if (token === null) return null;
  try {
    return (await deps.tokens.verify('unsubscribe', token, deps.clock())).claims;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'INVALID_TOKEN') return null;
    throw error;
  }
}
