/** Facets: the strings that the contacts' index filters by, made from the contact, what its addresses decided, and the types there are. */
import type { Contact } from '../../models/contact.js';
import { effectiveStatus } from '../consent/effective.js';
import { facet } from '../filters/facet.js';
import { folded, readValue } from '../filters/values.js';
import { channels } from '../../vocabulary/terms.js';
import type { Catalogue, Channel, ConsentState } from '../../vocabulary/terms.js';
import { displayName } from './words.js';

/** Raised when other facets are made of the same contact: the worker then makes those of every contact again. */
export const facetsVersion = 2;

/** What a contact's addresses decided, by channel; null where it has none. */
export type Decisions = Readonly<
  Record<Channel, Pick<ConsentState, 'subscriptions' | 'optOuts' | 'undeliverable'> | null>
>;

/** What of a contact facets are made of. */
type Faceted = Pick<
  Contact,
  'firstName' | 'lastName' | 'email' | 'unitIds' | 'locale' | 'properties' | 'source'
>;
type FacetCatalogue = Pick<Catalogue, 'units' | 'orderedTypes' | 'properties'>;

/** Everything that one contact can be found by, in a fixed order. */
export function facetsOf(contact: Faceted, decisions: Decisions, catalogue: FacetCatalogue): string[] {
  const name = displayName(contact);
  return [
    facet.all,
    ...contact.unitIds.map(facet.unit),
    ...(contact.locale ? [facet.locale(contact.locale)] : []),
    facet.source(contact.source),
    ...(name ? [facet.name(name)] : []),
    ...(contact.email ? [facet.domain(contact.email.slice(contact.email.lastIndexOf('@') + 1))] : []),
    ...Object.entries(contact.properties).flatMap(([of, value]) => facetsOfProperty(of, value, catalogue)),
    ...channels.flatMap((channel) => {
      const decided = decisions[channel];
      return decided ? facetsOfChannel(channel, decided, catalogue) : [];
    }),
  ];
}

/** A number or a day also has a facet that sorts, where it can be read as one. */
function facetsOfProperty(name: string, value: string, { properties }: FacetCatalogue): string[] {
  const kind = properties.get(folded(name))?.kind;
  const read = kind === 'NUMBER' || kind === 'DATE' ? readValue(kind, value) : null;
  return [
    facet.property(name, value),
    ...(read === null ? [] : [kind === 'NUMBER' ? facet.number(name, Number(read)) : facet.date(name, read)]),
  ];
}

function facetsOfChannel(
  channel: Channel,
  decided: Exclude<Decisions[Channel], null>,
  { units, orderedTypes }: FacetCatalogue,
): string[] {
  const { portal, units: ofUnits } = decided.optOuts;
  const isOutOfAll = portal !== null || Object.keys(ofUnits).length > 0;
  return [
    facet.channel(channel),
    ...(decided.undeliverable
      ? [facet.undeliverable(channel), facet.undeliverable(channel, decided.undeliverable.reason)]
      : []),
    ...(isOutOfAll ? [facet.outOfAll(channel)] : []),
    ...[...units.keys()].filter((id) => portal ?? ofUnits[id]).map((id) => facet.outOfAll(channel, id)),
    ...orderedTypes
      .filter((type) => type.channel === channel && type.isActive)
      .map((type) => facet.status(channel, type.id, effectiveStatus(decided, type).status)),
  ];
}
