/** What a list of people is, as a file that somebody uploads or names: what can be corrected, what is found, what is read. */
import type { Readable } from 'node:stream';
import type { Encoding } from '../csv/encoding.js';
import type { CsvRow } from '../csv/rows.js';

/** A file that can be read again and again, also in parts. */
export interface ListFile {
  name: string;
  /** In bytes. */
  size: number;
  /** The bytes from `start` until before `end`; by default all of them. */
  open: (start?: number, end?: number) => Readable;
}

/** What a person may correct. What is absent is detected. */
export interface ListChoice {
  encoding?: Encoding;
  /** One character; `noDelimiter` for a file in which each line is one cell. */
  delimiter?: string;
  /** The name of the sheet of a workbook. */
  sheet?: string;
  /** The line of the column names, from 1; null for none. Lines above it are not read. */
  headerLine?: number | null;
}

/** The choice with which a file is read the same way each time. */
export type FullChoice = Required<Pick<ListChoice, 'headerLine'>> & ListChoice;

export interface ListColumn {
  index: number;
  /** From the header; without one `Column 1`, `Column 2`. */
  name: string;
  /** The share of the sampled records with an email address in this column, from 0 to 1. */
  addressShare: number;
  /** The same for phone numbers. */
  phoneShare: number;
}

export interface ListGuess {
  format: 'CSV' | 'XLSX';
  /** Store this and pass it to `readList`. */
  choice: FullChoice;
  /** Visible sheets of a workbook, in their order. */
  sheets: string[];
  columns: ListColumn[];
  /** The proposed column; null if no column has addresses in at least half of its records. */
  emailColumn: number | null;
  phoneColumn: number | null;
  /** Records from which the shares were counted, 1,000 at most. */
  sampled: number;
  /** The first rows that are not blank, including those up to the header. */
  firstRows: CsvRow[];
}

/** Physical lines of a text file, or rows of a sheet. At the end `lines` is the sum of the others. */
export interface ListCount {
  lines: number;
  /** Lines down to the column names, without blank ones. */
  head: number;
  /** Rows that were read. */
  records: number;
  blanks: number;
  /** Further lines of rows with line breaks inside quotation marks. */
  insideQuotes: number;
  /** Rows with a fault. */
  rejected: number;
}

export interface OpenList {
  /**
   * The rows below the header, in batches, readable once, without blank ones. A row may have fewer cells than there are columns. If it has more, its
   * cells may be shifted, so a contact import rejects it. A row with a `fault` has the best guess as cells: an opt-out list may take an address
   * from it, and a contact import rejects it.
   */
  batches: AsyncGenerator<CsvRow[]>;
  /** Grows while the rows are read. */
  count: ListCount;
}
