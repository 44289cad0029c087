/** The place of a page in a list that is sorted newest first. */
import mongoose from 'mongoose';
import type { TimeAndId } from '../cursor.js';

/** What is older than a place, sorted by `at` and `_id`. Without a place: everything. */
export function olderThan(place: TimeAndId | null | undefined) {
  if (!place) return {};
  const { at, id } = place;
  return {
    $or: [{ at: mongoose.trusted({ $lt: at }) }, { at, _id: mongoose.trusted({ $lt: id }) }],
  };
}
