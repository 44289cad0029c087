/** Wordings: the exact text that a page showed, stored once under its hash, as long as any event names it. */
import { Schema } from 'mongoose';

export interface WordingDocument {
  /** SHA-256 of `text`, base64url. */
  _id: string;
  locale: string;
  /** JSON of the text that the contact read: headings, hints, and each unit and type with its sentence. */
  text: string;
}

export const wordingSchema = new Schema<WordingDocument>(
  { _id: String, locale: String, text: String },
  { collection: 'wordings', versionKey: false },
);
