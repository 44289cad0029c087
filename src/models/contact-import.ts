/** What an import of contacts adds to the document of an import: where its columns go, its counts, and which contacts its parts wrote. */
import type { LegalBasis } from '../vocabulary/terms.js';

/** Places of a contact that a column can fill. */
export const contactPlaces = [
  ...(['firstName', 'lastName', 'email', 'phone', 'locale', 'processingBasis'] as const),
  ...(['units', 'marketing'] as const),
] as const;

/** Where a column goes: a place of the contact, a property by its name, or the subscription to a type by its id. */
export type ColumnTarget = (typeof contactPlaces)[number] | `property:${string}` | `subscription:${number}`;

/** How people write a day with slashes: `31/03/2026` or `03/31/2026`. */
export type DateOrder = 'DMY' | 'MDY';

/** What separates decimals: `1,234.5` or `1.234,5`. */
export const decimalMarks = ['POINT', 'COMMA'] as const;
export type DecimalMark = (typeof decimalMarks)[number];

/** What a person chooses for an import of contacts, besides how the file is read. */
export interface ContactChoice {
  /** By column; a column that is not here is not imported. A target is here once. */
  columns: { index: number; to: ColumnTarget }[];
  /** Business units of contacts that the import creates, if their row names none. */
  unitIds: number[];
  /** Legal basis for processing of contacts that the import creates, if their row names none. */
  processingBasis: LegalBasis | null;
  /** True: an empty cell of a mapped column removes the value. It never changes units or subscriptions. */
  emptyClears: boolean;
  dateOrder: DateOrder;
  /** Null or absent: a number such as `1,234` or `1.234` can be read in two ways, so its row is rejected. */
  decimalMark?: DecimalMark | null;
  /** Legal basis for communication, and its explanation, of all opt-ins of the file. */
  legalBasis: LegalBasis | null;
  explanation: string;
}

/** What a check expects of the rows, and what the run did with them. The first four and `repeated` add up to `rows`. */
export interface ContactCounts {
  /** Rows below the header, without blank ones. */
  rows: number;
  created: number;
  changed: number;
  unchanged: number;
  /** Rows whose contact was not written. They are in the file of rejected rows. */
  rejected: number;
  /** Of a check only: rows whose address an earlier row has. They are applied in their order, so the run counts them elsewhere. */
  repeated: number;
  /** Subscriptions to types: opted in, opted out, and opt-ins that the rules refused. */
  optIns: number;
  optOuts: number;
  refusedOptIns: number;
}
