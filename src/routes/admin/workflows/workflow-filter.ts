/** The page of a filter of a workflow: of its trigger, of its goal, or of a branch. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { countContacts } from '../../../domain/contacts/find.js';
import { viewOfQuery, wholeIndex } from '../../../domain/contacts/selection.js';
import { noFilter, type Filter } from '../../../domain/filters/filter.js';
import { findStep, stepsOf, withInput, type Plan } from '../../../domain/workflows/plan.js';
import { branchFilter } from '../../../domain/workflows/steps/branch.js';
import { DomainError } from '../../../errors.js';
import { counted } from '../../../vocabulary/words.js';
import type { Panel } from '../../../views/admin-form-page.js';
import { contactsHref, queryIn, type FilterPage } from '../contacts/filter-links.js';
import { shownFilter, takeCondition, type Edited } from '../contacts/shown-filter.js';
import { sentOf, textOf } from '../form.js';
import { saying } from '../frame.js';
import { actView } from '../kit/form.js';
import { htmlOf, type FormPage } from '../kit/form-page.js';
import { get, type Ask, type StaffRoute } from '../route.js';
import { keepDraft, openDraft, workflowCrumbs, type OpenWorkflow } from './open-workflow.js';

/** A filter of the plan: of the trigger, the goal, or a branch. */
interface OpenFilter extends OpenWorkflow {
  /** `trigger`, `goal`, or the id of a branch. */
  of: string;
  /** The filter that the page shows; it may not be saved yet. */
  filter: Filter;
  isSaved: boolean;
  edited?: Edited;
}

async function openFilter(deps: Deps, ask: Ask): Promise<OpenFilter> {
  const opened = await openDraft(deps, ask);
  const of = sentOf(ask.request, 'of') || 'trigger';
  const saved = filterOf(opened.plan, of);
  const isSent = ask.request.method === 'POST';
  const text = isSent ? textOf(ask.request, 'filter', 16_000) : (queryIn(ask.request).get('filter') ?? '');
  const asked = text ? viewOfQuery(new URLSearchParams({ filter: text })) : null;
  if (text && !asked) throw new DomainError('INVALID_FORM');
  const filter = asked?.filter ?? saved;
  return { ...opened, of, filter, isSaved: JSON.stringify(filter) === JSON.stringify(saved) };
}

/** @throws DomainError `NOT_FOUND` */
function filterOf(plan: Plan, of: string): Filter {
  if (of === 'goal') return plan.goal ?? noFilter;
  if (of === 'trigger') return plan.trigger?.kind === 'FILTER' ? plan.trigger.filter : noFilter;
  const filter = branchFilter(findStep(plan, of)?.input);
  if (!filter) throw new DomainError('NOT_FOUND');
  return filter;
}

function withFilter(plan: Plan, of: string, filter: Filter): Plan {
  if (of === 'goal') return { ...plan, goal: filter.any.length > 0 ? filter : null };
  if (of === 'trigger') return { ...plan, trigger: { kind: 'FILTER', filter } };
  return withInput(plan, of, { filter });
}

function pageOf(id: string, of: string): FilterPage {
  return {
    href: ({ filter }, more = {}) =>
      adminPaths.workflowFilter(id, { of, filter: JSON.stringify(filter), ...more }),
    action: adminPaths.workflowFilter(id),
    applyAction: adminPaths.workflowConditions(id),
  };
}

const filterPage: Pick<FormPage<OpenFilter>, 'section' | 'show'> = {
  section: 'workflows',
  show: async ({ deps, ask, subject }) => {
    const { workflow, plan, of } = subject;
    const number = stepsOf(plan).find(({ step }) => step.id === of)?.number;
    const title =
      of === 'trigger' ? 'Filter of the trigger' : of === 'goal' ? 'Goal' : `Filter of step ${number ?? ''}`;
    return { title, crumbs: workflowCrumbs(workflow), panels: [await filterPanel(deps, ask, subject)] };
  },
};

const meanings: Readonly<Record<string, string>> = {
  trigger: 'A contact is enrolled when it starts to meet this filter.',
  goal: 'A contact leaves the workflow when it meets this filter. Without a condition, contacts leave only at the end.',
};

async function filterPanel(deps: Deps, ask: Ask, opened: OpenFilter): Promise<Panel> {
  const { workflow, about, of, filter, isSaved, edited } = opened;
  const view = { ...wholeIndex, filter };
  const shown = await shownFilter(deps, ask, {
    // A filter that the user has just emptied is saved, or begins anew.
    ...{ view, context: about, page: { ...pageOf(workflow._id, of), isOpen: isSaved } },
    ...(edited ? { edited } : {}),
  });
  const count =
    filter.any.length > 0 ? await countContacts(deps, { scope: workflow.unitIds, filter, search: '' }) : null;
  const hidden = [
    { name: 'of', value: of },
    { name: 'filter', value: JSON.stringify(filter) },
  ];
  return {
    ...(isSaved ? {} : { state: { tone: 'wait', words: 'Not saved yet' } as const, heading: 'Filter' }),
    sentences: [
      meanings[of] ?? 'Contacts that match take the first path of the branch, and all others the second.',
    ],
    filter: shown.filter,
    ...(count && !(count.isCapped && count.count === 0)
      ? {
          said: {
            text: `${counted(count.count, 'contact')}${count.isCapped ? ' or more' : ''} match now.`,
            ...{ href: contactsHref(view), link: 'See them' },
          },
        }
      : {}),
    // One button at a time: the editor has its own.
    ...(shown.isEditing || isSaved
      ? {}
      : { form: actView(adminPaths.workflowFilter(workflow._id), 'Save filter', hidden, 'main') }),
    ...(isSaved && !shown.isEditing
      ? { link: { href: adminPaths.workflow(workflow._id), text: 'Back to the workflow' } }
      : {}),
  };
}

export function workflowFilterRoutes(deps: Deps): StaffRoute[] {
  const rule = { method: 'POST', about: 'workflow', may: 'workflows.change' } as const;
  return [
    get(
      adminPatterns.workflowFilter,
      rule,
      async (ask, response) =>
        void response.send(await htmlOf(deps, ask, filterPage, await openFilter(deps, ask))),
    ),
    {
      ...{ ...rule, path: adminPatterns.workflowConditions },
      handle: async (ask, response) => {
        const opened = await openFilter(deps, ask);
        const { workflow, of, filter, about } = opened;
        const view = { ...wholeIndex, filter };
        await takeCondition(
          ask,
          response,
          { view, context: about, page: pageOf(workflow._id, of) },
          (faults, edited) =>
            htmlOf(deps, ask, filterPage, { ...opened, ...(edited ? { edited } : {}) }, undefined, faults),
        );
      },
    },
    {
      ...{ ...rule, path: adminPatterns.workflowFilter },
      handle: async (ask, response) => {
        const opened = await openFilter(deps, ask);
        const { workflow, plan, of, filter } = opened;
        await keepDraft(deps, ask, opened, { plan: withFilter(plan, of, filter), what: `filter: ${of}` });
        response.redirect(303, saying(ask, adminPaths.workflow(workflow._id), 'saved'));
      },
    },
  ];
}
