/** What is kept beside the state so that it can be found: marks and lists, written with the state in the same write. */
import { bucketOf } from '../../models/change.js';
import type { Subscriber, SubscriberHead } from '../../models/subscriber.js';
import { machineMadeOf } from './machine-opt-outs.js';
import type { Catalogue, ConsentEvent, ConsentState } from '../../vocabulary/terms.js';

/**
 * The fields that follow from a state; absent where there is nothing to say and never was.
 * @param written the events that go into the same write, and its moment
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
