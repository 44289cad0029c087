/** The three kinds of token, their claims and lifetimes. A token is never accepted as another kind. */

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

export interface CommonClaims {
  subscriberId: string;
  unitId: number;
  /** Requested language when the link was minted. */
  locale?: string;
  /** The subscriber's link epoch when it was minted. */
  epoch: number;
}

/** The claims of a token of each kind; minting adds the times. */
export interface TokenClaims {
  /** `copiedBy` is the id of the user who copied the link, unless it was mailed to the contact. */
  preferences: CommonClaims & { typeId?: number; campaign?: string; copiedBy?: string };
  unsubscribe: CommonClaims & { typeId?: number; campaign?: string };
  confirm: CommonClaims & { pendingId: string };
}

/** A verified token: its claims, its time of issue, and whether it is expired or not yet valid (its signature is still valid). */
export interface VerifiedToken<K extends TokenKind> {
  kind: K;
  claims: TokenClaims[K];
  issuedAt: Date;
  expiresAt: Date | null;
  isExpired: boolean;
}
