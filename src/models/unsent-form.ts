/** Forms that were sent after their session had ended. The input is kept for its user until the next sign-in. */
import { Schema } from 'mongoose';

export interface UnsentForm {
  /** The user's id: only the newest form of each user is kept. */
  _id: string;
  /** Which form, and its input; encrypted, since it may hold personal data of contacts. */
  sealed: string;
  expires: Date;
}

export const unsentFormSchema = new Schema<UnsentForm>(
  { _id: String, sealed: String, expires: Date },
  { collection: 'unsent_forms', versionKey: false },
);
unsentFormSchema.index({ expires: 1 }, { expireAfterSeconds: 0 });
