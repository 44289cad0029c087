/** Types shared by the operations on units, types and the account. */
import type { Models } from '../../models/index.js';
import { raiseCatalogueVersion } from '../../models/setting.js';
import { writing } from '../consent/durability.js';
import type { Catalogue } from '../../vocabulary/terms.js';

export interface CatalogueDeps {
  models: Pick<Models, 'units' | 'types' | 'settings'>;
  /** Shows the change in this process at once. Other processes follow within seconds. */
  rereadCatalogue: () => Promise<Catalogue>;
}

/** Makes all processes read again what was written. */
export async function announceChange(deps: CatalogueDeps): Promise<void> {
  await writing(() => raiseCatalogueVersion(deps.models.settings));
  await deps.rereadCatalogue();
}

/**
 * `STALE`: another change was made since the form was shown, and nothing was written. A document that was never changed by a form has version 0.
 */
export type Saved = 'SAVED' | 'STALE';
