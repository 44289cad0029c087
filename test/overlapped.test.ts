/** Work on one item overlaps with the next, and the results come in order. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { overlapped } from '../src/overlapped.js';

async function* numbers(count: number): AsyncGenerator<number> {
  for (let number = 0; number < count; number++) yield number;
}

it('at most two items are worked on at once, and a slow one does not change the order', async () => {
  let [open, most] = [0, 0];
  const results: number[] = [];
  const work = async (item: number) => {
    most = Math.max(most, ++open);
    await sleep(item % 2 === 0 ? 20 : 1);
    open--;
    return item;
  };
  for await (const one of overlapped(numbers(5), work)) results.push(one);
  expect(results).toEqual([0, 1, 2, 3, 4]);
  expect(most).toBe(2);
});

it('a failure comes after the results before it, and ends the stream', async () => {
  const results: number[] = [];
  const work = async (item: number) => {
    if (item === 2) throw new Error('two');
    await sleep(5);
    return item;
  };
  const all = async () => {
    for await (const one of overlapped(numbers(5), work)) results.push(one);
  };
  await expect(all()).rejects.toThrow('two');
  expect(results).toEqual([0, 1]);
});

it.each(['the caller stops', 'work fails'])(
  'if %s, work that has begun ends before the stream does',
  async (why) => {
    const ended: number[] = [];
    const work = async (item: number) => {
      if (item === 0 && why === 'work fails') throw new Error('zero');
      await sleep(item * 20);
      ended.push(item);
      return item;
    };
    const some = async () => {
      for await (const one of overlapped(numbers(5), work)) if (one === 0) break;
    };
    await some().catch(() => undefined);
    expect(ended).toContain(1);
  },
);
