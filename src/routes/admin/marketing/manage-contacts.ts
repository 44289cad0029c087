/** The step of "Manage marketing contacts" that chooses other contacts: those of a list or a saved view, or those that match a filter. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { filterContext } from '../../../domain/contacts/find.js';
import { wholeIndex } from '../../../domain/contacts/selection.js';
import type { Filter } from '../../../domain/filters/filter.js';
import {
  isUsable,
  nobodyChosen,
  ownConditions,
  ownGroups,
  type Chosen,
} from '../../../domain/marketing/manage.js';
import type { Panel } from '../../../views/admin-form-page.js';
import { queryIn, type FilterPage } from '../contacts/filter-links.js';
import { shownFilter, takeCondition, type Edited } from '../contacts/shown-filter.js';
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

const question = 'Which other contacts become non-marketing?';

const withoutOthers = (chosen: Chosen): Chosen => ({ ...nobodyChosen, out: chosen.out });

async function listPanel(deps: Deps, ask: Ask, chosen: Chosen): Promise<Panel> {
  const sources = await sourcesOf(deps, ask, await filterContext(deps, ask.scope));
  const options = [
    { value: '', label: 'None' },
    ...[...sources].map(([value, { label }]) => ({ value, label })),
  ];
  const label = 'Contacts of a list or a saved view';
  const fields = [{ kind: 'select' as const, name: 'from', label, options }];
  return {
    heading: question,
    form: {
      ...actView(adminPaths.marketingReview(), 'Next', fieldsOf(withoutOthers(chosen)), 'main'),
      ...{ isGet: true, groups: [groupOf({ fields }, { from: chosen.from }, [])] },
      cancelHref: adminPaths.marketingReview(textOfChosen(withoutOthers(chosen))),
      cancelText: 'Skip',
    },
    ways: [{ href: filterPageOf(chosen).href(wholeIndex), label: 'Choose them by a filter instead' }],
  };
}

function filterPageOf(chosen: Chosen): FilterPage {
  return {
    href: ({ filter }, more = {}) =>
      adminPaths.marketingLists(
        new URLSearchParams([
          ...new URLSearchParams(textOfChosen({ ...withoutOthers(chosen), filter })),
          ['by', 'filter'],
          ...Object.entries(more),
        ]).toString(),
      ),
    action: adminPaths.marketingLists(),
    applyAction: adminPaths.marketingConditions(),
    isOpen: true,
  };
}

async function filterPanel(deps: Deps, ask: Ask, chosen: Chosen, edited?: Edited): Promise<Panel> {
  const context = await filterContext(deps, ask.scope);
  const { filter } = chosen;
  const isEmpty = filter.any.length === 0;
  const shown = await shownFilter(deps, ask, {
    ...{ view: { ...wholeIndex, filter }, context, page: filterPageOf(chosen) },
    ...(edited ? { edited } : {}),
  });
  const skipped = adminPaths.marketingReview(textOfChosen(withoutOthers(chosen)));
  const count = isEmpty
    ? null
    : await countChosen(deps, { ...chosen, out: [] }, { ask, context, sources: new Map() });
  return {
    heading: question,
    sentences: ['Marketing contacts that match this filter also become non-marketing.'],
    filter: shown.filter,
    ...(count ? { said: { strong: many(count), text: 'would become non-marketing.' } } : {}),
    // One button at a time: the editor has its own.
    ...(shown.isEditing
      ? {}
      : {
          form: {
            ...actView(adminPaths.marketingReview(), 'Next', fieldsOf(chosen), 'main'),
            ...{ isGet: true, cancelHref: skipped, cancelText: 'Skip' },
          },
        }),
    ways: [
      ...(shown.isEditing ? [{ href: skipped, label: 'Skip' }] : []),
      {
        href: adminPaths.marketingLists(textOfChosen(withoutOthers(chosen))),
        label: 'Choose a list or a saved view instead',
      },
    ],
  };
}

async function contactsHtml(
  deps: Deps,
  ask: Ask,
  chosen: Chosen,
  { faults, edited }: { faults?: Fault[]; edited?: Edited } = {},
): Promise<string> {
  const query = queryIn(ask.request);
  const isFilter = edited !== undefined || query.get('by') === 'filter' || chosen.filter.any.length > 0;
  const panel = isFilter ? await filterPanel(deps, ask, chosen, edited) : await listPanel(deps, ask, chosen);
  return stepHtml(deps, ask, 2, chosen, panel, faults);
}

export function manageContactsRoutes(deps: Deps): StaffRoute[] {
  return [
    get(
      adminPatterns.marketingLists,
      rule,
      async (ask, response) => void response.send(await contactsHtml(deps, ask, chosenIn(ask))),
    ),
    post(adminPatterns.marketingConditions, rule, async (ask, response) => {
      const chosen = chosenIn(ask);
      const { filter } = chosen;
      const tooLong = `Use at most ${ownGroups} alternatives of ${ownConditions} conditions here.`;
      const about = {
        ...{ view: { ...wholeIndex, filter }, context: await filterContext(deps, ask.scope) },
        page: filterPageOf(chosen),
        faultOf: (changed: Filter) => (isUsable(changed) ? null : tooLong),
      };
      await takeCondition(ask, response, about, (faults, edited) =>
        contactsHtml(deps, ask, chosen, { faults, ...(edited ? { edited } : {}) }),
      );
    }),
  ];
}
