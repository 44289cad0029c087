/** Forms that were sent after their session had ended. The input is kept for its user until the next sign-in. */
import { Schema, type Connection, type Model } from 'mongoose';

export interface UnsentForm {
  /** The user's id: only the newest form of each user is kept. */
  _id: string;
  /** Which form, and its input; encrypted, since it may hold personal data of contacts. */
  sealed: string;
  expires: Date;
}

const schema = new Schema<UnsentForm>(
  {
    _id: { type: String, required: true },
    sealed: { type: String, required: true },
    expires: { type: Date, required: true },
  },
  { collection: 'unsent_forms', versionKey: false },
);
schema.index({ expires: 1 }, { expireAfterSeconds: 0 });

export type UnsentFormModel = Model<UnsentForm>;

export function unsentFormModel(connection: Connection): UnsentFormModel {
  return connection.model<UnsentForm>('UnsentForm', schema);
}
