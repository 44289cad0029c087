/** The builder: the plan of a workflow as a path of cards, with counts once it is active. */
import { adminPaths } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { listWithin } from '../../../domain/filters/conditions/list.js';
import { countMarked } from '../../../domain/workflows/history.js';
import { stepsOf, type Place, type Step } from '../../../domain/workflows/plan.js';
import { sayStep } from '../../../domain/workflows/steps/registry.js';
import { triggerFaults, triggerSentence } from '../../../domain/workflows/triggers.js';
import { noSteps, planFaults } from '../../../domain/workflows/plan-faults.js';
import { isNoting } from '../../../models/workflow.js';
import type { AdminWorkflowPage, WorkflowCard, WorkflowPath } from '../../../views/admin-workflow-page.js';
import { mayRole } from '../../../vocabulary/access.js';
import { reasonWords } from '../../../vocabulary/words.js';
import { adminFrame, type Sayings } from '../frame.js';
import { actView } from '../kit/form.js';
import type { Ask } from '../route.js';
import { stateOf, tabsOf, unitsWords, workflowsCrumb, type OpenWorkflow } from './open-workflow.js';
import { present } from '../present.js';

const sayings: Sayings = {
  created: {
    tone: 'good',
    strong: 'Workflow created.',
    sentence: 'Choose what enrols contacts, and add steps.',
  },
  saved: { tone: 'good', strong: 'Saved.' },
  draft: {
    tone: 'good',
    strong: 'This is a draft.',
    sentence: 'The published version goes on until you publish it.',
  },
  discarded: { tone: 'good', strong: 'The draft was discarded.' },
  published: { tone: 'good', strong: 'Published.' },
  state: { tone: 'good', strong: 'Done.' },
  'not-now': { tone: 'warn', strong: 'The workflow has another state by now.' },
};

export async function builderPage(deps: Deps, ask: Ask, opened: OpenWorkflow): Promise<string> {
  const { workflow, plan, about, mayEdit } = opened;
  const { _id, name, state } = workflow;
  const faults = planFaults(plan, about);
  const isCounted = workflow.version > 0 && workflow.draft === null;
  const counts = isCounted ? await countsOf(deps, opened) : new Map<string, WorkflowCard['counts']>();
  const numbers = new Map(stepsOf(plan).map(({ step, number }) => [step.id, number]));
  const sentence = triggerSentence(plan, about);
  // The same words are not said twice on a card.
  const own = triggerFaults(plan, about)
    .map(({ text }) => text)
    .filter((text) => text !== sentence);
  // What a new workflow lacks is the next thing to do, and not a fault.
  const isToChoose = mayEdit && plan.trigger === null;
  const isToAdd = mayEdit && !isToChoose && plan.steps.length === 0;
  const trigger: WorkflowCard = {
    ...{ id: 'trigger', glyph: 'TRIGGER', number: 'Trigger', label: 'Enrol contacts', sentence },
    isStem: true,
    ...(isToChoose ? { next: { href: adminPaths.workflowTrigger(_id), label: 'Choose the trigger' } } : {}),
    ...(isToAdd ? { plusLabel: 'Add the first step' } : {}),
    hint: present([
      plan.enrolsAgain ? 'Each time.' : 'Once per contact.',
      plan.suppression.listIds.length > 0 &&
        `Never members of ${plan.suppression.listIds.map((id) => listWithin(id, about)?.name ?? 'a deleted list').join(', ')}.`,
      plan.goal && 'A contact leaves when it meets the goal.',
    ]).join(' '),
    facts: [],
    faults: own,
    isBroken: own.length > 0,
    ...(mayEdit && {
      editHref: adminPaths.workflowTrigger(_id),
      plusHref: newStepHref(_id, { after: null }),
    }),
    counts: counts.get('trigger') ?? [],
  };
  const pathOf = (steps: readonly Step[], first: WorkflowCard[]): WorkflowPath => {
    const cards = steps.map((step): WorkflowCard => {
      const { label, sentence, facts, faults: own } = sayStep(step, about);
      return {
        ...{
          id: `step-${step.id}`,
          glyph: step.kind,
          isStem: step.kind !== 'END',
          number: `Step ${numbers.get(step.id) ?? ''}`,
          label,
          sentence,
          facts,
          faults: own,
          isBroken: own.length > 0,
        },
        ...(mayEdit ? { editHref: adminPaths.workflowStep(_id, { step: step.id }) } : {}),
        ...(mayEdit && !step.paths && step.kind !== 'END'
          ? { plusHref: newStepHref(_id, { after: step.id }) }
          : {}),
        counts: counts.get(step.id) ?? [],
      };
    });
    const last = steps.at(-1);
    return {
      cards: [...first, ...cards],
      ...(last?.paths && {
        arms: last.paths.map((path, at) => ({
          ...{ id: `${last.id}-${at}`, label: at === 0 ? 'If yes' : 'Otherwise', note: '' },
          ...(mayEdit ? { plusHref: newStepHref(_id, { branch: last.id, path: at === 0 ? 0 : 1 }) } : {}),
          path: pathOf(path, []),
        })),
      }),
      isEnd: !last?.paths && last?.kind !== 'END',
      end: 'End',
    };
  };
  const page: AdminWorkflowPage = {
    ...adminFrame(ask, 'workflows', name, sayings),
    ...{ crumbs: [workflowsCrumb], heading: name, state: stateOf(workflow) },
    lead: leadOf(opened),
    ...actsOf(ask, opened, isToChoose || isToAdd),
    tabs: tabsOf(workflow, 'steps'),
    broken: mayEdit
      ? faults
          .filter(({ text }) => !(isToChoose && text === sentence) && text !== noSteps)
          .map(({ text, stepId, number }) => ({
            ...{ text, href: stepId ? `#step-${stepId}` : '#trigger' },
            where: stepId ? `Step ${number ?? ''}` : '',
          }))
      : [],
    ...(isCounted && (await countMarked(deps, _id, 'LEFT:LOOP')) !== '0'
      ? {
          warning:
            'Workflows started each other again and again. The last contacts were not enrolled: see those that left early in the history.',
        }
      : {}),
    path: pathOf(plan.steps, [trigger]),
    ...(state === 'STARTING' ? { refresh: 5 } : {}),
  };
  return deps.views.page('admin-workflow', page);
}

