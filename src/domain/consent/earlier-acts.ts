/** Finds acts that interrupted work has already done, so that it does none twice. */
import type { Models } from '../../models/index.js';
import { findAllEvents } from '../../models/archived-event.js';
import type { Subscriber } from '../../models/subscriber.js';
import { replay } from './apply.js';
import type { ConsentInput, ConsentResult } from './contract.js';
import { reading } from './durability.js';
import { planOf } from './plan.js';
import type { Catalogue, ConsentEvent } from '../../vocabulary/terms.js';

/**
 * The outcomes of an act if the subscriber's history has events by the same actor's `ref`: each wish as it was decided then. An act is one write, so
 * if one of its events exists, all do.
 * @returns null if it was not done yet
 */
export async function findEarlierAct(
  models: Pick<Models, 'archivedEvents'>,
  input: ConsentInput,
  subscriber: Subscriber,
  catalogue: Catalogue,
): Promise<ConsentResult | null> {
  const { ref } = input.actor;
  const events = await reading(() => findAllEvents(models.archivedEvents, subscriber));
  const own = events.filter(({ actor }) => ref !== undefined && actor.ref === ref);
  const [first] = own;
  return first ? resultOf(input, subscriber, { events, own, first }, catalogue) : null;
}

/** Whether the actor of this `ref` has an event in the subscriber's history. */
export async function hasActed(
  models: Pick<Models, 'archivedEvents'>,
  subscriber: Subscriber,
  ref: string,
): Promise<boolean> {
  const events = await reading(() => findAllEvents(models.archivedEvents, subscriber));
  return events.some(({ actor }) => actor.ref === ref);
}

function resultOf(
  input: ConsentInput,
  subscriber: Subscriber,
  { events, own, first }: { events: ConsentEvent[]; own: ConsentEvent[]; first: ConsentEvent },
  catalogue: Catalogue,
): ConsentResult {
  const before = replay(events.filter(({ seq }) => seq < first.seq));
  const head = { ...subscriber, ...before, seq: first.seq - 1, chainHead: first.previous };
  const { outcomes } = planOf(input, head, { now: first.at, catalogue });
  return { outcomes, events: own, before, subscriber };
}
