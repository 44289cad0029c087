/** What activating a plan would mean now: how many contacts meet its trigger, and how many of them its steps skip or set to marketing. */
import mongoose from 'mongoose';
import type { Enrolment } from '../../models/enrolment.js';
import type { Models } from '../../models/index.js';
import type { Workflow } from '../../models/workflow.js';
import { reading } from '../consent/durability.js';
import { countContacts, streamContactIds, type ContactCount, type FindDeps } from '../contacts/find.js';
import { narrowed, noFilter, type Condition, type Filter } from '../filters/filter.js';
import type { Concern, WorkflowAbout } from './contract.js';
import { stepsOf, type Plan } from './plan.js';
import { kindOfStep } from './steps/registry.js';

interface Deps extends FindDeps {
  models: Models;
}

/** Contacts that are counted, and the filter that finds them. */
export interface Counted {
  count: ContactCount;
  filter: Filter;
}

export interface Forecast {
  /** Contacts that meet the trigger now; null if the trigger is not a filter. */
  meets: Counted | null;
  /** Of those: members of the suppression lists. Null without such lists. */
  suppressed: Counted | null;
  /** Of those: contacts that this workflow has enrolled before. Null before its first version. */
  enrolled: ContactCount | null;
  /** Contacts that a step treats in a special way. If the trigger is not a filter: of all contacts of its units. */
  concerned: (Counted & {
    effect: Concern['effect'];
    stepId: string;
    number: number;
    /** A branch leads to it, so perhaps only some of them come there. */
    isAtMost: boolean;
  })[];
}

/** Contacts that are compared with the enrolments of the workflow, at most. */
const mostCompared = 5000;

/** Counts to 10,000 contacts each. Nothing is written. */
export async function forecast(
  deps: Deps,
  { workflow, plan, about }: { workflow: Workflow; plan: Plan; about: WorkflowAbout },
): Promise<Forecast> {
  const scope = workflow.unitIds;
  const { trigger, suppression } = plan;
  const met = trigger?.kind === 'FILTER' && trigger.filter.any.length > 0 ? trigger.filter : null;
  const onLists = (is: 'IS_ANY_OF' | 'IS_NONE_OF'): Condition[] =>
    suppression.listIds.length === 0 ? [] : [{ on: 'list', of: '', is, values: suppression.listIds }];
  const of = async (conditions: readonly Condition[]): Promise<Counted> => {
    const filter = narrowed(met ?? noFilter, conditions);
    return { filter, count: await countContacts(deps, { scope, filter, search: '' }) };
  };
  const concerns = stepsOf(plan).flatMap(({ step, number, depth }) => {
    const kind = kindOfStep(step);
    const read = kind?.input.safeParse(step.input);
    const concern = read?.success && kind?.faults(read.data, about).length === 0 && kind.concern?.(read.data);
    return concern ? [{ stepId: step.id, number, isAtMost: depth > 0 || met === null, ...concern }] : [];
  });
  const [meets, suppressed, enrolled, concerned] = await Promise.all([
    met && of([]),
    met && suppression.listIds.length > 0 ? of(onLists('IS_ANY_OF')) : null,
    met && workflow.version > 0 ? countEnrolled(deps, workflow, met) : null,
    Promise.all(
      concerns.map(async ({ conditions, ...concern }) => ({
        ...concern,
        ...(await of([...onLists('IS_NONE_OF'), ...conditions])),
      })),
    ),
  ]);
  return { meets, suppressed, enrolled, concerned };
}

async function countEnrolled(
  deps: Deps,
  { _id: workflowId, unitIds: scope }: Workflow,
  filter: Filter,
): Promise<ContactCount> {
  let [count, compared] = [0, 0];
  const selection = { kind: 'FILTER', filter, search: '' } as const;
  for await (const { ids } of streamContactIds(deps, { scope, selection })) {
    const wanted = { workflowId, contactId: mongoose.trusted({ $in: ids }) };
    const found = await reading(() =>
      deps.models.enrolments.find(wanted, { contactId: 1, _id: 0 }).lean<Pick<Enrolment, 'contactId'>[]>(),
    );
    count += new Set(found.map(({ contactId }) => contactId)).size;
    compared += ids.length;
    if (compared >= mostCompared) return { count, isCapped: true };
  }
  return { count, isCapped: false };
}
