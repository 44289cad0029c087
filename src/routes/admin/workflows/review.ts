/** Review and activate: what will happen, the checks, and who is enrolled now. */
import { z } from 'zod';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { wholeIndex } from '../../../domain/contacts/selection.js';
import { readMarketingState } from '../../../domain/marketing/usage.js';
import { noSteps, type PlanFault } from '../../../domain/workflows/plan-faults.js';
import { stepsOf, type Plan } from '../../../domain/workflows/plan.js';
import { sayStep } from '../../../domain/workflows/steps/registry.js';
import { triggerSentence } from '../../../domain/workflows/triggers.js';
import { publish, reviewPlan, type Review } from '../../../domain/workflows/workflows.js';
import { staffRef } from '../../../vocabulary/access.js';
import { capital, counted, listOf } from '../../../vocabulary/words.js';
import type { Panel } from '../../../views/admin-form-page.js';
import { contactsHref } from '../contacts/filter-links.js';
import { declareForm } from '../kit/form.js';
import { formRoutes } from '../kit/form-page.js';
import type { Ask, StaffRoute } from '../route.js';
import { newStepHref } from './builder.js';
import { auditWorkflow, openDraft, workflowCrumbs, type OpenWorkflow } from './open-workflow.js';
import { forecastFacts, limitPoints, manyContacts } from './review-forecast.js';
import { windowWords } from './workflow-settings.js';
import { present } from '../present.js';

interface Reviewed extends OpenWorkflow, Review {
  /** What becomes of the limit of marketing contacts. */
  limit: Panel['points'];
  /** A published version has contacts under way. */
  isAgain: boolean;
}

async function openReview(deps: Deps, ask: Ask): Promise<Reviewed> {
  const opened = await openDraft(deps, ask);
  const { workflow } = opened;
  const [review, marketing] = await Promise.all([
    reviewPlan(deps, workflow),
    // The number of the whole account is not for users who are limited to units.
    ask.scope === null ? readMarketingState(deps) : null,
  ]);
  return {
    ...{ ...opened, ...review },
    limit: marketing ? limitPoints(review.forecast, marketing) : [],
    isAgain: workflow.version > 0 && workflow.state !== 'OFF',
  };
}

