/** Writes the acts of an import part by part, each once, also after a kill. */
import { setImmediate } from 'node:timers/promises';
import { changeConsentInBulk } from '../consent/change-in-bulk.js';
import type { ConsentDeps, ConsentInput, ConsentResult } from '../consent/contract.js';
import { reading } from '../consent/durability.js';
import { setOfAll } from '../consent/rule-changes.js';
import { findSubscribers } from '../../models/find-subscribers.js';
import type { Import } from '../../models/import.js';

/** Acts in one message of writes. */
const batchLength = 500;

/** What one act did. The whole results of a part would be megabytes. */
export interface Act {
  subscriberId: string;
  hasChanged: boolean;
  /** Opted out of all of the unit before the act. */
  wasOptedOut: boolean;
  /** Unknown before the act. */
  isNew: boolean;
}

/** Acts between two checkpoints, and the place behind them. */
export interface Part {
  place: string;
  inputs: ConsentInput[];
}

/** A batch that is being prepared, and written once `write` was called. */
interface Batch {
  part: Part;
  inputs: ConsentInput[];
  isLast: boolean;
  results: Promise<ConsentResult[]>;
  write: () => void;
}

/**
 * Writes parts one after the other. While the database writes a batch, the next one is prepared, also the first one of the next part. That is written
 * after the caller has stored the checkpoint of this part. So a killed worker has written at most one part behind its last checkpoint: what it may have
 * written is looked for in the first part, and counts as done.
 */
export async function* writeParts(
  deps: ConsentDeps,
  { unitId }: Import,
  parts: AsyncIterable<Part>,
  guard: () => void,
): AsyncGenerator<{ part: Part; acts: Act[] }> {
  let [isRepeat, areNew, isOver] = [true, false, false];
  let writing: Batch | undefined;
  let next: Batch | undefined;
  let acts: Act[] = [];
  const begin = (part: Part, inputs: ConsentInput[], isLast: boolean): Batch => {
    let write: () => void = () => undefined;
    const turn = new Promise<void>((resolve) => (write = resolve));
    const beforeWrite = async () => {
      await turn;
      if (isOver) throw new Error('This import has stopped.');
      guard();
    };
    const results = changeConsentInBulk(deps, inputs, { isRepeat, beforeWrite });
    // It is awaited later.
    results.catch(() => undefined);
    return { part, inputs, isLast, results, write };
  };
  /** @returns the part if this was its last batch */
  const ended = async (batch: Batch | undefined) => {
    const results = (await batch?.results) ?? [];
    for (const [place, { before, events, subscriber }] of results.entries())
      acts.push({
        subscriberId: batch?.inputs[place]?.subscriberId ?? '',
        hasChanged: events.length > 0,
        wasOptedOut: Boolean(setOfAll(before, unitId) ?? before.optOuts.portal),
        isNew: events.length > 0 && subscriber.version === 1,
      });
    if (!batch?.isLast) return [];
    const whole = { part: batch.part, acts };
    areNew = acts.every(({ isNew }) => isNew);
    acts = [];
    return [whole];
  };
  try {
    for await (const part of parts) {
      const inputs = isRepeat ? part.inputs : await withFound(deps, part.inputs, areNew);
      let at = 0;
      do {
        const batch = inputs.slice(at, (at += batchLength));
        next = begin(part, batch, at >= inputs.length);
        yield* await ended(writing);
        next.write();
        writing = next;
        // Its message goes out before the next one is prepared.
        await setImmediate();
      } while (at < inputs.length);
      isRepeat = false;
    }
    yield* await ended(writing);
  } finally {
    isOver = true;
    next?.write();
    await Promise.allSettled([writing?.results, next?.results]);
  }
}

/**
 * Looks the subscribers of acts up. After a part whose addresses were all new, the next ones are taken for new too. A known one among them costs a
 * refused insert.
 */
async function withFound(
  { models }: ConsentDeps,
  inputs: ConsentInput[],
  areNew: boolean,
): Promise<ConsentInput[]> {
  const ids = inputs.map(({ subscriberId }) => subscriberId);
  const heads = areNew ? undefined : await reading(() => findSubscribers(models.subscribers, ids));
  return inputs.map((input) => ({ ...input, found: heads?.get(input.subscriberId) ?? null }));
}
