/** Waits for new entries of the change feed. All who wait share one look per second, and between two looks nobody holds a connection. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Models } from '../../models/index.js';
import { newestNumbers, type Places } from './read-changes.js';

const lookEveryMs = 500;

/** By database, and only while somebody waits for the next look. */
const looks = new WeakMap<Models, Promise<number[]>>();

/**
 * Returns as soon as there is an entry behind these places, or when the time is over.
 * @param ms longest wait, in milliseconds
 */
export async function waitForChanges(models: Models, places: Places, ms: number): Promise<void> {
  const over = performance.now() + ms;
  while (performance.now() < over) {
    const newest = await nextLook(
      models,
      places.map(([number]) => number),
    );
    if (newest.some((number, bucket) => number > (places[bucket]?.[0] ?? 0))) return;
  }
}

function nextLook(models: Models, from: readonly number[]): Promise<number[]> {
  const shared = looks.get(models);
  if (shared) return shared;
  const look = sleep(lookEveryMs)
    .then(() => newestNumbers(models, from))
    .finally(() => looks.delete(models));
  looks.set(models, look);
  return look;
}
