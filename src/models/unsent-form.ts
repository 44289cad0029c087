/** Forms that were sent after their session had ended: what was typed is kept for its user until they have signed in again. */
import { Schema } from 'mongoose';
import type { Connection, Model } from 'mongoose';

export interface UnsentForm {
  /** The user's id: the newest form of each user is kept, and no other. */
  _id: string;
  /** Which form, and what was typed; sealed, since it may hold personal data of contacts. */
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
