/** Stops parts in the opposite order of their start, and continues after a failure. */

type Step = () => Promise<unknown>;

export interface StopOrder {
  /** Stopped before all parts that were added earlier. */
  add: (step: Step) => void;
  /** Stopped at the same time as the part that was added last. */
  addBeside: (step: Step) => void;
  /** Stops all parts, once. It never rejects. */
  run: () => Promise<void>;
}

/** @param tell called for each failed part; the others are still stopped, since an open one would keep the process running */
export function createStopOrder(tell: (error: unknown) => void): StopOrder {
  const stages: Step[][] = [];
  const stop = async (step: Step) => {
    try {
      await step();
    } catch (error) {
      tell(error);
    }
  };
  return {
    add: (step) => void stages.push([step]),
    addBeside: (step) => void (stages.at(-1)?.push(step) ?? stages.push([step])),
    async run() {
      for (const stage of stages.splice(0).reverse()) await Promise.all(stage.map(stop));
    },
  };
}
