/** Exports read subscribers in the order of their ids, by one cursor or by several. */
import { expect, it } from 'vitest';
import { subscriberBatches } from '../../../src/domain/exports/subscriber-batches.js';
import { newSubscriber } from '../../../src/models/subscriber.js';
import { openConsentRoom } from '../../support/consent-room.js';

it('reads many subscribers in ranges of their ids: all of them in order, also from a place in the middle', async () => {
  const room = await openConsentRoom();
  const ids = ['-', '0a', '1', 'Mid', '_', 'a', 'z', 'zz', '~'].map((id) => `${id}-range`);
  const documents = ids.map((_id) => newSubscriber(_id, 'EMAIL', `${_id}@example.com`, new Date()));
  await room.models.subscribers.collection.insertMany(documents as never[]);
  const read = async (after: string | null, many: number) => {
    const found: string[] = [];
    const wanted = { scope: null, after, fields: ['address'], many } as const;
    for await (const { subscribers, place } of subscriberBatches(room.models, wanted)) {
      found.push(...subscribers.map(({ _id }) => _id));
      expect(place).toBe(found.at(-1));
    }
    return found.filter((id) => id.endsWith('-range'));
  };
  expect(await read(null, 1)).toEqual(ids);
  expect(await read('Mid-range', 1)).toEqual(ids.slice(4));
  expect(await read('a-range', Infinity)).toEqual(ids.slice(6));
});
