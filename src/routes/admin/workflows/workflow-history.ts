/** The history of a workflow, the path of one contact, a test with one contact, and enrolment by hand. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { cursorIn, timeAndId, pageIn, placeInTime } from '../../../cursor.js';
import type { Deps } from '../../../deps.js';
import { findEnrolments, getEnrolment, retryNow, unenrol } from '../../../domain/workflows/history.js';
import { stepsOf, type Plan } from '../../../domain/workflows/plan.js';
import { findPlans } from '../../../domain/workflows/published.js';
import { kindOfStep } from '../../../domain/workflows/steps/registry.js';
import { findContactsById, type Contact } from '../../../models/contact.js';
import type { Enrolment, LeaveReason, PassedStep } from '../../../models/enrolment.js';
import { versionId } from '../../../models/workflow.js';
import type { Fact, FormView, Panel } from '../../../views/admin-form-page.js';
import type { State } from '../../../views/admin-frame.js';
import { mayRole } from '../../../vocabulary/access.js';
import { isAnyInScope } from '../../../vocabulary/scope.js';
import { momentOf } from '../../../vocabulary/words.js';
import { queryOf, textOf } from '../form.js';
import { saying } from '../frame.js';
import { pageHtml } from '../kit/form-page.js';
import { actView } from '../kit/form.js';
import { tableOf } from '../kit/list-page.js';
import type { Ask, StaffRoute } from '../route.js';
import { pathReason } from './builder.js';
import { finder, historySayings, nameOf } from './history-words.js';
import {
  auditWorkflow,
  openWorkflow,
  stateOf,
  tabsOf,
  workflowCrumbs,
  workflowsCrumb,
  type OpenWorkflow,
} from './open-workflow.js';

const pageSize = 50;

const leaveWords: Readonly<Record<LeaveReason, string>> = {
  SUPPRESSED: 'Joined a list whose members are never enrolled',
  GOAL: 'Met the goal',
  TRIGGER_UNMET: 'No longer met the trigger',
  BY_HAND: 'Taken out by staff',
  OFF: 'The workflow was turned off',
  NO_CONTACT: 'The contact was deleted',
  OTHER_UNIT: 'Left the business units of the workflow',
  LOOP: 'Stopped: workflows started each other again and again',
};

const marks = [
  { value: 'ALL', label: 'All' },
  { value: 'ACTIVE', label: 'In progress' },
  { value: 'DONE', label: 'Reached the end' },
  { value: 'LEFT:', label: 'Left early' },
];

export function enrolmentState({ state, lastError, isWaiting, reason }: Enrolment): State {
  if (state === 'DONE') return { tone: 'in', words: 'Reached the end' };
  if (state === 'LEFT') return { tone: 'none', words: reason ? leaveWords[reason] : 'Left early' };
  if (lastError !== null) return { tone: 'out', words: 'Failed, and is tried again' };
  return { tone: 'wait', words: isWaiting ? 'Waiting' : 'In progress' };
}

async function historyPage(deps: Deps, ask: Ask, opened: OpenWorkflow): Promise<string> {
  const { workflow } = opened;
  const mark = queryOf(ask.request, 'mark', 120) ?? 'ALL';
  const contactId = queryOf(ask.request, 'contact', 60);
  const before = cursorIn(queryOf(ask.request, 'before', 400), timeAndId);
  const asked = { mark, contactId, before, limit: pageSize + 1 };
  const found = await findEnrolments(deps, workflow._id, asked);
  const { page: rows, next } = pageIn(found, pageSize, placeInTime);
  const contacts = await contactsOf(deps, ask, rows);
  const step = stepsOf(opened.plan).find(({ step: { id } }) => mark.includes(id));
  const href = (query: Record<string, string>) => adminPaths.workflowHistory(workflow._id, query);
  const columns = [
    {
      heading: 'Contact',
      cell: (one: Enrolment) => ({
        href: adminPaths.workflowEnrolment(workflow._id, { id: one._id }),
        text: nameOf(contacts.get(one.contactId)),
      }),
    },
    { heading: 'State', cell: (one: Enrolment) => ({ state: enrolmentState(one) }) },
    { heading: 'Enrolled', isNumeric: true, cell: ({ at }: Enrolment) => ({ text: momentOf(at, ask.zone) }) },
    { heading: 'Version', isNumeric: true, cell: ({ version }: Enrolment) => ({ text: String(version) }) },
  ];
  return pageHtml(
    deps,
    ask,
    { section: 'workflows', sayings: historySayings },
    {
      title: `History of ${workflow.name}`,
      ...{ heading: workflow.name, state: stateOf(workflow), tabs: tabsOf(workflow, 'history') },
      crumbs: [workflowsCrumb],
      lead: step ? `Contacts of step ${step.number}.` : 'The newest enrolments come first.',
      aside: [
        {
          heading: 'Show',
          ways: marks.map(({ value, label }) => ({
            ...{ href: href({ mark: value }), label, isCurrent: value === mark },
          })),
        },
        { heading: 'Find', form: finder(workflow, 'history', 'Find') },
      ],
      panels: [
        rows.length > 0
          ? { table: tableOf('Enrolments', columns, rows) }
          : { sentences: ['Nobody is here.'] },
      ],
      ...(before ? { newestHref: href({ mark }) } : {}),
      ...(next ? { olderHref: href({ mark, before: next }) } : {}),
    },
  );
}

/** Contacts outside the scope of the user are not named. */
async function contactsOf(
  { models }: Deps,
  { scope }: Ask,
  rows: readonly Enrolment[],
): Promise<Map<string, Contact>> {
  const found = await findContactsById(models.contacts, [...new Set(rows.map(({ contactId }) => contactId))]);
  return new Map(
    found.filter(({ unitIds }) => isAnyInScope(scope, unitIds)).map((contact) => [contact._id, contact]),
  );
}

