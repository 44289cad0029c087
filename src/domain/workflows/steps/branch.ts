/** If/then branch: one path for contacts that match a filter, and one for all others. */
import { z } from 'zod';
import { describeFilter } from '../../filters/describe.js';
import { filterSchema, type Filter } from '../../filters/filter.js';
import { predicateOf } from '../../filters/predicate.js';
import { readFilter } from '../../filters/read-condition.js';
import { stepKind } from '../contract.js';

const input = z.strictObject({ filter: filterSchema });

/** The filter of a stored branch; null for any other step. */
export function branchFilter(stored: unknown): Filter | null {
  return input.safeParse(stored).data?.filter ?? null;
}

export const branchStep = stepKind<z.infer<typeof input>>({
  name: 'BRANCH',
  label: 'If/then branch',
  hint: 'Contacts that match a filter take one path, and all others take another.',
  input,
  isAction: false,
  sentence: ({ filter }, about) =>
    filter.any.length === 0
      ? 'Choose which contacts take the first path.'
      : `If the contact matches: ${describeFilter(filter, about).join(' ')}.`,
  faults: ({ filter }, about) =>
    filter.any.length === 0
      ? ['Add a condition.']
      : readFilter(filter, about)
        ? []
        : ['A condition names something that does not exist. Change or remove it.'],
  foretell: async (_deps, { filter }, { contact }, { about }) =>
    predicateOf(filter, about)(contact) ? 'Matches, so it takes the first path.' : 'Does not match.',
  async run(_deps, { filter }, rows, { about }) {
    const isMatch = predicateOf(filter, about);
    return rows.map(({ contact }) => ({ go: 'ON', outcome: isMatch(contact) ? 'YES' : 'NO' }));
  },
});
