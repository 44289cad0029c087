/** One row of the index: name, addresses and states, all from the contact's document. */
import { adminPaths } from '../../../admin-paths.js';
import { type Catalogue, type Channel, channels } from '../../../vocabulary/terms.js';
import { shownAddress } from '../../../domain/consent/shown-address.js';
import { facet } from '../../../domain/filters/facet.js';
import type { ContactRow } from '../../../domain/contacts/find.js';
import { displayName } from '../../../domain/contacts/words.js';
import { isInScope, type Scope } from '../../../vocabulary/scope.js';
import type { AdminContactRow } from '../../../views/admin-bulk-pages.js';
import type { State } from '../../../views/admin-frame.js';
import { dayOf, figure, listOf } from '../../../vocabulary/words.js';
import { present } from '../present.js';

const matter: Readonly<Record<Channel, string>> = {
  EMAIL: 'e-mail',
  WHATSAPP: 'WhatsApp',
  SMS: 'text messages',
};

export function contactRow(contact: ContactRow, catalogue: Catalogue, scope: Scope): AdminContactRow {
  const { _id, phone, createdAt } = contact;
  const email = shownAddress(contact.email ?? '');
  return {
    id: _id,
    href: adminPaths.contact(_id),
    name: displayName(contact) || email || phone || 'Without a name',
    email,
    phone: phone ?? '',
    states: statesOf(new Set(contact.facets), catalogue, scope),
    units: contact.unitIds
      .filter((id) => isInScope(scope, id))
      .map((id) => catalogue.units.get(id)?.name ?? `unit ${id}`),
    added: dayOf(createdAt, catalogue.timeZone),
    isoAdded: createdAt.toISOString(),
  };
}

/** Only of units within the scope. */
function statesOf(facets: ReadonlySet<string>, catalogue: Catalogue, scope: Scope): State[] {
  const units = [...catalogue.units.values()].filter(({ id }) => isInScope(scope, id));
  const types = catalogue.orderedTypes.filter((type) => type.isActive && isInScope(scope, type.unitId));
  const states = channels.flatMap((channel): State[] => {
    const stopped = units.filter(({ id }) => facets.has(facet.outOfAll(channel, id)));
    const words =
      stopped.length === units.length
        ? `Opted out of all ${matter[channel]}`
        : `Opted out of all ${matter[channel]} of ${listOf(stopped.map(({ name }) => name))}`;
    return present([
      facets.has(facet.undeliverable(channel)) && {
        tone: 'wait' as const,
        words: `Cannot receive ${matter[channel]}`,
      },
      stopped.length > 0 && { tone: 'out' as const, words },
    ]);
  });
  const countOf = (status: 'SUBSCRIBED' | 'UNSUBSCRIBED') =>
    types.filter(({ channel, id }) => facets.has(facet.status(channel, id, status))).length;
  const on = countOf('SUBSCRIBED');
  const off = countOf('UNSUBSCRIBED');
  if (on > 0) states.push({ tone: 'in', words: `Subscribed to ${figure(on)}` });
  if (off > 0 && !states.some(({ tone }) => tone === 'out'))
    states.push({ tone: 'out', words: `Opted out of ${figure(off)}` });
  return states.length > 0 ? states : [{ tone: 'none', words: 'Nothing specified' }];
}
