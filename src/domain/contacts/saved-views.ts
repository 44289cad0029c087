/** Saved views: somebody's own, and those that others share. A view that tells of units outside the scope does not exist. */
import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';
import { oneLine } from '../../clean-text.js';
import { DomainError } from '../../errors.js';
import { isDuplicateKey } from '../../models/database-fault.js';
import type { Models } from '../../models/index.js';
import type { SavedView } from '../../models/saved-view.js';
import type { Scope } from '../../scope.js';
import { reading, writing } from '../consent/durability.js';
import type { Catalogue } from '../consent/terms.js';
import { areFacetsVisible } from './filters.js';
import { queryOfView, viewOfQuery } from './selection.js';
import type { ContactView } from './selection.js';

export interface ViewDeps {
  models: Pick<Models, 'savedViews'>;
  catalogue: () => Promise<Catalogue>;
  clock: () => Date;
}

interface Viewer {
  userId: string;
  scope: Scope;
}

/** Most views of one user, and of all that are shared. */
const mostViews = 100;

/** Own views and shared ones, by name. */
export async function findSavedViews(deps: ViewDeps, { userId, scope }: Viewer): Promise<SavedView[]> {
  const [catalogue, own, shared] = await reading(() =>
    Promise.all([
      deps.catalogue(),
      deps.models.savedViews.find({ ownerId: userId }).sort({ name: 1 }).limit(mostViews).lean<SavedView[]>(),
      deps.models.savedViews.find({ isShared: true }).sort({ name: 1 }).limit(mostViews).lean<SavedView[]>(),
    ]),
  );
  const others = shared.filter(({ ownerId }) => ownerId !== userId);
  return [...own, ...others]
    .filter(({ query }) => {
      const view = viewOfQuery(new URLSearchParams(query));
      return view !== null && areFacetsVisible(view.facets, { scope, catalogue });
    })
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** Saves a view under a name; one's own of the same name is replaced. */
export async function saveView(
  deps: ViewDeps,
  wanted: { userId: string; name: string; view: ContactView; isShared: boolean },
): Promise<{ view: SavedView } | { faults: { field: 'name'; message: string }[] }> {
  const name = oneLine(wanted.name);
  const fault = (message: string) => ({ faults: [{ field: 'name' as const, message }] });
  if (!name) return fault('Give the view a name.');
  if (name.length > 60) return fault('A name has at most 60 characters.');
  const { savedViews } = deps.models;
  const ofUser = await reading(() => savedViews.countDocuments({ ownerId: wanted.userId }));
  if (ofUser >= mostViews) return fault(`You have ${mostViews} views already: delete one first.`);
  const fields = { query: queryOfView(wanted.view), isShared: wanted.isShared, at: deps.clock() };
  const found = await writing(async () => {
    const replaced = await savedViews
      .findOneAndUpdate({ ownerId: wanted.userId, name }, { $set: fields }, { returnDocument: 'after' })
      .lean<SavedView>();
    if (replaced) return replaced;
    const view: SavedView = {
      _id: randomBytes(9).toString('base64url'),
      name,
      ownerId: wanted.userId,
      ...fields,
    };
    try {
      await savedViews.collection.insertOne(view as never);
    } catch (error) {
      // Pressed twice: it is there under this name.
      if (!isDuplicateKey(error)) throw error;
    }
    return view;
  });
  return { view: found };
}

/**
 * Takes a view away: one's own, or for whoever may (`isForAll`) a shared one of somebody else's.
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
