/** Fields derived from the state for lists and searches. They are written in the same write as the state. */
import { bucketOf } from '../../models/change.js';
import type { Subscriber, SubscriberHead } from '../../models/subscriber.js';
import { machineMadeOf } from './machine-opt-outs.js';
import type { Catalogue, ConsentEvent, ConsentState } from '../../vocabulary/terms.js';

/**
 * The fields that follow from a state. A field is absent if it has no value and never had one.
 * @param written the events in the same write, and its time
 */
export function derivedOf(
  head: SubscriberHead,
  after: ConsentState,
  catalogue: Catalogue,
  { events, now }: { events: readonly ConsentEvent[]; now: Date },
): Pick<Subscriber, 'unpublished' | 'machineMade'> {
  const [first] = events;
  const machineMade =
    after.optOuts === head.optOuts ? (head.machineMade ?? null) : machineMadeOf(after, catalogue);
  return {
    ...(first
      ? { unpublished: head.unpublished ?? { bucket: bucketOf(head._id), since: now, from: first.seq } }
      : {}),
    ...(machineMade || head.machineMade ? { machineMade } : {}),
  };
}
