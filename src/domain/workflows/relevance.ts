/** Whether a change of a contact can change whether the contact meets a filter, by the fields that the change feed names. */
import type { SubjectChange } from '../../models/change.js';
import { conditionsOf, type Condition, type Filter } from '../filters/filter.js';

/** The fields that conditions read. `CONSENT`: what the addresses decided. `ANY`: each change may matter. */
const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  ...{ name: ['firstName', 'lastName'], email: ['email'], 'email-domain': ['email'], phone: ['phone'] },
  ...{ language: ['locale'], 'has-address': ['email', 'phone', 'subscribers'], unit: ['unitIds'] },
  ...{ status: ['CONSENT', 'subscribers'], 'opted-out': ['CONSENT', 'subscribers'] },
  ...{ 'out-of-all': ['CONSENT', 'subscribers'], 'cannot-receive': ['CONSENT', 'subscribers'] },
  ...{ 'status-since': ['CONSENT', 'subscribers'], 'status-by': ['CONSENT', 'subscribers'] },
  ...{ marketing: ['isMarketing'], 'until-update': ['leavesMarketingSince'] },
  ...{ 'processing-basis': ['processingBasis'], source: [], created: [], updated: ['ANY'], list: ['ANY'] },
};

/** @returns whether the entry's change is of something that a condition of the filter reads */
export function isRelevant(filter: Filter, entry: SubjectChange): boolean {
  const changed = entry.kind === 'CONSENT' ? ['CONSENT'] : (entry.event.fields ?? []);
  const isRead = (field: string) => field === 'ANY' || changed.includes(field);
  return conditionsOf(filter).some(({ condition }) => fieldsOfCondition(condition).some(isRead));
}

/** Exported for the test, which asks for every kind of condition. */
export function fieldsOfCondition({ on, of }: Pick<Condition, 'on' | 'of'>): readonly string[] {
  return on === 'property' ? [`property:${of}`] : (fieldsOf[on] ?? ['ANY']);
}
