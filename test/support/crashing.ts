/** Models whose writes can be delayed: for a process that crashes, or one that is overtaken. */
import type { Models } from '../../src/models/index.js';

const writes = new Set<string | symbol>([
  ...['insertOne', 'updateOne', 'replaceOne', 'deleteOne'],
  ...['insertMany', 'updateMany', 'deleteMany', 'bulkWrite'],
]);

type Held =
  | 'contacts'
  | 'subscribers'
  | 'enrolments'
  | 'workflowStandings'
  | 'mails'
  | 'changes'
  | 'feedCursors';
type Write = `${Held}.${string}`;

/** @param before runs right before each write; if it throws, the write is not made */
export function heldUp(models: Models, before: (write: Write) => Promise<void> | void): Models {
  const model = <Thing extends object>(name: Held, thing: Thing): Thing =>
    proxied(thing, (field, value) => {
      // Cursors are written through mongoose.
      if (name === 'feedCursors' && field === 'updateOne' && typeof value === 'function')
        return async (...given: unknown[]): Promise<unknown> => {
          await before('feedCursors.updateOne');
          return Reflect.apply(value, thing, given) as unknown;
        };
      if (field !== 'collection' || typeof value !== 'object' || value === null) return bound(thing, value);
      return proxied(value, (method, act) => {
        if (typeof act !== 'function') return act;
        if (method === 'initializeUnorderedBulkOp')
          return () =>
            heldMessage(Reflect.apply(act, value, []) as object, () => before(`${name}.bulkWrite`));
        if (!writes.has(method)) return bound(value, act);
        return async (...given: unknown[]): Promise<unknown> => {
          await before(`${name}.${String(method)}`);
          return Reflect.apply(act, value, given) as unknown;
        };
      });
    });
  return {
    ...models,
    contacts: model('contacts', models.contacts),
    subscribers: model('subscribers', models.subscribers),
    enrolments: model('enrolments', models.enrolments),
    workflowStandings: model('workflowStandings', models.workflowStandings),
    mails: model('mails', models.mails),
    changes: model('changes', models.changes),
    feedCursors: model('feedCursors', models.feedCursors),
  };
}

/** A message that is prepared now, and written by `execute`. */
function heldMessage(message: object, before: () => Promise<void> | void): object {
  return proxied(message, (name, run) => {
    if (name !== 'execute' || typeof run !== 'function') return bound(message, run);
    return async (): Promise<unknown> => {
      await before();
      return Reflect.apply(run, message, []) as unknown;
    };
  });
}

/**
 * A process that crashes: the next write is never made.
 * @param after how many writes succeed
 */
export function crashing(models: Models, after: number): Models {
  let left = after;
  return heldUp(models, () => {
    left -= 1;
    if (left < 0) throw new Error('the process died');
  });
}

function proxied<Thing extends object>(
  thing: Thing,
  get: (name: string | symbol, value: unknown) => unknown,
): Thing {
  return new Proxy(thing, { get: (target, name) => get(name, Reflect.get(target, name, target)) });
}

function bound(thing: object, value: unknown): unknown {
  return typeof value === 'function' ? (value.bind(thing) as unknown) : value;
}
