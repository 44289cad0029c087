/** Keeps the memory of a server small: V8 lets a heap grow to a multiple of the used memory before it collects garbage (decision 0121). */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * From now on, garbage is collected whenever the heap has doubled, and once now, since V8 applies the setting only after the first time. It takes
 * about 20 ms, so call it after the start.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=100');
  setFlagsFromString('--expose-gc');
  const clearUp: unknown = runInNewContext('gc');
  if (typeof clearUp === 'function') clearUp();
}
