/** "Manage marketing contacts", step by step: the start, unengaged contacts, the review, and the update, which is a job. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import { selectionForJob } from '../../../domain/contacts/selection-for-job.js';
import type { Deps } from '../../../deps.js';
import { filterContext } from '../../../domain/contacts/find.js';
import { wholeIndex } from '../../../domain/contacts/selection.js';
import type { FilterContext } from '../../../domain/filters/condition-kind.js';
import { describeFilter } from '../../../domain/filters/describe.js';
import { chosenFilter, nobodyChosen, unengagedGroups } from '../../../domain/marketing/manage.js';
import { countUsage, readMarketingState, shareOf } from '../../../domain/marketing/usage.js';
import { wantedOf } from '../../../jobs/kind.js';
import { setMarketing } from '../../../jobs/kinds/marketing.js';
import { figure } from '../../../vocabulary/words.js';
import { tooMany } from '../bulk/selected.js';
import { contactsHref, queryIn } from '../contacts/filter-links.js';
import { nonceField, queueJobOf } from '../jobs/queue.js';
import { groupOf } from '../kit/fields.js';
import { actView } from '../kit/form.js';
import { get, post, type Ask, type StaffRoute } from '../route.js';
import { sourcesOf } from './manage-sources.js';
import {
  chosenIn,
  countChosen,
  fieldsOf,
  many,
  rule,
  stepHtml,
  textOfChosen,
  type Fault,
} from './manage-steps.js';
import { leavingSentence } from './marketing-words.js';
import { present } from '../present.js';

export function manageMarketingRoutes(deps: Deps): StaffRoute[] {
  const page = (path: string, show: (ask: Ask, context: FilterContext) => Promise<string>): StaffRoute =>
    get(
      path,
      rule,
      async (ask, response) => void response.send(await show(ask, await filterContext(deps, ask.scope))),
    );
  return [
    page(adminPatterns.manageMarketing, async (ask) => {
      const { marketing, nonMarketing } = await countUsage(deps);
      return stepHtml(deps, ask, 0, nobodyChosen, {
        sentences: [
          'Only marketing contacts get marketing mail, and only they count against your plan. Here you choose contacts that become non-marketing contacts.',
          'First, you choose among contacts that your mails do not reach. Then you may add contacts of a list or a filter. Nothing changes before the last step.',
        ],
        facts: [
          { term: 'Marketing contacts', text: figure(marketing) },
          { term: 'Non-marketing contacts', text: figure(nonMarketing) },
        ],
        link: { href: adminPaths.marketingUnengaged(), text: 'Start', isMain: true },
      });
    }),
    page(adminPatterns.marketingUnengaged, async (ask, context) => {
      const chosen = chosenIn(ask);
      const groups = unengagedGroups(context);
      const about = { ask, context, sources: new Map() };
      const isSeen = queryIn(ask.request).get('seen') === 'yes' || chosen.out.length > 0;
      const out = isSeen ? chosen.out : groups.map(({ id }) => id);
      const counts = await Promise.all(
        groups.map(({ id }) => countChosen(deps, { ...nobodyChosen, out: [id] }, about)),
      );
      const everybody = { ...nobodyChosen, out: groups.map(({ id }) => id) };
      const all = await countChosen(deps, everybody, about);
      const options = groups.map(({ id, label, hint }, at) => {
        const one = counts[at];
        return { value: id, label: `${label}: ${one ? many(one) : ''}`, hint };
      });
      const fields = [{ kind: 'ticks' as const, name: 'out', label: 'Set as non-marketing', options }];
      return stepHtml(deps, ask, 1, chosen, {
        heading: 'Contacts that your mails do not reach',
        sentences: [
          'These contacts cannot get marketing mail, but they count against your plan. All groups are ticked at first. Untick a group that you want to keep.',
        ],
        said: {
          strong: many(all),
          text: 'in all. A contact can be in several groups.',
          href: contactsHref({ ...wholeIndex, filter: chosenFilter(everybody, context, new Map()) }),
          link: 'See who they are',
        },
        form: {
          ...actView(adminPaths.marketingLists(), 'Next', fieldsOf({ ...chosen, out: [] }), 'main'),
          ...{ isGet: true, groups: [groupOf({ fields }, { out: out.join('\n') }, [])] },
          cancelHref: adminPaths.marketingLists(textOfChosen({ ...chosen, out: [] })),
          cancelText: 'Skip',
        },
      });
    }),
    page(adminPatterns.marketingReview, (ask, context) => reviewHtml(deps, ask, context)),
    post(adminPatterns.marketingUpdates, rule, async (ask, response) => {
      const context = await filterContext(deps, ask.scope);
      const chosen = chosenIn(ask);
      const filter = chosenFilter(chosen, context, await sourcesOf(deps, ask, context));
      if (filter.any.length === 0) return response.redirect(303, adminPaths.manageMarketing());
      const selection = await selectionForJob(deps, ask.scope, { kind: 'FILTER', filter, search: '' });
      if (!selection) return void response.status(422).send(await reviewHtml(deps, ask, context, [tooMany]));
      const wanted = wantedOf(setMarketing, { selection, isMarketing: false });
      response.redirect(303, await queueJobOf(deps, ask, wanted));
    }),
  ];
}

/** "248 → 179", on one line. */
const change = (now: number, after: number) => `${figure(now)}\u00a0→\u00a0${figure(after)}`;

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
    countChosen(deps, { ...nobodyChosen, out: chosen.out }, about),
    countChosen(deps, { ...chosen, out: [] }, about),
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
        heading: 'Now, and after the next update',
        figures: [
          {
            ...{ tone: 'none', label: 'Marketing contacts' },
            figure: `${change(marketing, after)}${orFewer}`,
          },
          {
            ...{ tone: 'none', label: 'Non-marketing contacts' },
            figure: `${change(nonMarketing, nonMarketing + marketing - after)}${all.isCapped ? ' or more' : ''}`,
          },
        ],
        sentences: [
          `These choices make ${many(all)} non-marketing.${usage.untilUpdate > 0 ? ` Earlier choices make ${figure(usage.untilUpdate)} more.` : ''}${share === null ? '' : ` After the update, ${figure(share)} % of your plan is in use.`}`,
        ],
        facts: present([
          chosen.out.length > 0 && { term: 'Unengaged contacts', text: many(out) },
          source && { term: source.label, text: many(other) },
          chosen.filter.any.length > 0 && {
            ...{ term: 'Filter', text: many(other) },
            note: describeFilter(chosen.filter, context).join(', '),
          },
        ]),
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
          cancelHref: adminPaths.marketingLists(textOfChosen(chosen)),
          cancelText: 'Back',
        },
      },
    ],
    faults,
  );
}
