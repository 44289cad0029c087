/** Declares the API of the change feed. */
import { z } from 'zod';
import { cursorAtEnd, readChanges } from '../../../domain/changes/read-changes.js';
import { waitForChanges } from '../../../domain/changes/wait-for-changes.js';
import { isEventType, type EventType } from '../../../vocabulary/event-types.js';
import { operation } from '../operation.js';
import { event, queryNumber } from '../schemas.js';

const typeNames = z
  .string()
  .max(1000)
  .transform((text, context): EventType[] => {
    const names = text.split(',');
    const known = names.filter(isEventType);
    if (known.length === names.length) return known;
    context.addIssue({ code: 'custom', message: 'has a name that is not a type of event' });
    return z.NEVER;
  })
  .meta({ type: 'string', description: 'Types of events, with commas between them. Absent: all.' });

const changesQuery = z.strictObject({
  after: z
    .string()
    .min(1)
    .max(2000)
    .optional()
    .meta({ description: 'The cursor of the last answer, or “now”. Absent: from the oldest event on.' }),
  wait: queryNumber
    .pipe(z.number().max(30))
    .optional()
    .meta({ description: 'Seconds to wait for an event if there is none yet.' }),
  limit: queryNumber
    .pipe(z.number().min(1).max(1000))
    .optional()
    .meta({ description: 'Entries to read at most.' }),
  types: typeNames.optional(),
  subscriptionTypeId: queryNumber.optional(),
});

const usualLimit = 200;

export const changeOperations = [
  operation({
    ...{ id: 'getChanges', method: 'GET', path: '/api/v1/changes', tag: 'Changes' },
    scopes: ['changes.read'],
    summary: 'Read every event of consent and of contacts, in order for each subscriber',
    description:
      'Keep the cursor of each answer, and send it with the next call. No event is skipped, and after a failure the same call gets the same events again. With “wait”, the answer comes as soon as something happens. A key of some business units gets their events, and those of the whole account.',
    query: changesQuery,
    answers: {
      200: z.strictObject({
        results: z.array(event),
        after: z.string().meta({ description: 'The cursor for the next call.' }),
        hasMore: z.boolean().meta({ description: 'True: call again at once.' }),
      }),
    },
    faults: [409],
    /** @throws DomainError `INVALID_FORM` for a text that is not a cursor, `CONFLICT` for a cursor of another database */
    run: async ({ models }, { scope }, { query }) => {
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
    },
  }),
];
