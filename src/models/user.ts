/** The staff's accounts: who may sign in, how, in which role, and which business units they reach. */
import { Schema } from 'mongoose';
import type { Connection, Model } from 'mongoose';
import type { Role } from '../domain/staff/access.js';

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
  /** In the normal form of addresses; it is what one signs in with. */
  email: string;
  name: string;
  /** Names before this one, oldest first, and until when each was in use: history and audit log show the name of that time. Absent before 0561. */
  formerNames?: { name: string; until: Date }[];
  role: Role;
  /** Null reaches all business units. */
  unitIds: number[] | null;
  /** Argon2id; null for one who signs in by passkey or OpenID Connect alone, or was invited and has not come yet. */
  passwordHash: string | null;
  /** Shared secret of the one-time codes, encrypted; `confirmedAt` null until a first code was right. */
  totp: { secret: string; confirmedAt: Date | null; lastStep: number } | null;
  /** SHA-256 of the codes for somebody who lost the telephone; each works once. */
  recoveryCodes: string[];
  passkeys: Passkey[];
  /** Issuer and subject of OpenID Connect, once signed in by it. */
  oidc: { issuer: string; subject: string } | null;
  /** SHA-256 of a one-time link that sets a password, until when it works, and whether its use takes one-time codes and passkeys away. */
  invitation: { hash: string; until: Date; removesCodes: boolean } | null;
  isActive: boolean;
  /** Raised when a password changes or somebody is shut out: sessions of an older epoch are over. */
  epoch: number;
  createdAt: Date;
  lastSignInAt: Date | null;
}

const schema = new Schema<User>(
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
// Few documents, on one shard: uniqueness needs no more.
schema.index({ email: 1 }, { unique: true });

export type UserModel = Model<User>;

export function userModel(connection: Connection): UserModel {
  return connection.model<User>('User', schema);
}
