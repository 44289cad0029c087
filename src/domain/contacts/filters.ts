/** The filters that the index offers, in groups as a page shows them, and which of them a scope reaches. */
import { findContactProperties } from '../../models/contact-property.js';
import type { ContactProperty } from '../../models/contact-property.js';
import type { Models } from '../../models/index.js';
import { readFilterProperties } from '../../models/setting.js';
import { isAnyInScope, isInScope } from '../../vocabulary/scope.js';
import type { Scope } from '../../vocabulary/scope.js';
import { locales } from '../../vocabulary/locales.js';
import { nameOfKind } from '../consent/actors.js';
import { reading } from '../consent/durability.js';
import { channels, subscriptionStatuses } from '../../vocabulary/terms.js';
import { channelNames, languageOf, statusNames } from '../../vocabulary/words.js';
import type { Catalogue, Channel } from '../../vocabulary/terms.js';
import { facet } from './facets.js';

export interface ContactFilter {
  facet: string;
  /** Within its group: "Subscribed", "Oslo". */
  label: string;
}

export interface FilterGroup {
  kind: 'STATUS' | 'OUT_OF_ALL' | 'UNDELIVERABLE' | 'UNIT' | 'LANGUAGE' | 'CHANNEL' | 'PROPERTY' | 'SOURCE';
  /** "Trail notes", "Business unit", "City". */
  heading: string;
  /** What sets it apart from others of that heading, such as the unit and the channel of a type; may be empty. */
  note: string;
  filters: ContactFilter[];
}

const outOfAllNames: Readonly<Record<Channel, string>> = {
  EMAIL: 'Unsubscribed from all email',
  WHATSAPP: 'Unsubscribed from all WhatsApp',
  SMS: 'Unsubscribed from all text messages',
};
/** Property values that are offered; any other can still be filtered by, from a URL. */
const mostValues = 2000;

/** Every filter that is offered to anyone who reaches this scope. */
export async function findFilters(
  deps: { models: Pick<Models, 'contactProperties' | 'settings'>; catalogue: () => Promise<Catalogue> },
  scope: Scope,
): Promise<FilterGroup[]> {
  const [catalogue, values, offered] = await reading(() =>
    Promise.all([
      deps.catalogue(),
      findContactProperties(deps.models.contactProperties, 'property:', { scope, limit: mostValues }),
      readFilterProperties(deps.models.settings),
    ]),
  );
  const isOffered = ({ name }: ContactProperty) =>
    offered.length === 0 || offered.includes(name.toLowerCase());
  return availableFilters(catalogue, scope, values.filter(isOffered));
}

/** The same from what was read already. */
export function availableFilters(
  catalogue: Pick<Catalogue, 'units' | 'orderedTypes'>,
  scope: Scope,
  values: readonly ContactProperty[],
): FilterGroup[] {
  const units = [...catalogue.units.values()].filter(({ id }) => isInScope(scope, id));
  const single = (kind: FilterGroup['kind'], heading: string, filters: ContactFilter[]): FilterGroup => ({
    ...{ kind, heading, note: '', filters },
  });
  return [
    ...catalogue.orderedTypes
      .filter(({ unitId, isActive }) => isActive && isInScope(scope, unitId))
      .map(({ id, channel, unitId, name }): FilterGroup => ({
        kind: 'STATUS',
        heading: name,
        note: `${catalogue.units.get(unitId)?.name ?? ''}, ${channelNames[channel]}`,
        filters: subscriptionStatuses.map((status) => ({
          facet: facet.status(channel, id, status),
          label: statusNames[status],
        })),
      })),
    ...channels.map((channel) =>
      single('OUT_OF_ALL', outOfAllNames[channel], [
        // Of any unit at all: users who do not reach them all are not told.
        ...(scope === null ? [{ facet: facet.outOfAll(channel), label: 'Any business unit' }] : []),
        ...units.map(({ id, name }) => ({ facet: facet.outOfAll(channel, id), label: name })),
      ]),
    ),
    single(
      'UNDELIVERABLE',
      'Cannot receive',
      channels.map((channel) => ({ facet: facet.undeliverable(channel), label: channelNames[channel] })),
    ),
    single(
      'UNIT',
      'Business unit',
      units.map(({ id, name }) => ({ facet: facet.unit(id), label: name })),
    ),
    single(
      'CHANNEL',
      'Has an address for',
      channels.map((channel) => ({ facet: facet.channel(channel), label: channelNames[channel] })),
    ),
    single(
      'LANGUAGE',
      'Language',
      locales.map((locale) => ({ facet: facet.locale(locale), label: languageOf(locale) })),
    ),
    ...propertyGroups(values.filter(({ unitIds }) => isAnyInScope(scope, unitIds))),
    single(
      'SOURCE',
      'Added by',
      (['STAFF', 'IMPORT', 'API'] as const).map((kind) => ({
        facet: facet.source(kind),
        label: nameOfKind(kind),
      })),
    ),
  ];
}

function propertyGroups(values: readonly ContactProperty[]): FilterGroup[] {
  const groups = new Map<string, FilterGroup>();
  for (const { _id, name, value } of values) {
    const group = groups.get(name.toLowerCase()) ?? {
      kind: 'PROPERTY',
      heading: name,
      note: '',
      filters: [],
    };
    group.filters.push({ facet: _id, label: value });
    groups.set(name.toLowerCase(), group);
  }
  return [...groups.values()];
}

/** How a filter in use is said: "Trail notes: Subscribed". What is not offered is said as it is written. */
export function filterLabel(groups: readonly FilterGroup[], wanted: string): string {
  for (const { heading, filters } of groups) {
    const found = filters.find((one) => one.facet === wanted);
    if (found) return `${heading}: ${found.label}`;
  }
  return wanted.replace(/^property:/, '').replace('=', ': ');
}

/** True where none of the facets tells of what lies outside the scope: other units, and opt-outs that may be theirs. */
export function areFacetsVisible(
  facets: readonly string[],
  { scope, catalogue }: { scope: Scope; catalogue: Pick<Catalogue, 'types'> },
): boolean {
  return facets.every((one) => {
    if (/^(all$|locale:|source:|property:)/.test(one)) return true;
    const [head, what, last] = one.split(':');
    if (head === 'unit') return isInScope(scope, Number(what));
    if (what === undefined || what === 'undeliverable') return true;
    if (what === 'out-of-all') return isInScope(scope, last === undefined ? null : Number(last));
    const type = catalogue.types.get(Number(what));
    return type !== undefined && isInScope(scope, type.unitId);
  });
}
