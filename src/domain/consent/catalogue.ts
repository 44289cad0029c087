/** The catalogue in memory: units, types and the privacy mode, re-read at most every few seconds. */
import { createHash } from 'node:crypto';
import type { Models } from '../../models/index.js';
import { readCatalogueVersion, readPropertyDefinitions } from '../../models/setting.js';
import { canonical } from './events.js';
import { isInScope } from '../../vocabulary/scope.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { BusinessUnit, Catalogue, SubscriptionType } from '../../vocabulary/terms.js';
import type { PropertyDefinition } from '../../vocabulary/properties.js';

const freshForMs = 2000;
/** A change of which no version tells, such as one made in the database by hand, is seen by then. */
const wholeAfterMs = 60_000;

type CatalogueModels = Pick<Models, 'units' | 'types' | 'settings'>;

export interface CatalogueSource {
  /** The catalogue, at most two seconds old while the database answers; the last one known while it does not. */
  read: () => Promise<Catalogue>;
  /** The catalogue as the database has it now; what reads after it finds it too. */
  reread: () => Promise<Catalogue>;
  /** The same for a cause that anybody can give: read whole only where its version has changed. */
  recheck: () => Promise<Catalogue>;
}

interface Kept {
  catalogue: Catalogue;
  version: number;
  /** When it was read whole, and when it was last known to be the newest; milliseconds since 1970. */
  readAt: number;
  checkedAt: number;
}

/**
 * Keeps one catalogue for a process; it reads and never writes, so a page may ask for it. Every two seconds one small document tells whether the
 * catalogue has changed; only then is it read, since a large one takes the event loop for tens of milliseconds.
 * @param timeZone of an account that has not set its own
 */
export function createCatalogueSource(models: CatalogueModels, timeZone = 'UTC'): CatalogueSource {
  let kept: Kept | null = null;
  let underWay: Promise<Catalogue> | null = null;

  async function readWhole(): Promise<Catalogue> {
    // Before the catalogue: a change in between is then read again rather than missed.
    const version = await readCatalogueVersion(models.settings);
    const read = await readCatalogue(models, timeZone);
    // The same object for as long as nothing changes: what others derive from it is kept with it.
    const catalogue = kept?.catalogue.revision === read.revision ? kept.catalogue : read;
    const now = Date.now();
    kept = { catalogue, version, readAt: now, checkedAt: now };
    return catalogue;
  }

  async function refresh(): Promise<Catalogue> {
    const before = kept;
    if (!before || Date.now() - before.readAt > wholeAfterMs) return readWhole();
    if ((await readCatalogueVersion(models.settings)) !== before.version) return readWhole();
    before.checkedAt = Date.now();
    return before.catalogue;
  }

  return {
    reread: readWhole,
    recheck: refresh,
    async read() {
      if (kept && Date.now() - kept.checkedAt < freshForMs) return kept.catalogue;
      underWay ??= refresh().finally(() => {
        underWay = null;
      });
      if (!kept) return underWay;
      const last = kept.catalogue;
      return underWay.catch(() => last);
    },
  };
}

async function readCatalogue(models: CatalogueModels, timeZone: string): Promise<Catalogue> {
  const [units, types, account, properties] = await Promise.all([
    models.units.find({}, { 'logo.base64': 0 }).lean(),
    models.types.find({}).lean(),
    models.settings.findById('account').lean(),
    readPropertyDefinitions(models.settings),
  ]);
  return catalogueOf(
    units.map(({ _id: id, version: _, ...unit }) => ({ ...unit, id })),
    types.map(({ _id: id, version: _, ...type }) => ({ ...type, id })),
    isPrivacyModeOf(account?.value),
    {
      defaultCountry: textOf(account?.value, 'defaultCountry'),
      timeZone: textOf(account?.value, 'timeZone') ?? timeZone,
      properties: properties.definitions,
      logoVersions: units.flatMap(({ _id, logo, version }) => (logo ? [[_id, version ?? 0]] : [])),
    },
  );
}

/** Puts a catalogue together: units by id, types in the order of the pages. */
export function catalogueOf(
  units: BusinessUnit[],
  types: SubscriptionType[],
  isPrivacyMode: boolean,
  more: {
    defaultCountry?: string | null;
    timeZone?: string;
    properties?: readonly PropertyDefinition[];
    /** Which pictures there are, since the units are without them. */
    logoVersions?: readonly (readonly number[])[];
  } = {},
): Catalogue {
  const { defaultCountry = null, timeZone = 'UTC', properties = [], logoVersions = [] } = more;
  const byId = [...units].sort((a, b) => a.id - b.id);
  const orderedTypes = [...types].sort((a, b) => a.unitId - b.unitId || a.order - b.order || a.id - b.id);
  return {
    units: new Map(byId.map((unit) => [unit.id, unit])),
    types: new Map(orderedTypes.map((type) => [type.id, type])),
    orderedTypes,
    isPrivacyMode,
    defaultCountry,
    timeZone,
    properties: new Map(properties.map((one) => [one.name.toLowerCase(), one])),
    revision: createHash('sha256')
      .update(
        canonical([byId, orderedTypes, isPrivacyMode, defaultCountry, timeZone, properties, logoVersions]),
      )
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

function textOf(account: unknown, name: 'defaultCountry' | 'timeZone'): string | null {
  const text: unknown = Object(account)[name];
  return typeof text === 'string' ? text : null;
}

/** The catalogue as far as a scope reaches: what lies outside does not exist. */
export function catalogueWithin(catalogue: Catalogue, scope: Scope): Catalogue {
  if (scope === null) return catalogue;
  const types = catalogue.orderedTypes.filter(({ unitId }) => isInScope(scope, unitId));
  return {
    ...catalogue,
    units: new Map([...catalogue.units].filter(([id]) => isInScope(scope, id))),
    types: new Map(types.map((type) => [type.id, type])),
    orderedTypes: types,
  };
}
