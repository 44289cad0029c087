/** What the operations on units, types and the account share. */
import type { Models } from '../../models/index.js';
import { raiseCatalogueVersion } from '../../models/setting.js';
import { writing } from '../consent/durability.js';
import type { Catalogue } from '../../vocabulary/terms.js';

export interface CatalogueDeps {
  models: Pick<Models, 'units' | 'types' | 'settings'>;
  /** So that this process shows at once what was changed; the others follow within seconds. */
  rereadCatalogue: () => Promise<Catalogue>;
}

/** Has all processes read again what was written. */
export async function announceChange(deps: CatalogueDeps): Promise<void> {
  await writing(() => raiseCatalogueVersion(deps.models.settings));
  await deps.rereadCatalogue();
}

/**
 * `STALE`: somebody else changed it since the form was shown, and nothing was written. A thing that was never changed by a form has the
 * version 0.
 */
export type Saved = 'SAVED' | 'STALE';
