/**
 * Fails a test whose filter has an operator that is not trusted. Mongoose compares the field with the operator's object instead, so such a filter
 * finds nothing, and what is then claimed of the result is always true.
 */
import mongoose from 'mongoose';
import type { Query } from 'mongoose';

const joining = ['$and', '$or', '$nor'];

/** Whether mongoose takes an operator of this filter for a value. */
function isDefused(filter: Record<string, unknown>): boolean {
  return Object.entries(filter).some(([field, wanted]) =>
    joining.includes(field)
      ? (wanted as Record<string, unknown>[]).some(isDefused)
      : mongoose.sanitizeFilter({ [field]: wanted })[field] !== wanted,
  );
}

const known: { isWatching?: boolean } = mongoose as never;
// Files share their modules, and this file is read again for each of them.
if (!known.isWatching) {
  known.isWatching = true;
  mongoose.plugin((schema) => {
    schema.pre(
      /^(?:find|count|update|delete|replace)/,
      { document: false, query: true },
      function (this: Query<unknown, unknown>) {
        if (isDefused(this.getFilter()))
          throw new Error('This filter has an operator that is not trusted, so it finds nothing.');
      },
    );
  });
}
