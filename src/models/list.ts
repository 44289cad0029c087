/** Lists of contacts: a name, and either members chosen one by one or a filter. Members of static lists are kept on the contacts (`listIds`). */
import { Schema } from 'mongoose';

export const listKinds = ['STATIC', 'ACTIVE'] as const;
export type ListKind = (typeof listKinds)[number];

export interface List {
  /** Random. Contacts, filters and workflows name lists by it, and it is never used again. */
  _id: string;
  name: string;
  kind: ListKind;
  /** Of an active list: its filter, as `domain/filters` stores it. Null for a static one. */
  filter: unknown;
  /** The business units that it is limited to; null for all. Only users who reach all of them see it. */
  unitIds: number[] | null;
  /** `user:<id>` */
  createdBy: string;
  createdAt: Date;
  updatedAt: Date;
  /** Raised by each edit. */
  version: number;
}

export const listSchema = new Schema<List>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    kind: { type: String, required: true },
    filter: { type: Schema.Types.Mixed, default: null },
    unitIds: { type: Schema.Types.Mixed, default: null },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
    version: { type: Number, required: true },
  },
  { collection: 'lists', minimize: false, versionKey: false },
);
