/** What a kind of condition is: what it can be about, what kind of value it compares, and where a contact has that value. */
import type { Contact } from '../../models/contact.js';
import type { Catalogue } from '../../vocabulary/terms.js';
import type { Scope } from '../../vocabulary/scope.js';
import type { ValueKind } from '../../vocabulary/properties.js';

/** What filters are read and compared with. What lies outside `scope` does not exist for them. */
export interface FilterContext {
  catalogue: Pick<Catalogue, 'units' | 'types' | 'orderedTypes' | 'properties' | 'timeZone'>;
  scope: Scope;
  now: Date;
}

/** What a filter compares of a contact. */
export type FilteredContact = Pick<
  Contact,
  'facets' | 'unitIds' | 'email' | 'phone' | 'processingBasis' | 'createdAt' | 'updatedAt'
>;

/** Where the value is: in the facets that begin with a text, which an index answers, or in a field of the contact. */
export type ValueSource =
  { facets: string } | { field: Exclude<keyof FilteredContact, 'facets' | 'unitIds'> };

export interface ValueOption {
  value: string;
  label: string;
}

export interface ComparedValue {
  /** "Language", "Subscription to Trail notes". */
  label: string;
  kind: ValueKind;
  source: ValueSource;
  /** Some contacts have no value. */
  isOptional: boolean;
  /** Every value of a `CHOICE`. */
  options?: readonly ValueOption[];
  /** Of a `YES_NO`: the value that means yes; `yes` where absent. */
  yes?: string;
  /** Brings a `TEXT` to the form in which contacts have it; case and spaces are folded where absent. */
  fold?: (text: string) => string;
  /** Texts about people, such as a name: a job and a shared view do not keep them. */
  isPersonal?: true;
}

export const headings = ['Contact', 'Subscriptions', 'Properties'] as const;

/** One thing that a condition can be about, as the editor offers it. */
export interface Subject {
  of: string;
  label: string;
}

export interface ConditionKind {
  /** Kept in filters: it never changes. */
  id: string;
  heading: (typeof headings)[number];
  /** Everything within the scope that it can be about. `properties` are the names that contacts within the scope have. */
  subjects: (context: FilterContext, properties: readonly string[]) => readonly Subject[];
  /** @returns null for what is not there, or lies outside the scope */
  compared: (of: string, context: FilterContext) => ComparedValue | null;
}

/** A kind of condition that is about the contact as a whole. */
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
