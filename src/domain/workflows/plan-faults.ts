/** Why a plan cannot be published: each fault with its place in the plan. */
import { ZodError } from 'zod';
import { DomainError } from '../../errors.js';
import type { WorkflowAbout } from './contract.js';
import { sizeFault, stepAfter, stepsOf, type Plan } from './plan.js';
import { sayStep } from './steps/registry.js';
import { triggerFaults } from './triggers.js';

export const noSteps = 'Add a step.';
const followed = 'Nothing follows a branch. Put the steps after it into one of its paths.';

export interface PlanFault {
  /** Absent: it is about the trigger or the settings. */
  stepId?: string;
  number?: number;
  /** The names and indexes that lead to the part of the plan. */
  at: (string | number)[];
  text: string;
}

export function planFaults(plan: Plan, about: WorkflowAbout): PlanFault[] {
  const size = sizeFault(plan);
  return [
    ...triggerFaults(plan, about),
    ...(plan.steps.length === 0 ? [{ at: ['steps'], text: noSteps }] : []),
    ...(size ? [{ at: ['steps'], text: size }] : []),
    ...stepsOf(plan).flatMap(({ step, number, at }) => {
      const isFollowed = step.paths !== undefined && stepAfter(plan, step.id) !== null;
      const faults = [...sayStep(step, about).faults, ...(isFollowed ? [followed] : [])];
      return faults.map((text) => ({ stepId: step.id, number, at, text }));
    }),
  ];
}

/** @throws DomainError `INVALID_FORM` if there is a fault. Its cause has them all, as for a request that cannot be parsed */
export function refuseFaults(faults: readonly Pick<PlanFault, 'at' | 'text'>[]): void {
  const [first] = faults;
  if (!first) return;
  const issues = faults.map(({ at, text }) => ({
    ...{ code: 'custom' as const, path: at, message: text, input: undefined },
  }));
  throw new DomainError('INVALID_FORM', first.text, { cause: new ZodError(issues) });
}
