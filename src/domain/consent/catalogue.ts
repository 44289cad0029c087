/** The catalogue in memory: units, types and the privacy mode, re-read at most every few seconds. */
import { createHash } from 'node:crypto';
import type { Models } from '../../models/index.js';
import { canonical } from './events.js';
import type { BusinessUnit, Catalogue, SubscriptionType } from './terms.js';

const freshForMs = 2000;

export interface CatalogueSource {
  /** The catalogue, at most two seconds old while the database answers; the last one known while it does not. */
  read: () => Promise<Catalogue>;
  /** The catalogue as the database has it now; what reads after it finds it too. */
  reread: () => Promise<Catalogue>;
}

/** Keeps one catalogue for a process; it reads and never writes, so a page may ask for it. */
export function createCatalogueSource(models: Pick<Models, 'units' | 'types' | 'settings'>): CatalogueSource {
  let kept: { catalogue: Catalogue; readAt: number } | null = null;
  let underWay: Promise<Catalogue> | null = null;

  async function refresh(): Promise<Catalogue> {
    const catalogue = await readCatalogue(models);
    // The same object for as long as nothing changes: what others derive from it is kept with it.
    const same = kept?.catalogue.revision === catalogue.revision ? kept.catalogue : catalogue;
    kept = { catalogue: same, readAt: Date.now() };
    return same;
  }

  return {
    reread: refresh,
    async read() {
      if (kept && Date.now() - kept.readAt < freshForMs) return kept.catalogue;
      underWay ??= refresh().finally(() => {
        underWay = null;
      });
      if (!kept) return underWay;
      const last = kept.catalogue;
      return underWay.catch(() => last);
    },
  };
}

async function readCatalogue(models: Pick<Models, 'units' | 'types' | 'settings'>): Promise<Catalogue> {
  const [units, types, account] = await Promise.all([
    models.units.find({}).lean(),
    models.types.find({}).lean(),
    models.settings.findById('account').lean(),
  ]);
  return catalogueOf(
    units.map(({ _id: id, version: _, ...unit }) => ({ ...unit, id })),
    types.map(({ _id: id, version: _, ...type }) => ({ ...type, id })),
    isPrivacyModeOf(account?.value),
    defaultCountryOf(account?.value),
  );
}

/** Puts a catalogue together: units by id, types in the order of the pages. */
export function catalogueOf(
  units: BusinessUnit[],
  types: SubscriptionType[],
  isPrivacyMode: boolean,
  defaultCountry: string | null = null,
): Catalogue {
  const byId = [...units].sort((a, b) => a.id - b.id);
  const orderedTypes = [...types].sort((a, b) => a.unitId - b.unitId || a.order - b.order || a.id - b.id);
  return {
    units: new Map(byId.map((unit) => [unit.id, unit])),
    types: new Map(orderedTypes.map((type) => [type.id, type])),
    orderedTypes,
    isPrivacyMode,
    defaultCountry,
    revision: createHash('sha256')
      .update(canonical([byId, orderedTypes, isPrivacyMode, defaultCountry]))
      .digest('base64url')
      .slice(0, 12),
  };
}

/** Data privacy mode is on unless the account has turned it off: the safe side for an account that was never set up. */
function isPrivacyModeOf(account: unknown): boolean {
  return !(
    typeof account === 'object' &&
    account !== null &&
    'isPrivacyMode' in account &&
    account.isPrivacyMode === false
  );
}

function defaultCountryOf(account: unknown): string | null {
  const country: unknown = Object(account)['defaultCountry'];
  return typeof country === 'string' ? country : null;
}
