/** Batched requests: which share a batch, and that each gets its own answer. */
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { together } from '../../src/models/batching.js';

/** Records every batch, and answers each request with itself once it may. */
function taker(ms = 0) {
  const turns: number[][] = [];
  const run = async (asks: number[]) => {
    turns.push(asks);
    await wait(ms);
    return asks.map((result) => ({ result }));
  };
  return { turns, run };
}

it('takes all requests of one turn of the event loop at once, and gives each its own answer', async () => {
  const { turns, run } = taker();
  const ask = together({ run, lanes: 1 });
  expect(await Promise.all([3, 1, 2].map(ask))).toEqual([3, 1, 2]);
  expect(turns).toEqual([[3, 1, 2]]);
});

it('gathers requests while all lanes are busy', async () => {
  const { turns, run } = taker(5);
  const ask = together({ run, lanes: 1 });
  const first = ask(1);
  await wait(1);
  await Promise.all([first, ask(2), ask(3)]);
  expect(turns).toEqual([[1], [2, 3]]);
});

it('starts without delay when a batch never answers', async () => {
  let isFirst = true;
  const run = (asks: number[]) => {
    const isStuck = isFirst;
    isFirst = false;
    return isStuck
      ? new Promise<never>(() => undefined)
      : Promise.resolve(asks.map((result) => ({ result })));
  };
  const ask = together({ run, lanes: 1 });
  void ask(1);
  await wait(1);
  expect(await ask(2)).toBe(2);
});

it('takes sixty-four requests at most', async () => {
  const { turns, run } = taker();
  const ask = together({ run, lanes: 1 });
  await Promise.all(Array.from({ length: 100 }, (_, index) => ask(index)));
  expect(turns.map(({ length }) => length)).toEqual([64, 36]);
});

it('puts requests of one key into separate batches', async () => {
  const { turns, run } = taker();
  const ask = together({ run, lanes: 1, keyOf: (number) => String(number % 10) });
  await Promise.all([1, 2, 11, 21].map(ask));
  expect(turns).toEqual([[1, 2], [11], [21]]);
});

it('gives one request its own fault, and all requests a common fault', async () => {
  const one = together<number, number>({
    run: async (asks) => asks.map((ask) => (ask === 2 ? { error: new Error('two') } : { result: ask })),
    lanes: 1,
  });
  const [first, second] = await Promise.allSettled([one(1), one(2)]);
  expect(first).toEqual({ status: 'fulfilled', value: 1 });
  expect(second).toMatchObject({ status: 'rejected', reason: new Error('two') });
  const all = together<number, number>({ run: () => Promise.reject(new Error('away')), lanes: 1 });
  const outcomes = await Promise.allSettled([all(1), all(2)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
