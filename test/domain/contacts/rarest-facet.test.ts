/** A job reads the rarest facet of a filter, batch by batch, and chooses by the others. */
import { expect, it } from 'vitest';
import { streamContactIds } from '../../../src/domain/contacts/find.js';
import { allOf } from '../../../src/domain/filters/filter.js';
import type { Condition } from '../../../src/domain/filters/filter.js';
import type { Contact } from '../../../src/models/contact.js';
import type { Scope } from '../../../src/vocabulary/scope.js';
import { watchedBy } from '../../support/connection.js';
import { openContactRoom } from '../../support/contact-room.js';
import { fjell, northwind } from '../../support/people.js';

const many = 40;
const all: Contact[] = [];
const room = await openContactRoom();
for (let at = 0; at < many; at++)
  all.push(
    await room.contact({
      ...{ firstName: 'Ann', email: `person-${at}@example.com`, locale: at % 2 ? 'nb' : '' },
      phone: at % 5 ? '' : `+479${String(at).padStart(7, '0')}`,
      unitIds: at % 3 ? [northwind.id, fjell.id] : [northwind.id],
    }),
  );

const condition = (on: string, value: string): Condition => ({ on, of: '', is: 'IS', values: [value] });
const withPhone = condition('has-address', 'SMS');
const norwegian = condition('language', 'nb');
const rows: { scope: Scope; conditions: Condition[]; isMatch: (one: Contact) => boolean }[] = [
  { scope: null, conditions: [withPhone, norwegian], isMatch: ({ locale }) => locale === 'nb' },
  { scope: null, conditions: [norwegian, withPhone], isMatch: ({ locale }) => locale === 'nb' },
  { scope: [fjell.id], conditions: [withPhone], isMatch: ({ unitIds }) => unitIds.includes(fjell.id) },
];

it.each(rows)(
  'of $conditions within $scope, the batches read only contacts with a phone',
  async ({ scope, conditions, isMatch }) => {
    const asked: unknown[] = [];
    const { models } = await watchedBy(room.database, (command) => {
      if (command['find'] === 'contacts') asked.push([command['filter'].facets, command['limit']]);
    });
    const deps = { ...room.contacts, models };
    const selection = { kind: 'FILTER', filter: allOf(conditions), search: '' } as const;
    const found: string[] = [];
    for await (const { ids } of streamContactIds(deps, { scope, selection, size: 3 })) found.push(...ids);
    const expected = all.filter((one) => one.phone && isMatch(one)).map(({ _id }) => _id);
    expect(expected.length).toBeGreaterThan(3);
    expect(found.sort()).toEqual(expected.sort());
    expect(asked.length).toBeGreaterThan(2);
    expect(new Set(asked.map((one) => JSON.stringify(one)))).toEqual(new Set(['["SMS",3]']));
  },
);
