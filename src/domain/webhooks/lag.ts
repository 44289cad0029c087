/** How far behind an endpoint is: what waits for it, in the feed and in the queue, and what was given up. */
import { buckets, findChangesAfter } from '../../models/change.js';
import { readCursor } from '../../models/feed-cursor.js';
import type { Models } from '../../models/index.js';
import type { WebhookEndpoint } from '../../models/webhook-endpoint.js';
import { reading } from '../consent/durability.js';
import { cursorName } from './queue-deliveries.js';

export interface EndpointLag {
  /** Deliveries that wait. Counting stops at `mostCounted`. */
  waiting: number;
  /** Deliveries that were given up in the last 30 days. Counting stops at the same number. */
  failed: number;
  /** There are entries of the feed that it has not read, which may have nothing for it. */
  hasUnread: boolean;
  /** Since when the oldest of them has waited; null if the endpoint is up to date. */
  since: Date | null;
}

export const mostCounted = 1000;

export async function readLag(
  models: Pick<Models, 'changes' | 'feedCursors' | 'webhookDeliveries'>,
  endpoint: Pick<WebhookEndpoint, '_id' | 'replays'>,
): Promise<EndpointLag> {
  const { webhookDeliveries } = models;
  const inState = (state: 'QUEUED' | 'FAILED') => ({ endpointId: endpoint._id, state }) as const;
  const [waiting, failed, oldest, unread] = await reading(() =>
    Promise.all([
      webhookDeliveries.countDocuments(inState('QUEUED'), { limit: mostCounted }),
      webhookDeliveries.countDocuments(inState('FAILED'), { limit: mostCounted }),
      webhookDeliveries.findOne(inState('QUEUED'), { at: 1 }).sort({ at: 1 }).lean<{ at: Date }>(),
      Promise.all(buckets.map((bucket) => nextUnread(models, cursorName(endpoint), bucket))),
    ]),
  );
  const times = [oldest?.at, ...unread].flatMap((at) => at?.getTime() ?? []);
  return {
    ...{ waiting, failed, hasUnread: unread.some((at) => at !== undefined) },
    since: times.length > 0 ? new Date(Math.min(...times)) : null,
  };
}

/** When the next entry was published that the endpoint has not read. */
async function nextUnread(
  { changes, feedCursors }: Pick<Models, 'changes' | 'feedCursors'>,
  name: string,
  bucket: (typeof buckets)[number],
): Promise<Date | undefined> {
  const number = await readCursor(feedCursors, name, bucket);
  const [next] = await findChangesAfter(changes, { bucket, number, limit: 1 });
  return next?.publishedAt;
}
