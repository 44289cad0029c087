/** The interface of keys and tokens for the rest of the portal. */
import type { JSONWebKeySet } from 'jose';
import type { TokenClaims, TokenKind, VerifiedToken } from './kinds.js';

/** Signs and checks tokens by kind; keeps its keys in memory and re-reads the key file within seconds of a change. */
export interface Tokens {
  /**
   * Signs a token.
   * @param now the clock's time, in whole seconds once signed (RFC 7519, section 2, NumericDate)
   * @throws DomainError `INVALID_KEYS` if this process has no private key
   */
  mint<K extends TokenKind>(kind: K, claims: TokenClaims[K], now: Date): Promise<string>;
  /**
   * Checks a token of one kind.
   * @throws DomainError `INVALID_TOKEN` unless the token is genuine and of that kind. Expiry is not an error but reported in `isExpired`
   */
  verify<K extends TokenKind>(kind: K, token: string, now: Date): Promise<VerifiedToken<K>>;
  /** The public keys (RFC 7517); symmetric keys are never among them. */
  jwks(): JSONWebKeySet;
  stop(): void;
}
