/** The three kinds of token, what each carries, and how long it lives; none is ever accepted as another. */

export const tokenKinds = {
  /** "Manage your preferences": see and change; after it expires it can still opt out. */
  preferences: { typ: 'prefs+jwt', audience: 'prefs' },
  /** The one-click header and the footer's "Unsubscribe": opt out of one type or of one unit; never expires. */
  unsubscribe: { typ: 'unsub+jwt', audience: 'unsub' },
  /** Double opt-in and lost links: confirm one pending wish, within 48 hours. */
  confirm: { typ: 'confirm+jwt', audience: 'confirm' },
} as const;
export type TokenKind = keyof typeof tokenKinds;

export const confirmLifetimeHours = 48;

interface CommonClaims {
  subscriberId: string;
  unitId: number;
  /** Language asked for when the link was minted. */
  locale?: string;
  /** The subscriber's link epoch when it was minted. */
  epoch: number;
}

/** What a token of each kind says; times are filled in by the minting. */
export interface TokenClaims {
  /** `copiedBy` is the id of the user who copied the link, where it was not mailed to the contact. */
  preferences: CommonClaims & { typeId?: number; campaign?: string; copiedBy?: string };
  unsubscribe: CommonClaims & { typeId?: number; campaign?: string };
  confirm: CommonClaims & { pendingId: string };
}

/** A checked token: its claims, when it was issued, and whether its life is over or has not begun (its signature still holds). */
export interface VerifiedToken<K extends TokenKind> {
  kind: K;
  claims: TokenClaims[K];
  issuedAt: Date;
  expiresAt: Date | null;
  isExpired: boolean;
}
