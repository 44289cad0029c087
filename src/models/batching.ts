/** Batches requests: those that come while others are running go to the database in one command, and none waits longer for it (decision 0130). */

/** The outcome of one request in a batch. */
export type Answer<Result> = { result: Result } | { error: unknown };

export interface TogetherOptions<Ask, Result> {
  /** Runs one batch and returns the answers in order. If it throws, every request of the batch gets the error. */
  run: (asks: Ask[]) => Promise<Answer<Result>[]>;
  /** Requests with the same key never share a batch: the later one waits for the next. Absent: all may share. */
  keyOf?: (ask: Ask) => string;
  /** Maximum number of concurrent batches. */
  lanes: number;
}

/** Maximum number of requests in a batch. */
const mostTogether = 64;
/** A batch that takes longer than this, in milliseconds, no longer blocks the queue: the next one starts beside it. */
const patienceMs = 20;

interface Waiting<Ask, Result> {
  ask: Ask;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/**
 * Makes a function that batches requests. The first batch runs at the end of the current turn of the event loop, with all requests of that turn.
 * While all lanes are busy, requests wait.
 * @returns a function that returns the answer to its own request
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
        else reject(answer?.error ?? new Error('a request got no answer'));
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

/** Takes the first requests out of the queue, each key once; the others stay in order. */
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