const activation = declareForm<Reviewed, { now: string; moves: string }>({
  pattern: adminPatterns.workflowReview,
  may: 'workflows.change',
  about: 'workflow',
  groups: ({ forecast: { meets }, isAgain, workflow }) => [
    {
      fields: present([
        meets && {
          ...({
            kind: 'radios',
            name: 'now',
            label: 'Also enrol contacts that meet the trigger now?',
          } as const),
          options: [
            {
              ...{ value: 'no', label: 'No, only contacts that meet it from now on' },
              hint: 'Contacts that meet it already are not enrolled.',
            },
            { value: 'yes', label: `Yes, also enrol ${manyContacts(meets.count)}` },
          ],
        },
        isAgain && {
          ...({ kind: 'radios', name: 'moves', label: 'Contacts in progress' } as const),
          options: [
            { value: 'no', label: `Finish on version ${workflow.version}` },
            { value: 'yes', label: 'Continue on the new version' },
          ],
        },
      ]),
    },
  ],
  texts: () => ({ now: 'no', moves: 'no' }),
  version: ({ workflow }) => workflow.revision,
  button: 'Activate',
  more: ({ workflow, isAgain, faults }) => ({
    cancelHref: adminPaths.workflow(workflow._id),
    ...(isAgain ? { button: 'Publish the draft' } : {}),
    ...(faults.length > 0 ? { whyNot: whyNot(faults) } : {}),
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

/** The words beside the button that cannot be used yet. */
function whyNot(faults: readonly PlanFault[]): string {
  const numbers = [...new Set(faults.flatMap(({ number }) => number ?? []))];
  const isOther = faults.some(({ number }) => number === undefined);
  if (isOther || numbers.length === 0) return 'Possible once nothing is marked as not passed.';
  return `Possible once ${numbers.length === 1 ? 'step' : 'steps'} ${listOf(numbers.map(String))} ${numbers.length === 1 ? 'is' : 'are'} changed.`;
}

function tellPanel({ workflow, plan, about }: Reviewed): Panel {
  return {
    heading: 'What will happen',
    bullets: [
      triggerSentence(plan, about),
      plan.enrolsAgain ? 'Each time, the contact is enrolled again.' : 'Each contact is enrolled once.',
      ...stepsOf(plan).map(({ step, number }) => `Step ${number}: ${sayStep(step, about).sentence}`),
      plan.window ? `Steps run only on ${windowWords(plan)}.` : 'Steps run on any day, at any time.',
      ...(workflow.state === 'PAUSED' ? ['It is paused now. Publishing the draft also resumes it.'] : []),
    ],
    ...(hasOptIn(plan) && {
      points: [
        {
          tone: 'plain',
          text: 'A contact that opted out before is never opted in by this workflow. The step is skipped, and the history says so.',
        },
      ],
    }),
  };
}

function hasOptIn(plan: Plan): boolean {
  return stepsOf(plan).some(({ step }) => Object(step.input)['status'] === 'OPT_IN');
}

const outcomes = {
  PASSED: { tone: 'good', outcome: 'Passed' },
  WARNING: { tone: 'warn', outcome: 'Warning' },
  NOT_KNOWN: { tone: 'warn', outcome: 'Not known' },
} as const;

function checksPanel({ workflow, faults, checks }: Reviewed): Panel {
  const open = checks.filter(({ outcome }) => outcome !== 'PASSED').length;
  return {
    heading: 'Checks',
    state:
      faults.length > 0
        ? { tone: 'out', words: `${counted(faults.length, 'check')} not passed` }
        : open > 0
          ? { tone: 'wait', words: counted(open, 'note') }
          : { tone: 'in', words: 'All passed' },
    checks: [
      ...faults.map(({ text, stepId, number }) => ({
        ...({ tone: 'stop', outcome: 'Not passed' } as const),
        text: stepId ? `Step ${number ?? ''}: ${text}` : text,
        ...(stepId
          ? {
              href: adminPaths.workflowStep(workflow._id, { step: stepId }),
              link: `Change step ${number ?? ''}`,
            }
          : text === noSteps
            ? { href: newStepHref(workflow._id, { after: null }), link: 'Add a step' }
            : { href: adminPaths.workflowTrigger(workflow._id), link: 'Change the trigger' }),
      })),
      ...checks
        .map(({ outcome, text, detail }) => ({ ...outcomes[outcome], text, ...(detail ? { detail } : {}) }))
        .sort((one, other) => Number(one.tone === 'good') - Number(other.tone === 'good')),
    ],
  };
}

export function reviewRoutes(deps: Deps): StaffRoute[] {
  return [
    ...formRoutes<Reviewed>(deps, {
      ...{
        section: 'workflows',
      },
      load: openReview,
      show: ({ subject }, form) => {
        const { workflow, plan, faults, limit } = subject;
        const { meets } = subject.forecast;
        return {
          title: 'Review before it starts',
          crumbs: workflowCrumbs(workflow),
          panels:
            faults.length > 0
              ? [checksPanel(subject), tellPanel(subject)]
              : [tellPanel(subject), checksPanel(subject)],
          isAsideLast: true,
          aside: [
            {
              heading: subject.isAgain ? 'Publish' : 'Activate',
              ...(limit ? { points: limit } : {}),
              ...(meets
                ? {
                    said: {
                      ...{
                        strong: capital(manyContacts(meets.count)),
                        text: `${meets.count.count === 1 ? 'meets' : 'meet'} the trigger now.`,
                        link: 'See who they are',
                      },
                      href: contactsHref({ ...wholeIndex, filter: meets.filter }),
                    },
                  }
                : {}),
              facts: forecastFacts(subject.forecast, plan),
              form: form(activation),
              ...(workflow.state === 'PAUSED' && faults.length === 0
                ? { sentences: ['The workflow is paused. Publishing the draft also resumes it.'] }
                : {}),
            },
          ],
        };
      },
      forms: [activation],
    }),
  ];
}
