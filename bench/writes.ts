/** The writes of a save and of a one-click, prepared: the bare driver must get writes of the size that the portal makes. */
import type { Connection } from 'mongoose';
import { applyChange, standingOf } from '../src/domain/consent/apply.js';
import { makeEvents } from '../src/domain/consent/events.js';
import type { Change, ConsentState } from '../src/vocabulary/terms.js';
import type { Subscriber, SubscriberHead } from '../src/models/subscriber.js';
import { acts } from './world.js';
import type { ActKind } from './world.js';

/** The headers of every request of the load. */
export const userAgent =
  'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)';

/** Prepares the update of one kind of act, with its events and hashes, once; `of` only adds what belongs to the subscriber. */
export function updateOf(kind: ActKind, sample: SubscriberHead) {
  const { off, on } = acts[kind];
  const changes: Change[] = [
    ...off.map((type) => change(type, 'SUBSCRIBED', 'UNSUBSCRIBED')),
    ...on.map((type) => change(type, 'NOT_SPECIFIED', 'SUBSCRIBED')),
  ];
  const at = new Date('2026-03-15T10:00:00Z');
  const isSave = kind === 'save';
  const events = makeEvents(sample, changes, {
    at,
    channel: 'EMAIL',
    actor: isSave
      ? { kind: 'CONTACT', isLinkFresh: true, ref: 'preferences link' }
      : { kind: 'ONE_CLICK', ref: 'header' },
    circumstances: {
      userAgent,
      ...(isSave ? { legalBasis: 'CONSENT_WITH_NOTICE', locale: 'en', wording: sample.chainHead } : {}),
    },
  });
  let after: ConsentState = sample;
  for (const event of events) after = applyChange(after, event.change, standingOf(event));
  const fields = {
    subscriptions: after.subscriptions,
    optOuts: after.optOuts,
    snoozes: after.snoozes,
    pending: after.pending,
    seq: sample.seq + events.length,
    chainHead: events[events.length - 1]?.hash ?? '',
    eventCount: sample.eventCount + events.length,
    updatedAt: at,
    ...(isSave
      ? {
          lastSave: {
            nonce: 'AAAAAAAAAAAA',
            isAsFound: false,
            at,
            seq: sample.seq + events.length,
            changes: [...off, ...on].map(({ id }) => ({
              what: 'TYPE',
              typeId: id,
              outcome: 'ON',
              wasOn: true,
            })),
          },
        }
      : {}),
  };
  return ({ version }: Pick<SubscriberHead, 'version'>) => ({
    $set: { ...fields, version: version + 1 },
    $push: { events: { $each: events } },
  });
}

function change(
  { id: typeId, unitId }: { id: number; unitId: number },
  from: 'SUBSCRIBED' | 'NOT_SPECIFIED',
  to: 'SUBSCRIBED' | 'UNSUBSCRIBED',
): Change {
  return { op: 'STATUS', unitId, typeId, from, to, ...(to === 'UNSUBSCRIBED' ? { party: 'CONTACT' } : {}) };
}

/**
 * Bare conditional writes by the driver, as many at once as the load has connections.
 * @returns writes a second
 */
export async function writeBare(
  connection: Connection,
  input: { kind: ActKind; sample: SubscriberHead; ids: string[]; atOnce: number },
): Promise<number> {
  const update = updateOf(input.kind, input.sample);
  const collection = connection.getClient().db(connection.name).collection<Subscriber>('subscribers');
  const waiting = [...input.ids];
  const began = performance.now();
  await Promise.all(
    Array.from({ length: input.atOnce }, async () => {
      for (let _id = waiting.pop(); _id !== undefined; _id = waiting.pop()) {
        const { matchedCount } = await collection.updateOne(
          { _id, version: input.sample.version },
          update(input.sample) as never,
        );
        if (matchedCount !== 1) throw new Error('A bare write found nothing to write.');
      }
    }),
  );
  return (input.ids.length / (performance.now() - began)) * 1000;
}
