/** Plans as programs give and read them: the input of each step has the schema of its kind, and no secret. */
import { z } from 'zod';
import type { Config } from '../../config.js';
import type { StepKind } from './contract.js';
import { refuseFaults } from './plan-faults.js';
import { newStepId, planSchema, stepIdSchema, stepsOf, type Plan, type Step } from './plan.js';
import { kindOfStep, stepKinds } from './steps/registry.js';
import { webhookStep, withSecret } from './steps/webhook.js';

export interface GivenStep {
  id?: string | undefined;
  kind: string;
  input: unknown;
  paths?: [GivenStep[], GivenStep[]] | undefined;
}

const someSteps = z.array(z.lazy(() => givenStep));

function stepOf(kind: StepKind) {
  const fields = {
    kind: z.literal(kind.name).meta({ description: kind.hint }),
    input: kind.given ?? kind.input,
  };
  const id = stepIdSchema.optional().meta({
    description: 'Absent in a new step. A step that keeps its id keeps its contacts and its secret.',
  });
  if (kind.name !== 'BRANCH') return z.strictObject({ ...fields, id });
  const paths = z.tuple([someSteps, someSteps]).meta({
    description: 'The steps if the filter is met, and the steps otherwise. Nothing follows a branch.',
  });
  return z.strictObject({ ...fields, paths, id });
}

const [first, ...others] = stepKinds;
const givenStep: z.ZodType<GivenStep> = z
  .discriminatedUnion('kind', [stepOf(first), ...others.map(stepOf)])
  .meta({ id: 'WorkflowStep' });

const { trigger, enrolsAgain, suppression, goal, leavesWhenUnmet, window } = planSchema.shape;

/** The fields of a plan. */
export const givenFields = {
  trigger: trigger.meta({
    description: 'What enrols contacts. `of` is the id of a subscription type; empty for any.',
  }),
  enrolsAgain: enrolsAgain.meta({ description: 'Whether a contact is enrolled more than once.' }),
  suppression: suppression.meta({ description: 'Members of these lists are never enrolled, and leave.' }),
  goal: goal.meta({ description: 'A contact leaves when it meets this filter.' }),
  leavesWhenUnmet: leavesWhenUnmet.meta({
    description: 'Whether a contact leaves when it no longer meets the filter of the trigger.',
  }),
  window: window.meta({ description: 'When actions run; 1 is Monday. Null: at any time.' }),
  tellsStaff: z.boolean().meta({ description: 'Whether staff get a mail when steps fail.' }),
  steps: z.array(givenStep),
};

export type GivenPlan = { [Field in keyof Plan]?: unknown } & { steps?: GivenStep[] | undefined };

/** The secrets of new webhook steps, which are shown once. */
export interface NewSecret {
  stepId: string;
  secret: string;
}

/**
 * A plan with the given fields changed.
 * @param before the plan that is shown now
 * @throws DomainError `INVALID_FORM` if two steps have the same id, or a step has the id of one of another kind
 */
export function changedPlan(
  config: Pick<Config, 'subscriberIdKey'>,
  { steps, ...given }: GivenPlan,
  before: Plan,
): { plan: Plan; secrets: NewSecret[] } {
  const known = new Map(stepsOf(before).map(({ step }) => [step.id, step]));
  const secrets: NewSecret[] = [];
  const filled = ({ id = newStepId(), kind, input, paths }: GivenStep): Step => {
    const stored = storedInput(config, { kind, input }, known.get(id));
    if (stored.secret !== null) secrets.push({ stepId: id, secret: stored.secret });
    const [yes, no] = paths ?? [];
    return {
      ...{ id, kind, input: stored.input },
      ...(yes && no ? { paths: [yes.map(filled), no.map(filled)] } : {}),
    };
  };
  const plan = planSchema.parse({ ...before, ...given, ...(steps ? { steps: steps.map(filled) } : {}) });
  const placed = stepsOf(plan);
  const first = new Map(placed.toReversed().map(({ step, number }) => [step.id, number]));
  refuseFaults(
    placed.flatMap(({ step: { id, kind }, number, at }) => {
      if (first.get(id) !== number) return [{ at, text: 'Another step has this id.' }];
      return (known.get(id)?.kind ?? kind) === kind
        ? []
        : [{ at, text: 'A step of another kind has this id.' }];
    }),
  );
  return { plan, secrets };
}

/** The input as it is stored. A new webhook gets a secret, and one that exists keeps its own. */
export function storedInput(
  config: Pick<Config, 'subscriberIdKey'>,
  { kind, input }: Pick<Step, 'kind' | 'input'>,
  before: Step | undefined,
): { input: unknown; secret: string | null } {
  return kind === webhookStep.name ? withSecret(config, input, before?.input) : { input, secret: null };
}

/** The plan without secrets. */
export function shownSteps(steps: readonly Step[]): GivenStep[] {
  return steps.map(({ input, paths, ...step }) => ({
    ...{ ...step, input: kindOfStep(step)?.given?.strip().safeParse(input).data ?? input },
    ...(paths ? { paths: [shownSteps(paths[0]), shownSteps(paths[1])] } : {}),
  }));
}
