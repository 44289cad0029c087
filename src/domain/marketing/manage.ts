/** The contacts that "Manage marketing contacts" sets to non-marketing: groups of unengaged contacts, and those of a list or a filter. */
import type { FilterContext } from '../filters/condition-kind.js';
import {
  mostConditions,
  mostGroups,
  narrowed,
  noFilter,
  type Condition,
  type Filter,
} from '../filters/filter.js';

export interface Chosen {
  /** Ids of groups of unengaged contacts. */
  out: readonly string[];
  /** The key of a source; empty for none. */
  from: string;
  /** A filter instead of a source; without groups, none. */
  filter: Filter;
}

export const nobodyChosen: Chosen = { out: [], from: '', filter: noFilter };

/** A list or a saved view. */
export interface Source {
  label: string;
  filter: Filter;
}

interface UnengagedGroup {
  id: 'BOUNCED' | 'OUT_OF_ALL' | 'COMPLAINED';
  label: string;
  hint: string;
  all: Condition[];
}

const cannotReceive = (reason: string): Condition => ({
  ...{ on: 'cannot-receive', of: '', is: 'IS' },
  values: [`EMAIL:undeliverable:${reason}`],
});

/** Contacts who still count, and nobody set them to non-marketing yet. */
export const staysMarketing: readonly Condition[] = [
  { on: 'marketing', of: '', is: 'IS', values: ['yes'] },
  { on: 'until-update', of: '', is: 'IS_FALSE', values: [] },
];

export const ownConditions = mostConditions - staysMarketing.length;
/** Without those of unengaged contacts. */
export const ownGroups = mostGroups - 3;

/** Contacts that get no marketing mail anyway. */
export function unengagedGroups({ catalogue: { units } }: FilterContext): UnengagedGroup[] {
  const outOf = (of: string): Condition => ({ on: 'out-of-all', of, is: 'IS_TRUE', values: [] });
  const isOfEach = units.size > 0 && units.size <= ownConditions;
  return [
    {
      ...{ id: 'BOUNCED', label: 'Mail bounced for good', hint: 'The address does not exist any more.' },
      all: [cannotReceive('HARD_BOUNCE')],
    },
    {
      ...{ id: 'OUT_OF_ALL', label: 'Unsubscribed from all email' },
      hint: isOfEach ? 'Of every business unit.' : 'Of at least one business unit.',
      all: isOfEach ? [...units.keys()].map((id) => outOf(`EMAIL:${id}`)) : [outOf('EMAIL')],
    },
    {
      ...{
        id: 'COMPLAINED',
        label: 'Complained about a mail',
        hint: 'Marked it as unwanted in their mailbox.',
      },
      all: [cannotReceive('COMPLAINT')],
    },
  ];
}

/** Whether the filter has room for the conditions of the wizard. */
export function isUsable({ any }: Filter): boolean {
  return any.length > 0 && any.length <= ownGroups && any.every(({ all }) => all.length <= ownConditions);
}

/** All chosen contacts, as one filter; without groups, nobody is chosen. */
export function chosenFilter(
  { out, from, filter: own }: Chosen,
  context: FilterContext,
  sources: ReadonlyMap<string, Source>,
): Filter {
  const unengaged = unengagedGroups(context).filter(({ id }) => out.includes(id));
  const { filter } = sources.get(from) ?? { filter: own };
  const any = [...unengaged, ...filter.any];
  // Without groups, nobody is chosen.
  return any.length === 0 ? noFilter : narrowed({ any }, staysMarketing);
}
