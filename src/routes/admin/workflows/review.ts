/** Review and activate: what will happen, the checks, and who is enrolled now. Also pausing, resuming and turning off. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import type { ContactCount } from '../../../domain/contacts/find.js';
import { wholeIndex } from '../../../domain/contacts/selection.js';
import { noSteps } from '../../../domain/workflows/plan-faults.js';
import { stepsOf, type Plan } from '../../../domain/workflows/plan.js';
import { sayStep } from '../../../domain/workflows/steps/registry.js';
import { triggerSentence } from '../../../domain/workflows/triggers.js';
import {
  discardDraft,
  editDraft,
  pauseWorkflow,
  publish,
  resumeWorkflow,
  reviewPlan,
  turnOff,
  type Review,
} from '../../../domain/workflows/workflows.js';
import { DomainError } from '../../../errors.js';
import type { Workflow } from '../../../models/workflow.js';
import { staffRef } from '../../../vocabulary/access.js';
import { counted, figure } from '../../../vocabulary/words.js';
import type { Panel } from '../../../views/admin-form-page.js';
import { contactsHref } from '../contacts/filter-editor.js';
import { textOf, wholeOf } from '../form.js';
import { saying } from '../frame.js';
import { actView, declareForm } from '../kit/form.js';
import { formRoutes, pageHtml } from '../kit/form-page.js';
import type { Ask, StaffRoute } from '../route.js';
import { newStepHref } from './builder.js';
import {
  auditWorkflow,
  openDraft,
  openWorkflow,
  workflowCrumbs,
  type OpenWorkflow,
} from './open-workflow.js';
import { windowWords } from './workflow-settings.js';

interface Reviewed extends OpenWorkflow, Review {
  /** A published version has contacts under way. */
  isAgain: boolean;
}

async function openReview(deps: Deps, ask: Ask): Promise<Reviewed> {
  const opened = await openDraft(deps, ask);
  const { workflow } = opened;
  const isAgain = workflow.version > 0 && workflow.state !== 'OFF';
  return { ...opened, ...(await reviewPlan(deps, workflow)), isAgain };
}

const countWords = ({ count, isCapped }: ContactCount) =>
  isCapped && count === 0 ? 'Many contacts' : `${figure(count)}${isCapped ? '+' : ''}`;

const activation = declareForm<Reviewed, { now: string; moves: string }>({
  pattern: adminPatterns.workflowReview,
  action: ({ workflow }) => adminPaths.workflowReview(workflow._id),
  may: 'workflows.change',
  about: 'workflow',
  groups: ({ count, isAgain, workflow }) => [
    {
      fields: [
        ...(count
          ? [
              {
                ...({
                  kind: 'radios',
                  name: 'now',
                  label: 'Begin with those who meet the trigger now?',
                } as const),
                options: [
                  {
                    ...{ value: 'no', label: 'Only contacts from now on' },
                    hint: `The ${countWords(count)} who meet it already are left out.`,
                  },
                  { value: 'yes', label: `Enrol these ${countWords(count)} too` },
                ],
              },
            ]
          : []),
        ...(isAgain
          ? [
              {
                ...({ kind: 'radios', name: 'moves', label: 'Contacts in progress' } as const),
                options: [
                  { value: 'no', label: `Finish on version ${workflow.version}` },
                  { value: 'yes', label: 'Continue on the new version' },
                ],
              },
            ]
          : []),
      ],
    },
  ],
  texts: () => ({ now: 'no', moves: 'no' }),
  version: ({ workflow }) => workflow.revision,
  button: 'Activate',
  more: ({ workflow, isAgain }) => ({
    cancelHref: adminPaths.workflow(workflow._id),
    ...(isAgain ? { button: 'Publish the draft' } : {}),
  }),
  schema: () => z.object({ now: z.string().default('no'), moves: z.string().default('no') }),
  save: async ({ deps, ask, subject, values: { now, moves }, version }) => {
    const { workflow, faults } = subject;
    if (version !== workflow.revision) return 'STALE';
    if (faults.length > 0) return { faults: faults.map(({ text }) => ({ text, href: '' })) };
    const by = staffRef(ask.user);
    await publish(deps, workflow, { enrolsNow: now === 'yes', moves: moves === 'yes', by });
    await auditWorkflow(deps, ask, workflow, `version ${workflow.version + 1} activated`);
    return { to: adminPaths.workflow(workflow._id), said: 'published' };
  },
});

function tellPanel({ workflow, plan, about }: Reviewed): Panel {
  return {
    heading: 'What will happen',
    bullets: [
      triggerSentence(plan, about),
      plan.enrolsAgain ? 'Each time, the contact is enrolled again.' : 'Each contact is enrolled once.',
      ...stepsOf(plan).map(({ step, number }) => `Step ${number}: ${sayStep(step, about).sentence}`),
      plan.window ? `Actions run on ${windowWords(plan)}.` : 'Actions run at any time.',
      ...(workflow.state === 'PAUSED' ? ['It is paused now. Publishing the draft also resumes it.'] : []),
    ],
    ...(hasOptIn(plan)
      ? {
          points: [
            {
              tone: 'plain',
              text: 'A contact that opted out before is never opted in by this workflow. The step is skipped, and the history says so.',
            },
          ],
        }
      : {}),
  };
}

function hasOptIn(plan: Plan): boolean {
  return stepsOf(plan).some(({ step }) => Object(step.input)['status'] === 'OPT_IN');
}

