/** Adding, changing, moving and removing steps: each is a page or a button, without scripts. */
import type { Request } from 'express';
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { kindOfStep, stepKinds } from '../../../domain/workflows/steps/registry.js';
import { storedInput } from '../../../domain/workflows/given-plan.js';
import {
  findStep,
  newStepId,
  stepsOf,
  withInput,
  withMoved,
  withoutStep,
  withStep,
  type Place,
  type Plan,
  type Step,
} from '../../../domain/workflows/plan.js';
import { noFilter } from '../../../domain/filters/filter.js';
import { DomainError } from '../../../errors.js';
import { sentOf, textOf } from '../form.js';
import { saying } from '../frame.js';
import { actView, declareForm, type Outcome } from '../kit/form.js';
import { formRoutes, pageHtml } from '../kit/form-page.js';
import type { FormView, Panel } from '../../../views/admin-form-page.js';
import { get, post, type Ask, type StaffRoute } from '../route.js';
import { keepDraft, openDraft, workflowCrumbs, type OpenWorkflow } from './open-workflow.js';
import { noFields, stepFields, type StepFields } from './step-fields.js';

interface AskedStep extends OpenWorkflow {
  /** Where a new step goes; null for a step that exists. */
  place: Place | null;
  /** Empty while its kind is to be chosen. */
  kind: string;
  step: Step | null;
}

/** @throws DomainError `NOT_FOUND` for a step or a kind that does not exist */
async function openStep(deps: Deps, ask: Ask): Promise<AskedStep> {
  const opened = await openDraft(deps, ask);
  const stepId = sentOf(ask.request, 'step');
  const step = stepId ? findStep(opened.plan, stepId) : null;
  if (step === undefined) throw new DomainError('NOT_FOUND');
  const kind = step?.kind ?? sentOf(ask.request, 'kind');
  if (kind && !kindOfStep({ kind })) throw new DomainError('NOT_FOUND');
  return { ...opened, step, kind, place: step ? null : placeIn(ask) };
}

function placeIn({ request }: Ask): Place {
  const branch = sentOf(request, 'branch');
  if (branch) return { branch, path: sentOf(request, 'path') === '1' ? 1 : 0 };
  const after = sentOf(request, 'after');
  return { after: after === '' || after === 'first' ? null : after };
}

function placeFields(place: Place | null): { name: string; value: string }[] {
  if (!place) return [];
  return 'after' in place
    ? [{ name: 'after', value: place.after ?? 'first' }]
    : [
        { name: 'branch', value: place.branch },
        { name: 'path', value: String(place.path) },
      ];
}

const fieldsOf = ({ kind }: Pick<AskedStep, 'kind'>): StepFields => stepFields[kind] ?? noFields;

const stepForm = declareForm<AskedStep, object>({
  pattern: adminPatterns.workflowStep,
  may: 'workflows.change',
  about: 'workflow',
  groups: (asked, texts) => [{ fields: fieldsOf(asked).fields(asked.about, texts) }],
  texts: (asked) =>
    asked.step ? fieldsOf(asked).texts({ ...Object(asked.step.input) }) : (fieldsOf(asked).first ?? {}),
  hidden: ({ step, kind, place }) =>
    step ? [{ name: 'step', value: step.id }] : [{ name: 'kind', value: kind }, ...placeFields(place)],
  version: ({ workflow }) => workflow.revision,
  button: 'Save step',
  more: ({ workflow }) => ({ cancelHref: adminPaths.workflow(workflow._id) }),
  schema: ({ subject }) => fieldsOf(subject).schema(subject.about),
  save: ({ deps, ask, subject, values, version }) => saveStep(deps, ask, subject, { values, version }),
});

async function saveStep(
  deps: Deps,
  ask: Ask,
  asked: AskedStep,
  { values, version }: { values: object; version: number },
): Promise<Outcome> {
  const { workflow, plan, kind, step, place } = asked;
  if (version !== workflow.revision) return 'STALE';
  const given = kind === 'BRANCH' ? (step?.input ?? { filter: noFilter }) : values;
  const { input, secret } = storedInput(deps.config, { kind, input: given }, step ?? undefined);
  const id = step?.id ?? newStepId();
  const added: Step = { id, kind, input, ...(kind === 'BRANCH' ? { paths: [[], []] } : {}) };
  const next = step ? withInput(plan, id, input) : withStep(plan, place ?? { after: null }, added);
  const label = kindOfStep({ kind })?.label ?? kind;
  try {
    await keepDraft(deps, ask, asked, {
      plan: next,
      what: `${step ? 'step changed' : 'step added'}: ${label}`,
    });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.code === 'CONFLICT') return 'STALE';
    if (error.code === 'INVALID_FORM') return { faults: [{ text: error.message, href: '' }] };
    throw error;
  }
  if (secret !== null) return { html: secretPage(deps, ask, asked, secret) };
  if (kind === 'BRANCH' && !step) return { to: adminPaths.workflowFilter(workflow._id, { of: id }) };
  return { to: `${adminPaths.workflow(workflow._id)}#step-${id}`, said: 'saved' };
}

