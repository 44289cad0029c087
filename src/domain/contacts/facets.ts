/** Facets: strings for the filters of the contacts' index, made from the contact, the statuses of its addresses, and the types. */
import type { Contact } from '../../models/contact.js';
import { effectiveStatus } from '../consent/effective.js';
import { leadingOf } from '../consent/opt-out-sets.js';
import { facet, standing } from '../filters/facet.js';
import { folded, readValue } from '../filters/values.js';
import { channels, type Catalogue, type Channel, type ConsentState } from '../../vocabulary/terms.js';
import { displayName } from './words.js';

/** Raise this when the same contact gives other facets or standings. The worker then makes those of every contact again. */
export const facetsVersion = 4;

/** The statuses of a contact's addresses, by channel; null if it has none. */
export type Decisions = Readonly<
  Record<Channel, Pick<ConsentState, 'subscriptions' | 'optOuts' | 'undeliverable'> | null>
>;

/** The fields of a contact that its facets are made of. */
type Faceted = Pick<
  Contact,
  | 'firstName'
  | 'lastName'
  | 'email'
  | 'unitIds'
  | 'locale'
  | 'properties'
  | 'source'
  | 'listIds'
  | 'isMarketing'
  | 'leavesMarketingSince'
>;
type FacetCatalogue = Pick<Catalogue, 'units' | 'orderedTypes' | 'properties'>;

/** True for the same facets in any order: writers of many contacts append theirs. */
export function hasSameFacets(some: readonly string[], others: readonly string[]): boolean {
  const known = new Set(some);
  return some.length === others.length && others.every((one) => known.has(one));
}

/** All facets of one contact. */
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
    facet.marketing(contact.isMarketing !== false),
    ...(contact.leavesMarketingSince ? [facet.untilUpdate] : []),
    ...(contact.listIds ?? []).map(facet.list),
  ];
}

/** A number or a day also has a sortable facet, if it can be read as one. */
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

/** Who set each status of a contact's addresses, and when. Of several opt-outs of one target, the one that decides. */
export function standingsOf(decisions: Decisions): NonNullable<Contact['standings']> {
  const all = channels.flatMap((channel) => {
    const decided = decisions[channel];
    if (!decided) return [];
    const { portal, units, types } = decided.optOuts;
    return [
      ...Object.entries(decided.subscriptions).map(([id, one]) => [standing.type(Number(id)), one] as const),
      // An opt-out of a type decides over its subscription.
      ...Object.entries(types).map(([id, set]) => [standing.type(Number(id)), leadingOf(set)] as const),
      ...Object.entries(units).map(
        ([id, set]) => [standing.all(channel, Number(id)), leadingOf(set)] as const,
      ),
      [standing.all(channel), leadingOf(portal)] as const,
    ];
  });
  return Object.fromEntries(all.flatMap(([key, one]) => (one ? [[key, { at: one.at, by: one.by }]] : [])));
}

/** The contact with the facets and standings of what its addresses say now, which a projection has perhaps yet to write. */
export function upToDate(contact: Contact, decided: Partial<Decisions>, catalogue: FacetCatalogue): Contact {
  const { EMAIL = null, SMS = null, WHATSAPP = null } = decided;
  const decisions = { EMAIL, SMS, WHATSAPP };
  return { ...contact, facets: facetsOf(contact, decisions, catalogue), standings: standingsOf(decisions) };
}