function checkPanels({ workflow, plan, faults }: Reviewed): Panel[] {
  const passed = [
    ...(faults.some(({ stepId }) => stepId === undefined) ? [] : ['The trigger can be evaluated.']),
    ...(faults.some(({ stepId }) => stepId !== undefined) ? [] : ['Each step can run.']),
    ...(hasOptIn(plan) ? ['Opt-ins have the reasons that they need.'] : []),
    'Every path comes to an end: steps lead forwards only.',
  ];
  const failed: Panel[] = [
    {
      heading: 'Checks',
      state: { tone: 'out', words: `${counted(faults.length, 'check')} not passed` },
      ways: faults.map(({ text, stepId, number }) => ({
        href: stepId
          ? adminPaths.workflowStep(workflow._id, { step: stepId })
          : text === noSteps
            ? newStepHref(workflow._id, { after: null })
            : adminPaths.workflowTrigger(workflow._id),
        label: text,
        hint: stepId ? `Step ${number ?? ''}` : text === noSteps ? 'Steps' : 'Trigger',
      })),
    },
  ];
  return faults.length > 0
    ? failed
    : [{ heading: 'Checks', state: { tone: 'in', words: 'All passed' }, bullets: passed }];
}

export function reviewRoutes(deps: Deps): StaffRoute[] {
  return [
    ...formRoutes<Reviewed>(deps, {
      ...{
        pattern: adminPatterns.workflowReview,
        may: 'workflows.change',
        about: 'workflow',
        section: 'workflows',
      },
      load: openReview,
      show: ({ subject }, form) => {
        const { workflow, plan, faults, count } = subject;
        const filter = plan.trigger?.kind === 'FILTER' ? plan.trigger.filter : null;
        return {
          title: 'Review before it starts',
          crumbs: workflowCrumbs(workflow),
          panels:
            faults.length > 0
              ? [...checkPanels(subject), tellPanel(subject)]
              : [tellPanel(subject), ...checkPanels(subject)],
          isAsideLast: true,
          aside: [
            {
              heading: subject.isAgain ? 'Publish' : 'Activate',
              ...(count && filter
                ? {
                    said: {
                      ...{
                        strong: countWords(count),
                        text: 'contacts meet the trigger now.',
                        link: 'See who they are',
                      },
                      href: contactsHref({ ...wholeIndex, filter }),
                    },
                  }
                : {}),
              ...(faults.length > 0
                ? { sentences: ['Possible once all checks are passed.'] }
                : {
                    form: form(activation),
                    ...(workflow.state === 'PAUSED'
                      ? { sentences: ['The workflow is paused. Publishing the draft also resumes it.'] }
                      : {}),
                  }),
            },
          ],
        };
      },
      forms: [activation],
    }),
    {
      ...{ method: 'POST', path: adminPatterns.workflowStates, may: 'workflows.change', about: 'workflow' },
      handle: async (ask, response) => {
        const { workflow } = await openWorkflow(deps, ask);
        const to = textOf(ask.request, 'to', 20);
        const revision = wholeOf(textOf(ask.request, 'revision', 10));
        const isConfirmed = textOf(ask.request, 'confirmed', 5) === 'yes';
        if (to === 'OFF' && !isConfirmed) return void response.send(confirmOff(deps, ask, workflow));
        const said = revision === workflow.revision ? await changeState(deps, ask, workflow, to) : 'not-now';
        response.redirect(303, saying(ask, adminPaths.workflow(workflow._id), said));
      },
    },
  ];
}

/** @returns what the page says then */
async function changeState(deps: Deps, ask: Ask, workflow: Workflow, to: string): Promise<string> {
  const changes: Readonly<Record<string, { act: () => Promise<void>; what: string; said: string }>> = {
    PAUSED: { act: () => pauseWorkflow(deps, workflow), what: 'paused', said: 'state' },
    ACTIVE: { act: () => resumeWorkflow(deps, workflow), what: 'resumed', said: 'state' },
    OFF: { act: () => turnOff(deps, workflow), what: 'turned off', said: 'state' },
    EDITED: { act: () => editDraft(deps, workflow), what: 'draft begun', said: 'draft' },
    DISCARDED: { act: () => discardDraft(deps, workflow), what: 'draft discarded', said: 'discarded' },
  };
  const change = Object.hasOwn(changes, to) ? changes[to] : undefined;
  if (!change) throw new DomainError('INVALID_FORM');
  try {
    await change.act();
  } catch (error) {
    if (error instanceof DomainError && error.code === 'CONFLICT') return 'not-now';
    throw error;
  }
  await auditWorkflow(deps, ask, workflow, change.what);
  return change.said;
}

function confirmOff(deps: Deps, ask: Ask, workflow: Workflow): string {
  const hidden = [
    { name: 'to', value: 'OFF' },
    { name: 'revision', value: String(workflow.revision) },
    { name: 'confirmed', value: 'yes' },
  ];
  const form = {
    ...actView(adminPaths.workflowStates(workflow._id), 'Turn off', hidden, 'stop'),
    cancelHref: adminPaths.workflow(workflow._id),
  };
  return pageHtml(
    deps,
    ask,
    { section: 'workflows' },
    {
      title: 'Turn this workflow off?',
      crumbs: workflowCrumbs(workflow),
      isNarrow: true,
      panels: [
        {
          sentences: [
            'Contacts in progress leave it, and nobody is enrolled any more. This cannot be undone.',
            'To let contacts wait where they are, pause it instead.',
          ],
          form,
        },
      ],
    },
  );
}
