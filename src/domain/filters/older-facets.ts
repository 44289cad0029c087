/** Reads the facets that links, saved views and jobs of older releases stored instead of a filter. */
import { channels } from '../../vocabulary/terms.js';
import { allOf, type Condition, type Filter } from './filter.js';

const simple: Readonly<Record<string, string>> = { unit: 'unit', locale: 'language', source: 'source' };

/** @returns null if one of them cannot be read: a filter with fewer conditions would match more */
export function filterOfFacets(facets: readonly string[]): Filter | null {
  const conditions: Condition[] = [];
  for (const one of facets.filter((text) => text !== 'all')) {
    const condition = conditionOf(one);
    if (!condition) return null;
    conditions.push(condition);
  }
  return allOf(conditions);
}

function conditionOf(facet: string): Condition | null {
  const [head = '', ...rest] = facet.split(':');
  const after = facet.slice(head.length + 1);
  const is = (on: string, of: string, value: string): Condition => ({ on, of, is: 'IS', values: [value] });
  const kind = simple[head];
  if (kind && after) return is(kind, '', after);
  const [, name, value] = /^([^=]+)=(.+)$/s.exec(after) ?? [];
  if (head === 'property' && name && value) return is('property', name, value);
  if (!channels.some((channel) => channel === head)) return null;
  const [what, last] = rest;
  if (what === undefined) return is('has-address', '', head);
  if (what === 'undeliverable') return is('cannot-receive', '', facet);
  if (what === 'out-of-all')
    return { on: 'out-of-all', of: last === undefined ? head : `${head}:${last}`, is: 'IS_TRUE', values: [] };
  return last ? is('status', what, last) : null;
}
