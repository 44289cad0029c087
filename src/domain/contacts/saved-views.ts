/** Saved views: a user's own, and shared ones. A view that reveals units outside the scope does not exist. */
import mongoose from 'mongoose';
import { oneLine } from '../../clean-text.js';
import { DomainError } from '../../errors.js';
import { findKnownProperties } from '../../models/contact-property.js';
import { isDuplicateKey } from '../../models/database-fault.js';
import type { Models } from '../../models/index.js';
import type { SavedView } from '../../models/saved-view.js';
import { isWithin, type Scope } from '../../vocabulary/scope.js';
import { reading, writing } from '../consent/durability.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import { facet } from '../filters/facet.js';
import { conditionsOf, type Condition } from '../filters/filter.js';
import type { FilterContext } from '../filters/condition-kind.js';
import { comparedBy, readFilter } from '../filters/read-condition.js';
import { filterContext } from './find.js';
import { queryOfView, viewOfQuery, type ContactView } from './selection.js';
import { newId } from '../../new-id.js';

export interface ViewDeps {
  models: Pick<Models, 'savedViews' | 'contactProperties' | 'lists'>;
  catalogue: () => Promise<Catalogue>;
  clock: () => Date;
}

interface Viewer {
  userId: string;
  scope: Scope;
}

/** Maximum number of views per user, and how many of them other users see. */
const mostViews = 100;
const mostSharedByOne = 20;
/** Maximum number of shared views on a page: fifty users with the maximum each. */
const mostShared = 1000;

