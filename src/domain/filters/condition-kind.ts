/** A kind of condition: its subjects, the kind of value that it compares, and where a contact has that value. */
import type { Contact } from '../../models/contact.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { Filter } from './filter.js';
import type { ValueKind } from '../../vocabulary/properties.js';

/** A list, as conditions read it. */
export interface FilterList {
  id: string;
  name: string;
  unitIds: Scope;
  /** Of an active list. Null: a static list, whose members have a facet. */
  filter: Filter | null;
}

/** The context in which filters are read and compared. Outside `scope` nothing exists for them. */
export interface FilterContext {
  catalogue: Pick<Catalogue, 'units' | 'types' | 'orderedTypes' | 'properties' | 'timeZone'>;
  /** All lists, by id. */
  lists: ReadonlyMap<string, FilterList>;
  scope: Scope;
  now: Date;
}

/** The fields of a contact that a filter may compare. */
export type FilteredField =
  | ('facets' | 'standings' | 'unitIds' | 'email' | 'phone')
  | ('processingBasis' | 'createdAt' | 'updatedAt');
export type FilteredContact = Pick<Contact, FilteredField>;

/**
 * Where a contact has the value: in the facets with a prefix, which an index answers, in a field, or in its standings, of which the first that it has
 * counts.
 */
export type ValueSource =
  | { facets: string }
  | { field: Exclude<keyof FilteredContact, 'facets' | 'standings' | 'unitIds'> }
  | { standings: readonly string[]; of: 'at' | 'by' };

export interface ValueOption {
  value: string;
  label: string;
}

export interface ComparedValue {
  /** "Language", "Subscription to Trail notes". */
  label: string;
  kind: ValueKind;
  /** `LISTS`: the values are ids of lists, whose members are found by facet or by their own filters. */
  source: ValueSource | 'LISTS';
  /** Some contacts have no value. */
  isOptional: boolean;
  /** Every value of a `CHOICE`. */
  options?: readonly ValueOption[];
  /** Of a `YES_NO`: the value that means yes; `yes` where absent. */
  yes?: string;
  /** Normalises a `TEXT` as contacts store it. If absent, case and spaces are folded. */
  fold?: (text: string) => string;
  /** Texts about people, such as a name. Jobs and shared views do not store them. */
  isPersonal?: true;
}

export const headings = [
  'Contact',
  'Subscriptions',
  'Date and actor of subscriptions',
  'Properties',
] as const;

/** One subject of conditions, as the editor offers it. */
export interface Subject {
  of: string;
  label: string;
}

export interface ConditionKind {
  /** Stored in filters, so it never changes. */
  id: string;
  heading: (typeof headings)[number];
  /** All subjects within the scope. `properties` are the names that contacts within the scope have. */
  subjects: (context: FilterContext, properties: readonly string[]) => readonly Subject[];
  /** @returns null if the subject does not exist, or lies outside the scope */
  compared: (of: string, context: FilterContext) => ComparedValue | null;
}

/** A kind of condition about the contact as a whole. */
export function aboutContact(
  id: string,
  compared: ComparedValue | ((context: FilterContext) => ComparedValue),
): ConditionKind {
  const read = typeof compared === 'function' ? compared : () => compared;
  return {
    id,
    heading: 'Contact',
    subjects: (context) => [{ of: '', label: read(context).label }],
    compared: (of, context) => (of === '' ? read(context) : null),
  };
}