function leadOf({ workflow, about }: OpenWorkflow): string {
  const units = unitsWords(workflow, about);
  if (workflow.version === 0) return `${units}. Nothing runs before it is activated.`;
  if (workflow.draft !== null)
    return `${units}. This is a draft; version ${workflow.version} ${workflow.state === 'OFF' ? 'is turned off' : 'goes on'}.`;
  if (workflow.state === 'STARTING')
    return `${units}. A job notes which contacts meet the trigger already. Those that begin to meet it now are enrolled.`;
  if (workflow.state === 'PAUSED' && isNoting(workflow))
    return `${units}. Its start is not complete. Resume the workflow to continue.`;
  return `${units}. Version ${workflow.version}. Select a count to see the contacts.`;
}

export function newStepHref(id: string, place: Place): string {
  return 'after' in place
    ? adminPaths.workflowNewStep(id, { after: place.after ?? 'first' })
    : adminPaths.workflowNewStep(id, { branch: place.branch, path: place.path });
}

function actsOf(
  ask: Ask,
  { workflow, mayEdit }: OpenWorkflow,
  isBegun: boolean,
): Pick<AdminWorkflowPage, 'links' | 'forms'> {
  const { _id, state } = workflow;
  const test = { href: adminPaths.workflowTest(_id), label: 'Test with one contact' };
  if (!mayRole(ask.user.role, 'workflows.change')) return { links: [], forms: [] };
  const to = (next: string, button: string) =>
    actView(adminPaths.workflowStates(_id), button, [
      { name: 'to', value: next },
      { name: 'revision', value: String(workflow.revision) },
    ]);
  if (mayEdit)
    return {
      links: [test, { href: adminPaths.workflowReview(_id), label: 'Review and activate', isMain: !isBegun }],
      forms: workflow.version > 0 && state !== 'OFF' ? [to('DISCARDED', 'Discard the draft')] : [],
    };
  return {
    links: [test],
    forms: [
      ...(state === 'ACTIVE' || state === 'STARTING' ? [to('PAUSED', 'Pause')] : []),
      ...(state === 'PAUSED' ? [to('ACTIVE', 'Resume')] : []),
      to('EDITED', 'Edit a draft'),
      to('OFF', 'Turn off'),
    ],
  };
}

/** The counts of each card. They add up along the path. */
async function countsOf(
  deps: Deps,
  { workflow, plan }: OpenWorkflow,
): Promise<Map<string, WorkflowCard['counts']>> {
  const { _id } = workflow;
  const count = async (label: string, mark: string, isAlways = false): Promise<WorkflowCard['counts']> => {
    const found = await countMarked(deps, _id, mark);
    if (found === '0' && !isAlways) return [];
    const isNow = mark.startsWith('at:') || mark.startsWith('failing:') || mark === 'ACTIVE';
    return [{ label, count: found, href: adminPaths.workflowHistory(_id, { mark }), isNow }];
  };
  const together = async (asked: Promise<WorkflowCard['counts']>[]) => (await Promise.all(asked)).flat();
  const counts = new Map([
    [
      'trigger',
      await together([
        count('enrolled', 'ALL', true),
        count('in progress now', 'ACTIVE', true),
        count('reached the end', 'DONE'),
        count('left early', 'LEFT:'),
      ]),
    ],
  ]);
  for (const { step } of stepsOf(plan)) {
    counts.set(
      step.id,
      await together([
        count(step.kind === 'WAIT' ? 'waiting now' : 'here now', `at:${step.id}`),
        count('retrying now', `failing:${step.id}`),
        ...(step.paths
          ? [count('yes', `${step.id}:YES`), count('otherwise', `${step.id}:NO`)]
          : [count('done', `${step.id}:DONE`), count('done, nothing to change', `${step.id}:DONE:`)]),
        count('skipped', `${step.id}:SKIPPED:`),
      ]),
    );
  }
  return counts;
}

/** Why a step was skipped, or what "done" means, in words. */
export function pathReason(code: string): string {
  return ownReasons[code] ?? reasonWords(code);
}

const ownReasons: Readonly<Record<string, string>> = {
  NO_CHANGE: 'There was nothing to change.',
  NO_DATE: 'The contact has no such date.',
  DATE_PASSED: 'The date had passed.',
  INVALID_VALUE: 'The value does not fit the property.',
  GONE: 'The other system wants no more webhooks.',
  NO_LIST: 'The list does not exist.',
  TOO_MANY_LISTS: 'The contact is on too many lists.',
};