function secretPage(deps: Deps, ask: Ask, { workflow }: OpenWorkflow, value: string): string {
  return pageHtml(
    deps,
    ask,
    { section: 'workflows' },
    {
      title: 'The secret of the webhook',
      crumbs: workflowCrumbs(workflow),
      isNarrow: true,
      panels: [
        {
          sentences: [
            'The step is saved. The other system needs this secret to check the signature of each message.',
          ],
          secret: { label: 'Secret', value, isLong: false, note: 'It is shown only now.' },
          link: { href: adminPaths.workflow(workflow._id), text: 'Back to the workflow' },
        },
      ],
    },
  );
}

export function stepRoutes(deps: Deps): StaffRoute[] {
  const crumbs = ({ workflow }: OpenWorkflow) => workflowCrumbs(workflow);
  const show = (asked: AskedStep, form: FormView) => {
    const { workflow, kind, step, plan } = asked;
    const known = kindOfStep({ kind });
    const number = stepsOf(plan).find((one) => one.step.id === step?.id)?.number;
    return {
      title: step ? `Step ${number ?? ''}: ${known?.label ?? ''}` : (known?.label ?? 'Add a step'),
      crumbs: crumbs(asked),
      isNarrow: true,
      panels: [
        {
          sentences: [known?.hint ?? ''],
          ...(kind === 'BRANCH' && step
            ? {
                link: {
                  href: adminPaths.workflowFilter(workflow._id, { of: step.id }),
                  text: 'Change the filter',
                },
              }
            : { form }),
        },
        ...(step ? movePanels(asked, step) : []),
      ],
    };
  };
  return [
    ...formRoutes<AskedStep>(deps, {
      ...{
        section: 'workflows',
      },
      load: openStep,
      instead: ({ subject: { workflow, kind, step } }) =>
        kind === '' && !step ? adminPaths.workflow(workflow._id) : undefined,
      show: ({ subject }, form) => show(subject, form(stepForm)),
      forms: [stepForm],
    }),
    get(
      adminPatterns.workflowNewStep,
      { may: 'workflows.change', about: 'workflow' },
      async (ask, response) => {
        const asked = await openStep(deps, ask);
        const query = Object.fromEntries(placeFields(asked.place).map(({ name, value }) => [name, value]));
        const ways = stepKinds.map(({ name, label, hint }) => ({
          glyph: name,
          ...{ href: adminPaths.workflowStep(asked.workflow._id, { kind: name, ...query }), label, hint },
        }));
        const shown = { title: 'Add a step', crumbs: crumbs(asked), isNarrow: true, panels: [{ ways }] };
        response.send(pageHtml(deps, ask, { section: 'workflows' }, shown));
      },
    ),
    actRoute(deps, adminPatterns.workflowStepRemovals, (plan, id) => [withoutStep(plan, id), 'step removed']),
    actRoute(deps, adminPatterns.workflowStepMoves, (plan, id, request) => [
      withMoved(plan, id, textOf(request, 'by', 5) === 'up' ? -1 : 1),
      'step moved',
    ]),
  ];
}

/** Buttons that move a step or remove it. */
function movePanels({ workflow, plan }: AskedStep, step: Step): Panel[] {
  const hidden = [{ name: 'step', value: step.id }];
  const by = (way: string) => [...hidden, { name: 'by', value: way }];
  const moves = adminPaths.workflowStepMoves(workflow._id);
  const before = JSON.stringify(plan);
  const mayMove = (way: -1 | 1) => JSON.stringify(withMoved(plan, step.id, way)) !== before;
  return [
    {
      heading: 'Move or remove',
      sentences: [
        step.paths
          ? 'If you remove the branch, the steps of its first path take its place. Those of the other path are deleted.'
          : 'If you remove this step, contacts go on to the next one.',
      ],
      acts: [
        ...(mayMove(-1) ? [actView(moves, 'Move up', by('up'))] : []),
        ...(mayMove(1) ? [actView(moves, 'Move down', by('down'))] : []),
        actView(adminPaths.workflowStepRemovals(workflow._id), 'Remove this step', hidden, 'stop'),
      ],
    },
  ];
}

function actRoute(
  deps: Deps,
  path: string,
  change: (plan: Plan, stepId: string, request: Request) => [Plan, string],
): StaffRoute {
  return post(path, { may: 'workflows.change', about: 'workflow' }, async (ask, response) => {
    const opened = await openDraft(deps, ask);
    const id = textOf(ask.request, 'step', 20);
    if (!findStep(opened.plan, id)) throw new DomainError('NOT_FOUND');
    const [plan, what] = change(opened.plan, id, ask.request);
    await keepDraft(deps, ask, opened, { plan, what });
    response.redirect(303, saying(ask, adminPaths.workflow(opened.workflow._id), 'saved'));
  });
}