async function enrolmentPage(
  deps: Deps,
  ask: Ask,
  { workflow }: OpenWorkflow,
  one: Enrolment,
): Promise<string> {
  const contact = (await contactsOf(deps, ask, [one])).get(one.contactId);
  const id = versionId(workflow._id, one.version);
  const plan = (await findPlans(deps.models, [id])).get(id);
  const mayChange = mayRole(ask.user.role, 'workflows.change') && one.state === 'ACTIVE';
  const hidden = [{ name: 'id', value: one._id }];
  const act = (to: string, button: string, look: FormView['look']) =>
    actView(
      adminPaths.workflowEnrolmentActs(workflow._id),
      button,
      [...hidden, { name: 'to', value: to }],
      look,
    );
  const facts: Fact[] = [
    {
      ...{ term: 'Contact', text: nameOf(contact) },
      ...(contact ? { href: adminPaths.contact(contact._id) } : {}),
    },
    { term: 'Enrolled', text: momentOf(one.at, ask.zone) },
    { term: 'Version', text: String(one.version) },
    ...(one.state === 'ACTIVE'
      ? [
          { term: 'Next', text: stepName(plan, one.step) },
          { term: one.lastError === null ? 'Due' : 'Next attempt', text: momentOf(one.dueAt, ask.zone) },
        ]
      : []),
    ...(one.endedAt ? [{ term: 'Ended', text: momentOf(one.endedAt, ask.zone) }] : []),
    ...(one.lastError === null ? [] : [{ term: 'Why the last attempt failed', text: one.lastError }]),
  ];
  const columns = [
    { heading: 'Step', cell: ({ step }: PassedStep) => ({ text: stepName(plan, step) }) },
    {
      heading: 'Outcome',
      cell: ({ outcome, reason }: PassedStep) => ({
        state: outcomes[outcome],
        ...(reason ? { note: pathReason(reason) } : {}),
      }),
    },
    { heading: 'When', cell: ({ at }: PassedStep) => ({ text: momentOf(at, ask.zone) }) },
  ];
  const acts: Panel[] = mayChange
    ? [
        ...(one.lastError === null
          ? []
          : [{ heading: 'Try again', form: act('RETRY', 'Try again now', 'plain') }]),
        { heading: 'Take out', form: act('LEAVE', 'Take the contact out', 'stop') },
      ]
    : [];
  return pageHtml(
    deps,
    ask,
    { section: 'workflows', sayings: historySayings },
    {
      title: nameOf(contact),
      state: enrolmentState(one),
      crumbs: [
        ...workflowCrumbs(workflow),
        { href: adminPaths.workflowHistory(workflow._id), text: 'History' },
      ],
      aside: [{ heading: 'Enrolment', facts }, ...acts],
      panels: [
        {
          heading: 'Path',
          ...(one.path.length > 0
            ? { table: tableOf('Path', columns, one.path) }
            : { sentences: ['No step is over yet.'] }),
        },
      ],
    },
  );
}

const outcomes: Readonly<Record<PassedStep['outcome'], State>> = {
  DONE: { tone: 'in', words: 'Done' },
  SKIPPED: { tone: 'wait', words: 'Skipped' },
  YES: { tone: 'none', words: 'Yes' },
  NO: { tone: 'none', words: 'Otherwise' },
};

function stepName(plan: Plan | undefined, id: string | null): string {
  const found = plan && stepsOf(plan).find(({ step }) => step.id === id);
  if (!found) return id === null ? 'The end' : 'A step of another version';
  return `Step ${found.number}: ${kindOfStep(found.step)?.label ?? found.step.kind}`;
}

export function workflowHistoryRoutes(deps: Deps): StaffRoute[] {
  const read = { method: 'GET', may: 'workflows.read', about: 'workflow' } as const;
  const act = { method: 'POST', may: 'workflows.change', about: 'workflow' } as const;
  const shown =
    (page: (deps: Deps, ask: Ask, opened: OpenWorkflow) => Promise<string>): StaffRoute['handle'] =>
    async (ask, response) =>
      void response.send(await page(deps, ask, await openWorkflow(deps, ask)));
  return [
    { ...read, path: adminPatterns.workflowHistory, handle: shown(historyPage) },
    {
      ...{ ...read, path: adminPatterns.workflowEnrolment },
      handle: shown(async (_deps, ask, opened) => {
        const one = await getEnrolment(deps, opened.workflow._id, queryOf(ask.request, 'id', 200) ?? '');
        return enrolmentPage(deps, ask, opened, one);
      }),
    },
    {
      ...{ ...act, path: adminPatterns.workflowEnrolmentActs },
      handle: async (ask, response) => {
        const { workflow } = await openWorkflow(deps, ask);
        const one = await getEnrolment(deps, workflow._id, textOf(ask.request, 'id', 200));
        const isRetry = textOf(ask.request, 'to', 10) === 'RETRY';
        const isDone = isRetry ? await retryNow(deps, one) : await unenrol(deps, one);
        if (isDone)
          await auditWorkflow(deps, ask, workflow, isRetry ? 'a step tried again' : 'a contact taken out');
        const said = isDone ? (isRetry ? 'retried' : 'unenrolled') : 'not-now';
        response.redirect(
          303,
          saying(ask, adminPaths.workflowEnrolment(workflow._id, { id: one._id }), said),
        );
      },
    },
  ];
}
