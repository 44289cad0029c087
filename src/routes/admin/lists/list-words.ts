/** Words of the pages about lists: kind, business units, counts and uses. */
import type { ContactCount } from '../../../domain/contacts/find.js';
import type { ListFault } from '../../../domain/lists/lists.js';
import type { ListUse, UseKind } from '../../../domain/lists/uses.js';
import type { List, ListKind } from '../../../models/list.js';
import type { Catalogue } from '../../../vocabulary/terms.js';
import { capital, counted, figure, listOf } from '../../../vocabulary/words.js';
import type { FieldFault } from '../form.js';

export const kindWords: Readonly<Record<ListKind, { label: string; hint: string }>> = {
  ACTIVE: { label: 'Active', hint: 'Its members are the contacts that match a filter at any moment.' },
  STATIC: {
    label: 'Static',
    hint: 'Contacts are added one by one, in bulk, by an import, or by a workflow.',
  },
};

export function unitsOfList({ unitIds }: Pick<List, 'unitIds'>, { units }: Pick<Catalogue, 'units'>): string {
  if (!unitIds) return 'all business units';
  return listOf(unitIds.map((id) => units.get(id)?.name ?? `unit ${id}`));
}

/** "262", "10,000+", or that a filter without an index was not counted in time. */
export function memberCount({ count, isCapped }: ContactCount): string {
  if (isCapped && count === 0) return 'Not counted';
  return `${figure(count)}${isCapped ? '+' : ''}`;
}

const useWords: Readonly<Record<UseKind, string>> = {
  LIST: 'list',
  VIEW: 'saved view',
  JOB: 'job',
  WORKFLOW: 'workflow',
};

/** "2 lists and 1 saved view" */
export function usedIn(uses: readonly Pick<ListUse, 'kind'>[]): string {
  const numbers = new Map<UseKind, number>();
  for (const { kind } of uses) numbers.set(kind, (numbers.get(kind) ?? 0) + 1);
  return listOf([...numbers].map(([kind, count]) => counted(count, useWords[kind])));
}

/** "List “Trail readers”", "Saved view" */
export function useName({ kind, name }: ListUse): string {
  return `${capital(useWords[kind])}${name ? ` “${name}”` : ''}`;
}

/** @param fields the form's name of each field */
export function faultsOfList(faults: readonly ListFault[], unitField: string): FieldFault[] {
  const hrefs = { name: '#name', unitIds: `#${unitField}`, filter: '#filter' };
  return faults.map(({ field, message }) => ({ text: message, href: hrefs[field] }));
}
