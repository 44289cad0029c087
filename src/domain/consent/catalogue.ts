/** The catalogue in memory: units, types and the privacy mode, re-read at most every few seconds. */
import { createHash } from 'node:crypto';
import { DomainError } from '../../errors.js';
import type { Models } from '../../models/index.js';
import {
  readCatalogueVersion,
  readMarketingSettings,
  readPropertyDefinitions,
} from '../../models/setting.js';
import { canonical } from './events.js';
import { isInScope, type Scope } from '../../vocabulary/scope.js';
import type { ActorKind, BusinessUnit, Catalogue, SubscriptionType } from '../../vocabulary/terms.js';
import type { PropertyDefinition } from '../../vocabulary/properties.js';

const freshForMs = 2000;
/** After this time, a change that raised no version, such as one made in the database by hand, is found. */
const wholeAfterMs = 60_000;

type CatalogueModels = Pick<Models, 'units' | 'types' | 'settings'>;

export interface CatalogueSource {
  /** The catalogue, at most two seconds old while the database answers. While it does not, the last one known. */
  read: () => Promise<Catalogue>;
  /** The catalogue as the database has it now. Later reads get the same one. */
  reread: () => Promise<Catalogue>;
  /** The same for a request that anyone can cause: it is read whole only if its version has changed. */
  recheck: () => Promise<Catalogue>;
}

interface Kept {
  catalogue: Catalogue;
  version: number;
  /** When it was last read whole, and when it was last known to be the newest; milliseconds since 1970. */
  readAt: number;
  checkedAt: number;
}

/**
 * Keeps one catalogue per process. It reads and never writes, so a page may ask for it. Every two seconds it reads one
 * small document with the catalogue's version. It reads the catalogue only if that has changed, since a large one
 * blocks the event loop for tens of milliseconds.
 * @param timeZone for an account that has not set one
 */
export function createCatalogueSource(models: CatalogueModels, timeZone = 'UTC'): CatalogueSource {
  let kept: Kept | null = null;
  let underWay: Promise<Catalogue> | null = null;

  async function readWhole(): Promise<Catalogue> {
    // Read before the catalogue: a change in between is then read again instead of missed.
    const version = await readCatalogueVersion(models.settings);
    const read = await readCatalogue(models, timeZone);
    // The object stays the same until something changes, so that values derived from it can be cached with it.
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
  const [units, types, account, properties, marketing] = await Promise.all([
    models.units.find({}, { 'logo.base64': 0, callId: 0 }).lean(),
    models.types.find({}, { callId: 0, moveId: 0 }).lean(),
    models.settings.findById('account').lean(),
    readPropertyDefinitions(models.settings),
    readMarketingSettings(models.settings),
  ]);
  return catalogueOf(
    units.map(({ _id: id, version: _, ...unit }) => ({ ...unit, id })),
    types.map(({ _id: id, version: _, ...type }) => ({ ...type, id })),
    isPrivacyModeOf(account?.value),
    {
      defaultCountry: textOf(account?.value, 'defaultCountry'),
      timeZone: textOf(account?.value, 'timeZone') ?? timeZone,
      properties: properties.definitions,
      nonMarketingSources: marketing.nonMarketingSources,
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
    nonMarketingSources?: readonly ActorKind[];
    /** Which units have pictures, since the units are loaded without them. */
    logoVersions?: readonly (readonly number[])[];
  } = {},
): Catalogue {
  const { defaultCountry = null, timeZone = 'UTC', properties = [], logoVersions = [] } = more;
  const { nonMarketingSources = [] } = more;
  const byId = [...units].sort((a, b) => a.id - b.id);
  const orderedTypes = [...types].sort((a, b) => a.unitId - b.unitId || a.order - b.order || a.id - b.id);
  return {
    units: new Map(byId.map((unit) => [unit.id, unit])),
    types: new Map(orderedTypes.map((type) => [type.id, type])),
    orderedTypes,
    isPrivacyMode,
    defaultCountry,
    timeZone,
    nonMarketingSources,
    properties: new Map(properties.map((one) => [one.name.toLowerCase(), one])),
    revision: createHash('sha256')
      .update(
        canonical([
          ...[byId, orderedTypes, isPrivacyMode, defaultCountry, timeZone, properties, logoVersions],
          nonMarketingSources,
        ]),
      )
      .digest('base64url')
      .slice(0, 12),
  };
}

/** Data privacy mode is on unless the account has turned it off: the safe default for an account without settings. */
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

/** @throws DomainError `UNKNOWN_UNIT`, with the units of this catalogue */
export function requireUnit({ units }: Catalogue, unitId: number): BusinessUnit {
  const unit = units.get(unitId);
  if (unit) return unit;
  const named = [...units.values()].map(({ id, name }) => `${id} ${name}`);
  const others =
    named.length === 0
      ? 'there is none at all yet: `sayso catalogue example` shows how to make one.'
      : `there ${named.length === 1 ? 'is' : 'are'} ${named.join(', ')}.`;
  throw new DomainError('UNKNOWN_UNIT', `There is no business unit ${unitId}; ${others}`);
}

/** @throws DomainError `UNKNOWN_TYPE` */
export function requireType({ types }: Catalogue, typeId: number): SubscriptionType {
  const type = types.get(typeId);
  if (!type) throw new DomainError('UNKNOWN_TYPE', `There is no subscription type ${typeId}.`);
  return type;
}

/** The catalogue within a scope. Everything outside the scope does not exist. */
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