/** Own views and shared ones, by name. */
export async function findSavedViews(deps: ViewDeps, { userId, scope }: Viewer): Promise<SavedView[]> {
  const context = await filterContext(deps, scope);
  const [own, shared] = await reading(() =>
    Promise.all([
      deps.models.savedViews.find({ ownerId: userId }).sort({ name: 1 }).limit(mostViews).lean<SavedView[]>(),
      deps.models.savedViews.find({ isShared: true }).sort({ name: 1 }).limit(mostShared).lean<SavedView[]>(),
    ]),
  );
  const readable = (views: SavedView[]) =>
    views.flatMap((saved): ReadView[] => {
      const view = viewOfQuery(new URLSearchParams(saved.query));
      // Views of older releases have another spelling.
      return view && readFilter(view.filter, context)
        ? [{ saved: { ...saved, query: queryOfView(view) }, view }]
        : [];
    });
  const others = readable(shared.filter(({ ownerId }) => ownerId !== userId));
  return [...readable(own), ...firstOfEach(await toldTo(deps, context, others))]
    .map(({ saved }) => saved)
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

interface ReadView {
  saved: SavedView;
  view: ContactView;
}

/**
 * Shared views that reveal nothing about other units. Their owner reached no more units, or they contain no search words and their property values
 * also occur within the scope.
 */
async function toldTo({ models }: ViewDeps, context: FilterContext, views: ReadView[]): Promise<ReadView[]> {
  const { scope } = context;
  const isOfSuch = ({ saved }: ReadView) => isWithin(saved.scope ?? null, scope);
  const foreign = views.flatMap((one) => {
    const facets = isOfSuch(one) || one.view.search !== '' ? null : propertiesIn(one.view, context);
    return facets ? [{ one, facets }] : [];
  });
  const known = await reading(() =>
    findKnownProperties(
      models.contactProperties,
      foreign.flatMap(({ facets }) => facets),
      scope,
    ),
  );
  const told = foreign.filter(({ facets }) => facets.every((value) => known.has(value)));
  return views.filter((one) => isOfSuch(one) || told.some((foreigner) => foreigner.one === one));
}

/** The facets of the property values in a view; null if it contains other words about contacts. */
function propertiesIn({ filter }: ContactView, context: FilterContext): string[] | null {
  const facets: string[] = [];
  for (const { condition } of conditionsOf(filter)) {
    const values = propertyValues(condition);
    if (!values && comparedBy(condition, context)?.kind === 'TEXT') return null;
    if (!values && condition.on === 'property') return null;
    facets.push(...(values ?? []));
  }
  return facets;
}

function propertyValues({ on, of, is, values }: Condition): string[] | null {
  const isNamed = on === 'property' && (is === 'IS' || is === 'IS_ANY_OF');
  return isNamed ? values.map((value) => facet.property(of, value)) : null;
}

/** At most this many per owner, by name, so that one owner cannot crowd out the others. */
function firstOfEach(views: ReadView[]): ReadView[] {
  const counts = new Map<string, number>();
  return views.filter(({ saved: { ownerId } }) => {
    const count = (counts.get(ownerId) ?? 0) + 1;
    counts.set(ownerId, count);
    return count <= mostSharedByOne;
  });
}

interface ViewFaults {
  faults: { field: 'name'; message: string }[];
  /** The user has another view of this name, and may replace it. */
  isTaken?: true;
}

/** Saves a view under a name. The user's own view of the same name is replaced only with `isReplacing`; the same view again changes nothing. */
export async function saveView(
  deps: ViewDeps,
  wanted: Viewer & { name: string; view: ContactView; isShared: boolean; isReplacing?: boolean },
): Promise<{ view: SavedView } | ViewFaults> {
  const name = oneLine(wanted.name);
  const fault = (message: string) => ({ faults: [{ field: 'name' as const, message }] });
  if (!name) return fault('Enter a name for the view.');
  if (name.length > 60) return fault('A name has at most 60 characters.');
  const { savedViews } = deps.models;
  const others = { ownerId: wanted.userId, name: mongoose.trusted({ $ne: name }) };
  const [known, ofUser, sharedByUser] = await reading(() =>
    Promise.all([
      savedViews.findOne({ ownerId: wanted.userId, name }).lean<SavedView>(),
      savedViews.countDocuments(others),
      savedViews.countDocuments({ ...others, isShared: true }),
    ]),
  );
  const query = queryOfView(wanted.view);
  const isSame = known?.query === query && known.isShared === wanted.isShared;
  if (known && !isSame && !wanted.isReplacing)
    return {
      ...fault(`You have a view “${name}” already. Choose another name, or replace that view.`),
      isTaken: true,
    };
  if (ofUser >= mostViews) return fault(`You have ${mostViews} views already: delete one first.`);
  if (wanted.isShared && sharedByUser >= mostSharedByOne)
    return fault(`You share ${mostSharedByOne} views already: delete one, or keep this one to yourself.`);
  const fields = {
    query,
    isShared: wanted.isShared,
    scope: wanted.scope === null ? null : [...wanted.scope],
    at: deps.clock(),
  };
  const found = await writing(async () => {
    const replaced = await savedViews
      .findOneAndUpdate({ ownerId: wanted.userId, name }, { $set: fields }, { returnDocument: 'after' })
      .lean<SavedView>();
    if (replaced) return replaced;
    const view: SavedView = {
      _id: newId(),
      name,
      ownerId: wanted.userId,
      ...fields,
    };
    try {
      await savedViews.collection.insertOne(view as never);
    } catch (error) {
      // The form was sent twice: the view already exists under this name.
      if (!isDuplicateKey(error)) throw error;
    }
    return view;
  });
  return { view: found };
}

/**
 * Deletes a view: one's own, or any shared one if `isForAll`.
 * @throws DomainError `NOT_FOUND`
 */
export async function deleteSavedView(
  deps: ViewDeps,
  { viewId, userId, isForAll }: { viewId: string; userId: string; isForAll: boolean },
): Promise<void> {
  const whose = isForAll ? [{ ownerId: userId }, { isShared: true }] : [{ ownerId: userId }];
  const outcome = await writing(() =>
    deps.models.savedViews.deleteOne({ _id: viewId, $or: mongoose.trusted(whose) }),
  );
  if (outcome.deletedCount !== 1) throw new DomainError('NOT_FOUND', 'There is no such view.');
}
