/** The plan of a workflow as a typed tree: its trigger, its settings, and its steps. A branch has two paths, which do not join again. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { isTimeZone } from '../../vocabulary/time-zones.js';
import { filterSchema } from '../filters/filter.js';

/** Most steps of a plan, and how deep branches go into each other. */
export const mostSteps = 60;
const mostDepth = 6;

/** `of` is the id of the type that an event is about, and `listId` that of the list; empty for any. */
const triggerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('FILTER'), filter: filterSchema }),
  z.strictObject({
    kind: z.literal('EVENT'),
    event: z.string().max(40),
    of: z.string().max(20),
    listId: z.string().max(60),
  }),
  z.strictObject({ kind: z.literal('BY_HAND') }),
]);
export type Trigger = z.infer<typeof triggerSchema>;

/** A time of day, `08:30`. */
export const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time such as 08:30');
/** Days of the week: 1 is Monday, 7 is Sunday (ISO 8601). */
export const weekdays = z.array(z.int().min(1).max(7)).min(1, 'needs at least one day').max(7);

const windowSchema = z.strictObject({
  days: weekdays,
  from: clockTime,
  to: clockTime,
  zone: z.string().refine(isTimeZone),
});
/** When actions run. `to` is not included; waits and branches do not depend on it. */
export type ActionWindow = z.infer<typeof windowSchema>;

export interface Step {
  /** Unique within the workflow, also across its versions. */
  id: string;
  /** The name of a kind in `steps/registry.ts`. */
  kind: string;
  input: unknown;
  /** Only of a branch: the steps if its filter is met, and otherwise. */
  paths?: [Step[], Step[]] | undefined;
}

export const stepIdSchema = z.string().regex(/^[a-z0-9]{1,12}$/, 'is not 1 to 12 small letters or digits');

const stepSchema: z.ZodType<Step> = z.strictObject({
  id: stepIdSchema,
  kind: z.string().max(40),
  input: z.unknown(),
  get paths() {
    return z.tuple([z.array(stepSchema), z.array(stepSchema)]).optional();
  },
});

export const planSchema = z.strictObject({
  trigger: triggerSchema.nullable(),
  /** Each time the contact starts to meet the trigger again, or each event. Otherwise once in its lifetime. */
  enrolsAgain: z.boolean(),
  /** Lists whose members are never enrolled, and leave when they join. */
  suppression: z.strictObject({ listIds: z.array(z.string().max(60)).max(20) }),
  /** A contact leaves when it meets this. */
  goal: filterSchema.nullable(),
  /** A contact leaves when it no longer meets the trigger. */
  leavesWhenUnmet: z.boolean(),
  window: windowSchema.nullable(),
  /** Staff get a mail when steps fail. Plans of older releases do not say. */
  tellsStaff: z.boolean().default(true),
  steps: z.array(stepSchema),
});
export type Plan = z.infer<typeof planSchema>;

export const emptyPlan: Plan = {
  ...{ trigger: null, enrolsAgain: false, suppression: { listIds: [] }, goal: null, leavesWhenUnmet: false },
  ...{ window: null, tellsStaff: true, steps: [] },
};

export function newStepId(): string {
  return randomBytes(4).toString('hex');
}

/** Where a new step goes: after a step, or first in the plan (null) or in one of a branch's paths. */
export type Place = { after: string | null } | { branch: string; path: 0 | 1 };

/** A step with its number, and its place in the plan: the names and indexes that lead to it. */
interface PlacedStep {
  step: Step;
  number: number;
  depth: number;
  at: (string | number)[];
}

/** All steps in the order of the page, with their numbers. */
export function stepsOf({ steps }: Pick<Plan, 'steps'>): PlacedStep[] {
  const all: PlacedStep[] = [];
  const walk = (list: readonly Step[], depth: number, to: (string | number)[]) => {
    for (const [index, step] of list.entries()) {
      const at = [...to, index];
      all.push({ step, number: all.length + 1, depth, at });
      for (const [way, path] of (step.paths ?? []).entries()) walk(path, depth + 1, [...at, 'paths', way]);
    }
  };
  walk(steps, 0, ['steps']);
  return all;
}

export function findStep(plan: Pick<Plan, 'steps'>, id: string): Step | undefined {
  return stepsOf(plan).find(({ step }) => step.id === id)?.step;
}

/** The step after another one, on the same path; null at its end. */
export function stepAfter(plan: Pick<Plan, 'steps'>, id: string): string | null {
  const list = listsOf(plan.steps).find((steps) => steps.some((step) => step.id === id)) ?? [];
  return list[list.findIndex((step) => step.id === id) + 1]?.id ?? null;
}

function listsOf(steps: readonly Step[]): (readonly Step[])[] {
  return [steps, ...steps.flatMap(({ paths = [] }) => paths.flatMap((path) => listsOf(path)))];
}

/** The plan with a step added. A branch takes the steps that followed into its first path, since nothing follows a branch. */
export function withStep(plan: Plan, place: Place, step: Step): Plan {
  const put = (list: readonly Step[], at: number): Step[] => {
    const rest = list.slice(at);
    const isEnd = step.paths !== undefined;
    const added: Step = isEnd ? { ...step, paths: [[...rest], []] } : step;
    return [...list.slice(0, at), added, ...(isEnd ? [] : rest)];
  };
  if ('after' in place && place.after === null) return { ...plan, steps: put(plan.steps, 0) };
  return {
    ...plan,
    steps: mapLists(plan.steps, (list) => {
      const at = 'after' in place ? list.findIndex(({ id }) => id === place.after) : -1;
      if (at >= 0) return put(list, at + 1);
      return list.map((one) => {
        if ('after' in place || one.id !== place.branch || !one.paths) return one;
        const [yes, no] = one.paths;
        return { ...one, paths: place.path === 0 ? [put(yes, 0), no] : [yes, put(no, 0)] };
      });
    }),
  };
}

/** The plan with another input for a step. */
export function withInput(plan: Plan, id: string, input: unknown): Plan {
  const steps = mapLists(plan.steps, (list) => list.map((one) => (one.id === id ? { ...one, input } : one)));
  return { ...plan, steps };
}

/** The plan without a step. The first path of a branch takes its place; the other path is removed. */
export function withoutStep(plan: Plan, id: string): Plan {
  const steps = mapLists(plan.steps, (list) =>
    list.flatMap((one) => (one.id === id ? (one.paths?.[0] ?? []) : [one])),
  );
  return { ...plan, steps };
}

/** Moves a step one place up or down on its path. A branch stays the last. */
export function withMoved(plan: Plan, id: string, by: -1 | 1): Plan {
  const steps = mapLists(plan.steps, (list) => {
    const at = list.findIndex((one) => one.id === id);
    const [step, other] = [list[at], list[at + by]];
    if (!step || !other || step.paths || other.paths) return [...list];
    const moved = [...list];
    [moved[at], moved[at + by]] = [other, step];
    return moved;
  });
  return { ...plan, steps };
}

function mapLists(steps: readonly Step[], change: (list: readonly Step[]) => Step[]): Step[] {
  return change(steps).map((one) =>
    one.paths ? { ...one, paths: [mapLists(one.paths[0], change), mapLists(one.paths[1], change)] } : one,
  );
}

/** Why the plan is too large; null if it is not. */
export function sizeFault(plan: Plan): string | null {
  const all = stepsOf(plan);
  if (all.length > mostSteps) return `A workflow has at most ${mostSteps} steps.`;
  return all.some(({ depth }) => depth > mostDepth) ? `Branches go at most ${mostDepth} deep.` : null;
}
