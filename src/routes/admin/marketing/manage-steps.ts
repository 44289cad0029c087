/** What the steps of "Manage marketing contacts" share. What was chosen so far is in the URL, so every step works without a script and with the back button. */
import { adminPaths } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { countContacts, type ContactCount } from '../../../domain/contacts/find.js';
import { viewOfQuery, wholeIndex } from '../../../domain/contacts/selection.js';
import type { FilterContext } from '../../../domain/filters/condition-kind.js';
import { chosenFilter, isUsable, type Chosen } from '../../../domain/marketing/manage.js';
import { DomainError } from '../../../errors.js';
import { setMarketing } from '../../../jobs/kinds/marketing.js';
import type { Panel, Steps } from '../../../views/admin-form-page.js';
import { counted, figure } from '../../../vocabulary/words.js';
import { queryIn } from '../contacts/filter-links.js';
import { textOf, textsOf } from '../form.js';
import { pageHtml } from '../kit/form-page.js';
import type { Ask } from '../route.js';
import type { sourcesOf } from './manage-sources.js';

export const rule = { may: setMarketing.permission, about: 'account' } as const;
const stepNames = ['Get started', 'Unengaged contacts', 'Filters and lists', 'Review and update'] as const;

/** @throws DomainError `INVALID_FORM` for a filter that cannot be read or is too long: fewer conditions would choose more contacts */
export function chosenIn({ request }: Ask): Chosen {
  const isPost = request.method === 'POST';
  const query = queryIn(request);
  const text = isPost ? textOf(request, 'filter', 16_000) : (query.get('filter') ?? '');
  const view = text ? viewOfQuery(new URLSearchParams({ filter: text })) : wholeIndex;
  const isRead = view && (view.filter.any.length === 0 || isUsable(view.filter));
  if (!isRead) throw new DomainError('INVALID_FORM');
  const { filter } = view;
  return isPost
    ? { out: textsOf(request, 'out', 10), from: textOf(request, 'from', 60), filter }
    : { out: query.getAll('out').slice(0, 10), from: (query.get('from') ?? '').slice(0, 60), filter };
}

export const fieldsOf = ({ out, from, filter }: Chosen) => [
  ...out.map((value) => ({ name: 'out', value })),
  ...(from ? [{ name: 'from', value: from }] : []),
  ...(filter.any.length > 0 ? [{ name: 'filter', value: JSON.stringify(filter) }] : []),
];

export const textOfChosen = (chosen: Chosen) =>
  new URLSearchParams(fieldsOf(chosen).map(({ name, value }): [string, string] => [name, value])).toString();

function stepsAt(now: number, chosen: Chosen): Steps {
  const query = textOfChosen(chosen);
  const paths = [
    adminPaths.manageMarketing(),
    adminPaths.marketingUnengaged(query && `${query}&seen=yes`),
    adminPaths.marketingLists(query),
    adminPaths.marketingReview(query),
  ];
  return {
    label: `Steps, at step ${now + 1}`,
    words: `Step ${now + 1} of ${stepNames.length}`,
    list: stepNames.map((text, at) => {
      const href = at < now ? paths[at] : undefined;
      return { text, isDone: at < now, isCurrent: at === now, ...(href ? { href } : {}) };
    }),
  };
}

export function stepHtml(
  deps: Deps,
  ask: Ask,
  now: number,
  chosen: Chosen,
  panel: Panel | Panel[],
  faults: Fault[] = [],
): string {
  return pageHtml(
    deps,
    ask,
    { section: 'marketing' },
    {
      title: 'Manage marketing contacts',
      heading: stepNames[now] ?? '',
      crumbs: [{ href: adminPaths.marketing(), text: 'Marketing contacts' }],
      steps: stepsAt(now, chosen),
      isNarrow: true,
      panels: [panel].flat(),
    },
    faults,
  );
}

export type Fault = { text: string; href: string };
export type Sources = Awaited<ReturnType<typeof sourcesOf>>;

export async function countChosen(
  deps: Deps,
  chosen: Chosen,
  { ask, context, sources }: { ask: Ask; context: FilterContext; sources: Sources },
): Promise<ContactCount> {
  const filter = chosenFilter(chosen, context, sources);
  if (filter.any.length === 0) return { count: 0, isCapped: false };
  return countContacts(deps, { filter, search: '', scope: ask.scope });
}

export const many = ({ count, isCapped }: ContactCount) =>
  isCapped ? `${figure(count)}+ contacts` : counted(count, 'contact');
