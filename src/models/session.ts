/** Sessions of the staff, written by connect-mongo; declared here so that migrations make their indexes and people can see and end their own. */
import { Schema } from 'mongoose';
import type { Connection, Model } from 'mongoose';

export const sessionCollection = 'sessions';

/** What a session holds besides the library's own `cookie`. Absent `userId`: a sign-in that is not complete. */
export interface SessionContent {
  userId?: string;
  /** The user's epoch at sign-in. */
  epoch?: number;
  signedInAt?: string;
  /** Where it was begun from: network and browser, for its owner to recognise. */
  network?: string;
  userAgent?: string;
  /** The password was right and a code is waited for: whose, until when, and where to go on. No `userId` beside it. */
  halfIn?: { userId: string; epoch: number; until: string; next: string };
  /** What a passkey is to sign, and until when; taken out as it is used. */
  passkeyChallenge?: { challenge: string; use: 'add' | 'sign-in'; until: string };
  csrfToken?: string | null | undefined;
}

export interface SessionDocument {
  /** SHA-256 of the session id: who reads the database cannot take a session over. */
  _id: string;
  session: SessionContent;
  expires: Date;
  lastModified?: Date;
}

const schema = new Schema<SessionDocument>(
  { _id: { type: String, required: true }, session: Schema.Types.Mixed, expires: Date, lastModified: Date },
  { collection: sessionCollection, minimize: false, versionKey: false },
);
schema.index({ 'session.userId': 1 });
schema.index({ expires: 1 }, { expireAfterSeconds: 0 });

export type SessionModel = Model<SessionDocument>;

export function sessionModel(connection: Connection): SessionModel {
  return connection.model<SessionDocument>('Session', schema);
}
