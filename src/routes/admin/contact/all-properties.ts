/** All properties of a record, including those derived from consent, with a search by name. */
import { adminPaths, adminPatterns } from '../../../admin-paths.js';
import type { Deps } from '../../../deps.js';
import { derivedProperties } from '../../../domain/contacts/derived-properties.js';
import { folded } from '../../../domain/filters/values.js';
import { listOf } from '../../../vocabulary/words.js';
import { queryOf } from '../form.js';
import { adminFrame } from '../frame.js';
import { tableOf } from '../kit/list-page.js';
import { get, type StaffRoute } from '../route.js';
import { openRecord, optOutsOfAll, typesOf, type OpenedRecord } from './open-record.js';
import { factsOf } from './record-frame.js';

interface Property {
  name: string;
  value: string;
  note?: string;
  /** Follows from consent, so it cannot be edited. */
  isDerived?: true;
}

export function propertyRoutes(deps: Deps): StaffRoute[] {
  return [
    get(
      adminPatterns.contactProperties,
      { may: 'contacts.read', about: 'contact' },
      async (ask, response) => {
        const record = await openRecord(deps, ask);
        const search = queryOf(ask.request, 'name', 200) ?? '';
        const path = adminPaths.contactProperties(record.id);
        const rows = [...ownProperties(record), ...derivedRows(record)].filter(({ name }) =>
          folded(name).includes(folded(search)),
        );
        const columns = [
          { heading: 'Property', cell: ({ name }: Property) => ({ text: name }) },
          {
            heading: 'Value',
            cell: ({ value, note }: Property) => ({ text: value, ...(note ? { note } : {}) }),
          },
          {
            heading: 'Source',
            cell: ({ isDerived }: Property) => ({
              text: isDerived ? 'Consent, read-only' : record.contact ? 'Contact' : 'Address',
            }),
          },
        ];
        response.send(
          deps.views.page('admin-list', {
            ...adminFrame(ask, 'contacts', `Properties of ${record.name}`),
            crumbs: [
              { href: adminPaths.contacts(), text: 'Contacts' },
              { href: adminPaths.contact(record.id), text: record.name },
            ],
            heading: `Properties of ${record.name}`,
            filters: {
              action: path,
              fields: [
                { isSelect: false, type: 'search', name: 'name', label: 'Name of a property', value: search },
              ],
              button: 'Search',
              ...(search ? { clearHref: path } : {}),
            },
            table: tableOf('Properties', columns, rows),
            empty: { heading: 'No property has this name', sentence: 'Search for a part of the name.' },
          }),
        );
      },
    ),
  ];
}

/** Properties of the contact, also those without a value. An address without a contact has what is known of it. */
export function ownProperties(record: OpenedRecord): Property[] {
  const { contact, catalogue } = record;
  const facts = factsOf(record).map(({ term, lines }) => ({ name: term, value: listOf(lines) }));
  if (!contact) return facts;
  const named = [
    { name: 'First name', value: contact.firstName || 'None' },
    { name: 'Last name', value: contact.lastName || 'None' },
    ...facts,
  ];
  const known = new Set(named.map(({ name }) => folded(name)));
  const defined = [...catalogue.properties.values()].map(({ name }) => name);
  const without = ['E-mail', 'Phone', 'Language', ...defined].filter((name) => !known.has(folded(name)));
  return [...named, ...without.map((name) => ({ name, value: 'None' }))];
}

/** Of the channels in which something is sent, or was opted out of. */
function derivedRows(record: OpenedRecord): Property[] {
  const { catalogue, scope, now } = record;
  const derived = derivedProperties({ catalogue, lists: new Map(), scope, now });
  const used = record.channels.filter(
    (one) => typesOf(record, one).length > 0 || optOutsOfAll(record, one).length > 0,
  );
  return used.flatMap(({ channel, subscriber }) =>
    derived
      .filter((one) => one.channel === channel)
      .map(({ name, isOfAnyUnit, isYes }): Property => ({
        name,
        value: isYes(subscriber) ? 'Yes' : 'No',
        isDerived: true,
        ...(isOfAnyUnit && catalogue.units.size > 1 ? { note: anyUnit } : {}),
      })),
  );
}

const anyUnit =
  'Yes if the contact opted out of all of at least one business unit. To filter by one unit, use its own subscriptions.';
