/** A process that dies: models whose writes of contacts and of their claims stop after a few, as if nobody were there to make the next. */
import type { Models } from '../../src/models/index.js';

const writes = new Set<string | symbol>(['insertOne', 'updateOne', 'deleteOne', 'bulkWrite']);

/** @param after how many writes succeed */
export function crashing(models: Models, after: number): Models {
  let left = after;
  const guarded = <Thing extends object>(
    thing: Thing,
    inner: (name: string | symbol, value: unknown) => unknown,
  ): Thing =>
    new Proxy(thing, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        return inner(name, value);
      },
    });
  const model = <Thing extends object>(thing: Thing): Thing =>
    guarded(thing, (name, value) => {
      if (name !== 'collection' || typeof value !== 'object' || value === null) return bound(thing, value);
      return guarded(value, (method, act) => {
        if (!writes.has(method) || typeof act !== 'function') return bound(value, act);
        return async (...given: unknown[]) => {
          left -= 1;
          if (left < 0) throw new Error('the process died');
          return Reflect.apply(act, value, given) as unknown;
        };
      });
    });
  return { ...models, contacts: model(models.contacts), subscribers: model(models.subscribers) };
}

function bound(thing: object, value: unknown): unknown {
  return typeof value === 'function' ? (value.bind(thing) as unknown) : value;
}
