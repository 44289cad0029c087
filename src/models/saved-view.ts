/** Saved views of the contacts' index: a name for a query string, private or shared. */
import { Schema } from 'mongoose';

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

export const savedViewSchema = new Schema<SavedView>(
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
savedViewSchema.index({ ownerId: 1, name: 1 }, { unique: true });
savedViewSchema.index({ isShared: 1, name: 1 });
