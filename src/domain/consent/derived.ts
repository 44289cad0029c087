/** What is kept beside the state so that it can be found: marks and lists, written with the state in the same write. */
import type { Subscriber, SubscriberHead } from '../../models/subscriber.js';
import { machineMadeOf } from './machine-opt-outs.js';
import type { Catalogue, ConsentState } from '../../vocabulary/terms.js';

/**
 * The fields that follow from a state; absent where there is nothing to say and never was.
 * @param followedContactId the contact whose facets the writer brings up itself, and which needs no mark
 */
export function derivedOf(
  head: SubscriberHead,
  after: ConsentState,
  catalogue: Catalogue,
  followedContactId?: string,
): Pick<Subscriber, 'isUnprojected' | 'machineMade'> {
  const machineMade =
    after.optOuts === head.optOuts ? (head.machineMade ?? null) : machineMadeOf(after, catalogue);
  return {
    ...(head.contactId && head.contactId !== followedContactId ? { isUnprojected: true } : {}),
    ...(machineMade || head.machineMade ? { machineMade } : {}),
  };
}
