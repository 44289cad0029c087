/** Every kind of step. A new one is a definition in this folder, a line here, and its fields in `routes/admin/workflows/step-fields.ts`. */
import type { Step } from '../plan.js';
import type { StepKind, WorkflowAbout } from '../contract.js';
import { branchStep } from './branch.js';
import { consentStep } from './consent.js';
import { endStep } from './end.js';
import { addToListStep, removeFromListStep } from './list.js';
import { marketingStep } from './marketing.js';
import { propertyStep } from './property.js';
import { sendLinkStep } from './send-link.js';
import { waitStep } from './wait.js';
import { webhookStep } from './webhook.js';

export const stepKinds: readonly [StepKind, ...StepKind[]] = [
  consentStep,
  sendLinkStep,
  propertyStep,
  addToListStep,
  removeFromListStep,
  marketingStep,
  waitStep,
  branchStep,
  webhookStep,
  endStep,
];

/** @returns undefined for a step of another release */
export function kindOfStep({ kind }: Pick<Step, 'kind'>): StepKind | undefined {
  return stepKinds.find(({ name }) => name === kind);
}

/** The kind of a step and its input; null for a step that this release cannot read. */
export function readStep(step: Pick<Step, 'kind' | 'input'>): { kind: StepKind; input: unknown } | null {
  const kind = kindOfStep(step);
  const read = kind?.input.safeParse(step.input);
  return kind && read?.success ? { kind, input: read.data } : null;
}

/** What a step does, as one sentence, and why it cannot run. */
export function sayStep(
  step: Step,
  about: WorkflowAbout,
): { label: string; sentence: string; facts: { term: string; text: string }[]; faults: string[] } {
  const kind = kindOfStep(step);
  const read = kind?.input.safeParse(step.input);
  if (!kind)
    return { label: step.kind, sentence: '', facts: [], faults: ['This release does not know the step.'] };
  if (!read?.success)
    return { label: kind.label, sentence: kind.hint, facts: [], faults: ['Fill in the step.'] };
  return {
    label: kind.label,
    sentence: kind.sentence(read.data, about),
    facts: kind.facts?.(read.data, about) ?? [],
    faults: kind.faults(read.data, about),
  };
}
