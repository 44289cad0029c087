/** Saved views of the contacts' index: a name for a query string, private or shared. */
import { Schema, type Connection, type Model } from 'mongoose';

export interface SavedView {
  _id: string;
  name: string;
  /** Query string without its question mark, in canonical form. */
  query: string;
  /** The owner. Only the owner and admins can delete it. */
  ownerId: string;
  isShared: boolean;
  /** The owner's scope when it was saved; null means all units. Absent on older views, which count as null. */
  scope?: number[] | null;
  at: Date;
}

const schema = new Schema<SavedView>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    query: { type: String, default: '' },
    ownerId: { type: String, required: true },
    isShared: { type: Boolean, required: true },
    scope: { type: Schema.Types.Mixed, default: null },
    at: { type: Date, required: true },
  },
  { collection: 'saved_views', versionKey: false },
);
schema.index({ ownerId: 1, name: 1 }, { unique: true });
schema.index({ isShared: 1, name: 1 });

export type SavedViewModel = Model<SavedView>;

export function savedViewModel(connection: Connection): SavedViewModel {
  return connection.model<SavedView>('SavedView', schema);
}
