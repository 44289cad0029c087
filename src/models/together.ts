/** Asks that come while others are under way go to the database together: one command in place of many, and nobody waits for longer (decision 0130). */

/** What became of one ask of several. */
export type Answer<Result> = { result: Result } | { error: unknown };

export interface TogetherOptions<Ask, Result> {
  /** Does the asks of one turn; answers in their order. What it throws is everybody's answer. */
  run: (asks: Ask[]) => Promise<Answer<Result>[]>;
  /** Asks of one key never go together: the later one waits for a turn of its own. Absent: all may. */
  keyOf?: (ask: Ask) => string;
  /** How many turns may be under way at once. */
  lanes: number;
}

/** So many at most go together. */
const mostTogether = 64;
/** A turn that takes longer than this, in milliseconds, holds nobody up any more: the next goes beside it. */
const patienceMs = 20;

interface Waiting<Ask, Result> {
  ask: Ask;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/**
 * Makes a function that gathers asks. The first one goes at the end of this turn of the event loop, together with others that came in it; while all lanes
 * are taken, the others gather.
 * @returns a function that gives the answer to its own ask
 */
export function together<Ask, Result>(options: TogetherOptions<Ask, Result>): (ask: Ask) => Promise<Result> {
  const waiting: Waiting<Ask, Result>[] = [];
  let underWay = 0;
  let isComing = false;

  function come(): void {
    if (isComing || waiting.length === 0 || underWay >= options.lanes) return;
    isComing = true;
    setImmediate(() => {
      isComing = false;
      const batch = takeBatch(waiting, options.keyOf);
      void go(batch);
      come();
    });
  }

  async function go(batch: Waiting<Ask, Result>[]): Promise<void> {
    underWay += 1;
    let isOver = false;
    const leave = (): void => {
      if (isOver) return;
      isOver = true;
      underWay -= 1;
      come();
    };
    const patience = setTimeout(leave, patienceMs);
    try {
      const answers = await options.run(batch.map(({ ask }) => ask));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const answer = answers[index];
        if (answer && 'result' in answer) resolve(answer.result);
        else reject(answer?.error ?? new Error('an ask without an answer'));
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    clearTimeout(patience);
    leave();
  }

  return (ask) =>
    new Promise((resolve, reject) => {
      waiting.push({ ask, resolve, reject });
      come();
    });
}

/** Takes the first ones out of the queue, each key once; the others stay in their order. */
function takeBatch<Ask, Result>(
  waiting: Waiting<Ask, Result>[],
  keyOf: TogetherOptions<Ask, Result>['keyOf'],
): Waiting<Ask, Result>[] {
  const keys = new Set<string>();
  const batch: Waiting<Ask, Result>[] = [];
  const left: Waiting<Ask, Result>[] = [];
  for (const one of waiting) {
    const key = keyOf?.(one.ask);
    if (batch.length >= mostTogether || (key !== undefined && keys.has(key))) {
      left.push(one);
      continue;
    }
    if (key !== undefined) keys.add(key);
    batch.push(one);
  }
  waiting.length = 0;
  waiting.push(...left);
  return batch;
}
