/** What was started is stopped in the opposite order, and nothing is left out because something else failed. */

type Step = () => Promise<unknown>;

export interface StopOrder {
  /** Undone before everything that was added earlier. */
  add: (step: Step) => void;
  /** Undone at the same time as the step that was added last. */
  addBeside: (step: Step) => void;
  /** Stops everything that was added, once. It never rejects. */
  run: () => Promise<void>;
}

/** @param tell of a step that failed; what stayed open would keep the process, so the others follow all the same */
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
