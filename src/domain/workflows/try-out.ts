/** The dry run: what each step would do for one contact now, and why. Nothing is written. */
import type { Contact } from '../../models/contact.js';
import type { Enrolment } from '../../models/enrolment.js';
import type { Workflow } from '../../models/workflow.js';
import { isAnyInScope } from '../../vocabulary/scope.js';
import { predicateOf } from '../filters/predicate.js';
import { stepRef, type StepContext, type WorkflowAbout, type WorkflowDeps } from './contract.js';
import { stepAfter, stepsOf, type Plan } from './plan.js';
import { membersOf } from './published.js';
import { kindOfStep } from './steps/registry.js';

export interface Foretold {
  /** Null for the trigger, which has the number 0. */
  stepId: string | null;
  number: number;
  label: string;
  sentence: string;
}

/** @returns a line for the trigger, and one for each step that the contact would come to */
export async function tryOut(
  deps: WorkflowDeps,
  { workflow, plan, about }: { workflow: Workflow; plan: Plan; about: WorkflowAbout },
  contact: Contact,
): Promise<Foretold[]> {
  const lines: Foretold[] = [
    { stepId: null, number: 0, label: 'Enrol contacts', sentence: entry(workflow, plan, about, contact) },
  ];
  const enrolment = enrolmentLike(workflow, contact, deps.clock());
  const context: StepContext = {
    ...{
      workflowId: workflow._id,
      scope: workflow.unitIds,
      about,
      guard: () => undefined,
      destinations: new Map(),
    },
  };
  const numbers = new Map(stepsOf(plan).map(({ step, number }) => [step.id, { step, number }]));
  for (let id = plan.steps[0]?.id ?? null; id !== null;) {
    const found = numbers.get(id);
    if (!found) break;
    const { step, number } = found;
    const kind = kindOfStep(step);
    const read = kind?.input.safeParse(step.input);
    if (!kind || !read?.success) {
      const label = kind?.label ?? step.kind;
      lines.push({ stepId: id, number, label, sentence: 'The step is not filled in.' });
      break;
    }
    const ref = stepRef(enrolment._id, step.id);
    const sentence = await kind.foretell(deps, read.data, { enrolment, contact, ref }, context);
    lines.push({ stepId: id, number, label: kind.label, sentence });
    if (kind.name === 'END') break;
    if (!step.paths) id = stepAfter(plan, step.id);
    else {
      // A branch writes nothing.
      const [result] = await kind.run(
        deps,
        read.data,
        [{ enrolment, contact, ref, isRepeat: false }],
        context,
      );
      id = step.paths[result?.go === 'ON' && result.outcome === 'YES' ? 0 : 1][0]?.id ?? null;
    }
  }
  return lines;
}

function entry(
  { unitIds }: Workflow,
  { trigger, goal, suppression: { listIds } }: Plan,
  about: WorkflowAbout,
  contact: Contact,
): string {
  if (!isAnyInScope(unitIds, contact.unitIds))
    return 'Not enrolled: the contact belongs to another business unit.';
  if (goal && predicateOf(goal, about)(contact)) return 'Not enrolled: the contact meets the goal already.';
  if (listIds.length > 0 && predicateOf(membersOf(listIds), about)(contact))
    return 'Not enrolled: the contact is on a list whose members are never enrolled.';
  if (trigger?.kind !== 'FILTER') return 'Enrolled when the event happens, or by hand.';
  return predicateOf(trigger.filter, about)(contact)
    ? 'The contact meets the trigger.'
    : 'The contact does not meet the trigger now. The steps below are what would happen if it did.';
}

function enrolmentLike({ _id, version }: Workflow, contact: Contact, now: Date): Enrolment {
  return {
    ...{
      _id: `${_id}:${contact._id}:test`,
      workflowId: _id,
      contactId: contact._id,
      version,
      cause: 'BY_HAND',
    },
    ...{ state: 'ACTIVE', step: null, isWaiting: false, dueAt: now, leasedUntil: now, leasedBy: null },
    ...{ fence: 0, attempts: 0, lastError: null, depth: 0, path: [], marks: [], at: now, endedAt: null },
    reason: null,
  };
}
