/** "Manage marketing contacts", step by step. What was chosen so far is in the URL, so every step works without a script and with the back button. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { countContacts, filterContext, type ContactCount } from '../../../domain/contacts/find.js';
import { wholeIndex } from '../../../domain/contacts/selection.js';
import type { FilterContext } from '../../../domain/filters/condition-kind.js';
import { chosenFilter, unengagedGroups, type Chosen } from '../../../domain/marketing/manage.js';
import { countUsage, readMarketingState, shareOf } from '../../../domain/marketing/usage.js';
import { wantedOf } from '../../../jobs/kind.js';
import { setMarketing } from '../../../jobs/kinds/marketing.js';
import type { Panel, Steps } from '../../../views/admin-form-page.js';
import { counted, figure } from '../../../vocabulary/words.js';
import { selectionForJob, tooMany } from '../bulk/selected.js';
import { contactsHref, queryIn } from '../contacts/filter-editor.js';
import { textOf, textsOf } from '../form.js';
import { nonceField, queueJobOf } from '../jobs/queue.js';
import { groupOf } from '../kit/fields.js';
import { actView } from '../kit/form.js';
import { pageHtml } from '../kit/form-page.js';
import type { Ask, StaffRoute } from '../route.js';
import { sourcesOf } from './manage-sources.js';
import { leavingSentence } from './marketing-words.js';

const rule = { may: setMarketing.permission, about: 'account' } as const;
const stepNames = ['Get started', 'Unengaged contacts', 'Filters and lists', 'Review and update'] as const;

function chosenIn({ request }: Ask): Chosen {
  if (request.method === 'POST')
    return { out: textsOf(request, 'out', 10), from: textOf(request, 'from', 60) };
  const query = queryIn(request);
  return { out: query.getAll('out').slice(0, 10), from: (query.get('from') ?? '').slice(0, 60) };
}

const fieldsOf = ({ out, from }: Chosen) => [
  ...out.map((value) => ({ name: 'out', value })),
  ...(from ? [{ name: 'from', value: from }] : []),
];

const textOfChosen = (chosen: Chosen) =>
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

function stepHtml(
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

type Fault = { text: string; href: string };
type Sources = Awaited<ReturnType<typeof sourcesOf>>;

async function countChosen(
  deps: Deps,
  chosen: Chosen,
  { ask, context, sources }: { ask: Ask; context: FilterContext; sources: Sources },
): Promise<ContactCount> {
  const filter = chosenFilter(chosen, context, sources);
  if (filter.any.length === 0) return { count: 0, isCapped: false };
  return countContacts(deps, { filter, search: '', scope: ask.scope });
}

const many = ({ count, isCapped }: ContactCount) =>
  isCapped ? `${figure(count)}+ contacts` : counted(count, 'contact');

export function manageMarketingRoutes(deps: Deps): StaffRoute[] {
  const page = (path: string, show: (ask: Ask, context: FilterContext) => Promise<string>): StaffRoute => ({
    ...{ ...rule, method: 'GET', path },
    handle: async (ask, response) =>
      void response.send(await show(ask, await filterContext(deps, ask.scope))),
  });
  return [
    page(adminPatterns.manageMarketing, async (ask) => {
      const { marketing, nonMarketing } = await countUsage(deps);
      return stepHtml(
        deps,
        ask,
        0,
        { out: [], from: '' },
        {
          sentences: [
            'Only marketing contacts get marketing, and only they count. Here you choose contacts that no longer need to count.',
            'First, contacts that your mails do not reach. Then, if you like, a list or the filter of a saved view. Nothing changes before the last step.',
          ],
          facts: [
            { term: 'Marketing contacts', text: figure(marketing) },
            { term: 'Non-marketing contacts', text: figure(nonMarketing) },
          ],
          link: { href: adminPaths.marketingUnengaged(), text: 'Start', isMain: true },
        },
      );
    }),
    page(adminPatterns.marketingUnengaged, async (ask, context) => {
      const chosen = chosenIn(ask);
      const groups = unengagedGroups(context);
      const about = { ask, context, sources: new Map() };
      const isSeen = queryIn(ask.request).get('seen') === 'yes' || chosen.out.length > 0;
      const out = isSeen ? chosen.out : groups.map(({ id }) => id);
      const counts = await Promise.all(
        groups.map(({ id }) => countChosen(deps, { out: [id], from: '' }, about)),
      );
      const everybody = { out: groups.map(({ id }) => id), from: '' };
      const all = await countChosen(deps, everybody, about);
      const options = groups.map(({ id, label, hint }, at) => {
        const one = counts[at];
        return { value: id, label: `${label}: ${one ? many(one) : ''}`, hint };
      });
      const fields = [{ kind: 'ticks' as const, name: 'out', label: 'Set as non-marketing', options }];
      return stepHtml(deps, ask, 1, chosen, {
        heading: 'Whom do your mails not reach?',
        sentences: [
          'These contacts cannot get marketing mail, and count all the same. They are chosen for you. Leave out any group that you want to keep.',
        ],
        said: {
          strong: many(all),
          text: 'in all. A contact can be in several groups.',
          href: contactsHref({ ...wholeIndex, filter: chosenFilter(everybody, context, new Map()) }),
          link: 'See who they are',
        },
        form: {
          ...actView(adminPaths.marketingLists(), 'Next', fieldsOf({ out: [], from: chosen.from }), 'main'),
          ...{ isGet: true, groups: [groupOf({ fields }, { out: out.join('\n') }, [])] },
        },
        link: { href: adminPaths.marketingLists(textOfChosen({ out: [], from: chosen.from })), text: 'Skip' },
      });
    }),
    page(adminPatterns.marketingLists, async (ask, context) => {
      const chosen = chosenIn(ask);
      const sources = await sourcesOf(deps, ask, context);
      const options = [
        { value: '', label: 'None' },
        ...[...sources].map(([value, { label }]) => ({ value, label })),
      ];
      const fields = [
        {
          kind: 'select' as const,
          name: 'from',
          label: 'Set as non-marketing, too: the contacts of',
          options,
        },
      ];
      return stepHtml(deps, ask, 2, chosen, {
        heading: 'Which other contacts need not count?',
        sentences: [
          'Choose a list, or a saved view, whose filter is used. To use another filter, save it as a view in the contacts index first.',
        ],
        form: {
          ...actView(adminPaths.marketingReview(), 'Next', fieldsOf({ ...chosen, from: '' }), 'main'),
          ...{ isGet: true, groups: [groupOf({ fields }, { from: chosen.from }, [])] },
        },
        link: { href: adminPaths.marketingReview(textOfChosen({ ...chosen, from: '' })), text: 'Skip' },
      });
    }),
    page(adminPatterns.marketingReview, (ask, context) => reviewHtml(deps, ask, context)),
    {
      ...{ ...rule, method: 'POST', path: adminPatterns.marketingUpdates },
      handle: async (ask, response) => {
        const context = await filterContext(deps, ask.scope);
        const chosen = chosenIn(ask);
        const filter = chosenFilter(chosen, context, await sourcesOf(deps, ask, context));
        if (filter.any.length === 0) return response.redirect(303, adminPaths.manageMarketing());
        const selection = await selectionForJob(deps, ask, { kind: 'FILTER', filter, search: '' });
        if (!selection)
          return void response.status(422).send(await reviewHtml(deps, ask, context, [tooMany]));
        const wanted = wantedOf(setMarketing, { selection, isMarketing: false });
        response.redirect(303, await queueJobOf(deps, ask, wanted));
      },
    },
  ];
}

async function reviewHtml(
  deps: Deps,
  ask: Ask,
  context: FilterContext,
  faults: Fault[] = [],
): Promise<string> {
  const chosen = chosenIn(ask);
  const sources = await sourcesOf(deps, ask, context);
  const source = sources.get(chosen.from);
  const about = { ask, context, sources };
  const [all, out, other, usage, state] = await Promise.all([
    countChosen(deps, chosen, about),
    countChosen(deps, { ...chosen, from: '' }, about),
    countChosen(deps, { out: [], from: chosen.from }, about),
    countUsage(deps),
    readMarketingState(deps),
  ]);
  const { marketing, nonMarketing } = usage;
  if (all.count === 0 && !all.isCapped)
    return stepHtml(
      deps,
      ask,
      3,
      chosen,
      {
        sentences: ['No marketing contact is chosen, so there is nothing to update.'],
        link: { href: adminPaths.marketingLists(textOfChosen(chosen)), text: 'Back' },
      },
      faults,
    );
  // While contacts wait for the update, they are marketing contacts still.
  const after = marketing - usage.untilUpdate - all.count;
  const share = shareOf(after, state.settings.limit);
  const orFewer = all.isCapped ? ' or fewer' : '';
  return stepHtml(
    deps,
    ask,
    3,
    chosen,
    [
      {
        facts: [
          {
            term: 'Marketing contacts',
            text: `${figure(marketing)} now, ${figure(after)}${orFewer} after the next update`,
            note: `${many(all)} fewer by these choices${usage.untilUpdate > 0 ? `, ${figure(usage.untilUpdate)} by earlier ones` : ''}.${share === null ? '' : ` ${figure(share)} % of your plan.`}`,
          },
          {
            term: 'Non-marketing contacts',
            text: `${figure(nonMarketing)} now, ${figure(nonMarketing + marketing - after)}${all.isCapped ? ' or more' : ''} after the next update`,
          },
          ...(chosen.out.length > 0 ? [{ term: 'Unengaged contacts', text: many(out) }] : []),
          ...(source ? [{ term: source.label, text: many(other) }] : []),
        ],
      },
      {
        // The last sentence before the button.
        points: [
          { tone: 'plain', text: `${leavingSentence(state, ask.zone)} Their subscriptions do not change.` },
        ],
        form: {
          ...actView(
            adminPaths.marketingUpdates(),
            `Update ${many(all)}`,
            [nonceField(ask), ...fieldsOf(chosen)],
            'main',
          ),
          cancelHref: adminPaths.marketing(),
        },
        link: { href: adminPaths.marketingLists(textOfChosen(chosen)), text: 'Back' },
      },
    ],
    faults,
  );
}
