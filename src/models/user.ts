/** Accounts of the staff: ways to sign in, role, and business units. */
import { Schema } from 'mongoose';
import type { Role } from '../vocabulary/access.js';

export interface Passkey {
  /** Credential id, base64url (WebAuthn, section 5.1). */
  id: string;
  /** COSE public key, base64url. */
  publicKey: string;
  counter: number;
  transports: string[];
  name: string;
  addedAt: Date;
  lastUsedAt: Date | null;
}

export interface User {
  _id: string;
  /** Normalised. The user signs in with it. */
  email: string;
  name: string;
  /** Earlier names, oldest first, and until when each was in use (decision 0561). Absent in accounts that an older release created. */
  formerNames?: { name: string; until: Date }[];
  role: Role;
  /** Null: all business units. */
  unitIds: number[] | null;
  /** Argon2id. Null for a user who signs in only by passkey or OpenID Connect, and for an invited user without a password yet. */
  passwordHash: string | null;
  /** Shared secret of the one-time codes, encrypted. `confirmedAt` is null until a first code was right. */
  totp: { secret: string; confirmedAt: Date | null; lastStep: number } | null;
  /** SHA-256 of each unused recovery code. */
  recoveryCodes: string[];
  passkeys: Passkey[];
  /** Issuer and subject of OpenID Connect, after the first sign-in by it. */
  oidc: { issuer: string; subject: string } | null;
  /** SHA-256 of the one-time link that sets a password, its expiry, and whether its use removes one-time codes and passkeys. */
  invitation: { hash: string; until: Date; removesCodes: boolean } | null;
  isActive: boolean;
  /** Raised when the password changes or the account is closed. Sessions of a lower epoch have ended. */
  epoch: number;
  createdAt: Date;
  lastSignInAt: Date | null;
}

export const userSchema = new Schema<User>(
  {
    _id: { type: String, required: true },
    email: { type: String, required: true },
    name: { type: String, required: true },
    formerNames: { type: [Schema.Types.Mixed], default: [] },
    role: { type: String, required: true },
    unitIds: { type: [Number], default: null },
    passwordHash: { type: String, default: null },
    totp: { type: Schema.Types.Mixed, default: null },
    recoveryCodes: { type: [String], default: [] },
    passkeys: { type: [Schema.Types.Mixed], default: [] },
    oidc: { type: Schema.Types.Mixed, default: null },
    invitation: { type: Schema.Types.Mixed, default: null },
    isActive: { type: Boolean, required: true },
    epoch: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    lastSignInAt: { type: Date, default: null },
  } as never,
  { collection: 'users', minimize: false, versionKey: false },
);
// The collection is small and unsharded, so a plain unique index is enough.
userSchema.index({ email: 1 }, { unique: true });
