/** Facts that several kinds of jobs share. */
import type { Selection } from '../domain/contacts/selection.js';
import type { FilterContext } from '../domain/filters/condition-kind.js';
import { describeFilter } from '../domain/filters/describe.js';
import { chunkSize } from '../models/job-chunk.js';
import type { Lane } from '../models/job.js';
import type { LegalBasis } from '../vocabulary/terms.js';
import { basisNames, counted, momentOf } from '../vocabulary/words.js';
import type { Asked, Fact } from './kind.js';

/** The contacts that were selected. */
export function whomFact(selection: Selection, { at }: Asked, about: FilterContext): Fact {
  const when = `as they were on ${momentOf(at, about.catalogue.timeZone)}`;
  if (selection.kind === 'IDS')
    return { term: 'Whom', words: [`${counted(selection.ids.length, 'contact')}, ticked or searched for`] };
  if (selection.filter.any.length === 0) return { term: 'Whom', words: [`All contacts, ${when}`] };
  return {
    term: 'Whom',
    words: [`All that matched, ${when}:`, ...describeFilter(selection.filter, about)],
  };
}

/** The legal basis and the explanation that events record. */
export function whyFacts(why: { legalBasis: LegalBasis | null; explanation: string }): Fact[] {
  return [
    ...(why.legalBasis
      ? [{ term: 'Legal basis for communication', words: [basisNames[why.legalBasis]] }]
      : []),
    ...(why.explanation ? [{ term: 'Explanation', words: [why.explanation] }] : []),
  ];
}

/** A few ticked contacts are one chunk, which takes about a second. A filter may match any number. */
export function laneOf(selection: Selection): Lane {
  return selection.kind === 'IDS' && selection.ids.length <= chunkSize ? 'SHORT' : 'LONG';
}
