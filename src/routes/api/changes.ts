/** The API of the change feed. */
import { cursorAtEnd, readChanges } from '../../domain/changes/read-changes.js';
import { waitForChanges } from '../../domain/changes/wait-for-changes.js';
import type { EventType } from '../../vocabulary/event-types.js';
import type { Handler, Input } from './operation.js';

interface ChangesQuery {
  after?: string | undefined;
  /** In seconds. */
  wait?: number | undefined;
  limit?: number | undefined;
  types?: EventType[] | undefined;
  subscriptionTypeId?: number | undefined;
}

const usualLimit = 200;

/** @throws DomainError `INVALID_FORM` for a text that is not a cursor, `CONFLICT` for a cursor of another database */
export const showChanges: Handler<Input<unknown, ChangesQuery>> = async (
  { models },
  { scope },
  { query },
) => {
  const { after, wait = 0, limit = usualLimit, types = [], subscriptionTypeId } = query;
  const filter = {
    ...{ scope, eventTypes: types, limit },
    typeIds: subscriptionTypeId === undefined ? [] : [subscriptionTypeId],
  };
  let cursor = after === 'now' ? await cursorAtEnd(models) : after;
  const over = performance.now() + wait * 1000;
  for (;;) {
    const read = await readChanges(models, { ...filter, after: cursor });
    const left = over - performance.now();
    if (read.events.length > 0 || !read.isAtEnd || left <= 0)
      return { body: { results: read.events, after: read.cursor, hasMore: !read.isAtEnd } };
    // What was read did not concern this reader.
    cursor = read.cursor;
    await waitForChanges(models, read.places, left);
  }
};
