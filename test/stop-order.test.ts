/** A stop: steps in reverse order of start, parallel ones in parallel, and all of them. */
import { expect, it } from 'vitest';
import { createStopOrder } from '../src/stop-order.js';

it('stops in the reverse order of start, and parallel steps at once', async () => {
  const said: string[] = [];
  const order = createStopOrder(() => undefined);
  let workerHasBegun = (): void => undefined;
  const begun = new Promise<void>((resolve) => (workerHasBegun = resolve));
  order.add(async () => void said.push('database'));
  // The server's end waits for the worker's: in sequence they would wait without end.
  order.add(async () => {
    await begun;
    said.push('server');
  });
  order.addBeside(async () => {
    said.push('worker');
    workerHasBegun();
  });
  order.add(async () => void said.push('wordings'));
  await order.run();
  expect(said).toEqual(['wordings', 'worker', 'server', 'database']);
});

it('a stop continues after a failed step, reports it, and does nothing the second time', async () => {
  const said: unknown[] = [];
  const order = createStopOrder((error) => said.push(error));
  const fault = new Error('no');
  order.add(async () => void said.push('last'));
  order.add(() => Promise.reject(fault));
  order.addBeside(() => {
    throw fault;
  });
  await order.run();
  await order.run();
  expect(said).toEqual([fault, fault, 'last']);
});
