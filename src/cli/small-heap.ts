/** Keeps the memory of a server small: V8 lets a heap grow to a multiple of what is in use before it clears up (decision 0121). */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * From now on the heap is cleared up whenever it has doubled, and once at this moment, since V8 heeds that only after the first time.
 * It takes some 20 ms, so it is for after the start.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=100');
  setFlagsFromString('--expose-gc');
  const clearUp: unknown = runInNewContext('gc');
  if (typeof clearUp === 'function') clearUp();
}
