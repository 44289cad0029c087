/** Sessions of the staff. connect-mongo writes them; the model creates their indexes and lets users list and end their own. */
import { Schema } from 'mongoose';

export const sessionCollection = 'sessions';

/** Content of a session besides `cookie`, which the library writes. Without `userId` the sign-in is not complete. */
export interface SessionContent {
  userId?: string;
  /** Epoch of the user at sign-in. */
  epoch?: number;
  signedInAt?: string;
  /** Network and browser of the sign-in, by which the user recognises the session. */
  network?: string;
  userAgent?: string;
  /** The password was right and a code is still needed: user, expiry, and the next page. Not together with `userId`. */
  halfIn?: { userId: string; epoch: number; until: string; next: string };
  /** What a passkey is to sign, with its expiry. Deleted when it is used. */
  passkeyChallenge?: { challenge: string; use: 'add' | 'sign-in'; until: string };
  csrfToken?: string | null | undefined;
}

export interface SessionDocument {
  /** SHA-256 of the session id. A reader of the database cannot take a session over. */
  _id: string;
  session: SessionContent;
  expires: Date;
  lastModified?: Date;
}

export const sessionSchema = new Schema<SessionDocument>(
  { _id: { type: String, required: true }, session: Schema.Types.Mixed, expires: Date, lastModified: Date },
  { collection: sessionCollection, minimize: false, versionKey: false },
);
sessionSchema.index({ 'session.userId': 1 });
sessionSchema.index({ expires: 1 }, { expireAfterSeconds: 0 });
