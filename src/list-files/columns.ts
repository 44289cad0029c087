/** Finds the header of a list and the columns with addresses, from the content and from names in eight languages. */
import type { CsvRow } from '../csv/rows.js';
import { readCell } from './read-cell.js';
import type { ListGuess } from './contract.js';

/** Title rows and a header are looked for in this many rows that are not blank. */
const headRows = 20;
const sampleRecords = 1000;
/** Of a cell, this much tells whether it has an address. */
const sampleCharacters = 400;
/** Below this share a column cannot be confirmed. */
export const leastShare = 0.5;

/** Names of address columns in the languages of the public pages, as the whole name or as one of its words. */
const emailNames =
  /^(?:.*[^\p{L}])?(e-?mail|e-?post|email ?address|epostadresse?|e-?mailadresse|mailadresse|mail|courriel|correo|adres e-?mail|sähköposti|address|adresse|sposti)(?![\p{L}])/iu;
const phoneNames =
  /^(?:.*[^\p{L}])?(phone|mobile|cell|sms|whatsapp|msisdn|telefon|telefoon|téléphone|tel|tlf|mobil|mobiel|portable|teléfono|móvil|komórka|gsm|puhelin|matkapuhelin|number|nummer)/iu;
/** Messages go to mobile phones, and files have other numbers too. */
const mobileNames = /mobi|cell|sms|whatsapp|portable|móvil|komórka|gsm|matkapuhelin|handy/iu;

/**
 * The line of the column names, or null. It is the last row above the first address that has a known name or as many filled cells as rows
 * usually have; rows above it are titles.
 */
export function guessHeader(rows: readonly CsvRow[], country: string | null): number | null {
  const start = rows.slice(0, headRows);
  const hasOne = (row: CsvRow) => row.cells.some((cell) => isAddress(cell, country));
  const first = start.findIndex(hasOne);
  const above = first === -1 ? start.slice(0, 1) : start.slice(0, first);
  const named = above.find(({ cells }) => cells.some((cell) => isColumnName(cell)));
  if (named) return named.line;
  const usual = usualWidth(rows);
  // Rows with an invalid address may be between the header and the first valid one.
  return above.find((row) => filled(row) >= usual)?.line ?? above.at(-1)?.line ?? null;
}

function isAddress(cell: string, country: string | null): boolean {
  return cell.includes('@')
    ? readCell('EMAIL', cell).found.length > 0
    : /\d{5}/.test(cell.replace(/\D/g, '')) && readCell('SMS', cell, country).found.length > 0;
}

/** A short text with a name that columns of addresses have. */
export function isColumnName(cell: string): boolean {
  return (
    cell.length <= 60 &&
    !/\d{3}|@/.test(cell) &&
    (emailNames.test(cell.trim()) || phoneNames.test(cell.trim()))
  );
}

const filled = ({ cells }: CsvRow) => cells.filter((cell) => cell.trim()).length;

/** The median number of filled cells. */
function usualWidth(rows: readonly CsvRow[]): number {
  const widths = rows.map(filled).sort((a, b) => a - b);
  return widths[Math.floor(widths.length / 2)] ?? 1;
}

/** Counts the addresses of each column in the sampled rows, and proposes a column for each kind. */
export function describeColumns(
  rows: readonly CsvRow[],
  headerLine: number | null,
  country: string | null,
): Pick<ListGuess, 'columns' | 'emailColumn' | 'phoneColumn' | 'sampled'> {
  const header = rows.find(({ line }) => line === headerLine);
  const records = rows.filter(({ line }) => line > (headerLine ?? 0)).slice(0, sampleRecords);
  const width = Math.max(header?.cells.length ?? 0, ...records.map(({ cells }) => cells.length));
  const counted = Array.from({ length: width }, (_, index) => {
    const name = header?.cells[index]?.trim() ?? '';
    const cells = records.map((row) => row.cells[index]?.slice(0, sampleCharacters) ?? '');
    const email = shareOf(cells, (cell) =>
      cell.includes('@') || cell.includes('＠') ? readCell('EMAIL', cell).found : [],
    );
    const phone = shareOf(cells, (cell) => (cell.includes('@') ? [] : readCell('SMS', cell, country).found));
    return { index, name: name || `Column ${index + 1}`, hasName: name !== '', email, phone };
  });
  // Trailing delimiters, and surplus cells of a few rows, do not make a column.
  const columns = counted.filter(
    ({ index, hasName, email, phone }) =>
      hasName || (header ? email.share + phone.share > 0 : isFilled(records, index)),
  );
  return {
    columns: columns.map(({ index, name, email, phone }) => ({
      index,
      name,
      addressShare: email.share,
      phoneShare: phone.share,
    })),
    emailColumn: best(columns, (column) => ({ ...column.email, rank: emailNames.test(column.name) ? 1 : 0 })),
    phoneColumn: best(columns, (column) => ({ ...column.phone, rank: phoneRank(column.name) })),
    sampled: records.length,
  };
}

const isFilled = (rows: readonly CsvRow[], index: number) => rows.some(({ cells }) => cells[index]?.trim());

const phoneRank = (name: string) => (mobileNames.test(name) ? 2 : phoneNames.test(name) ? 1 : 0);

interface Share {
  share: number;
  /** The column of whom created a contact has addresses in all rows, but few different ones. */
  different: number;
}

function shareOf(cells: readonly string[], found: (cell: string) => string[]): Share {
  const all = cells.map(found);
  const share = cells.length === 0 ? 0 : all.filter((one) => one.length > 0).length / cells.length;
  return { share, different: new Set(all.flat()).size };
}

interface Described {
  index: number;
  name: string;
  email: Share;
  phone: Share;
}

function best(
  columns: readonly Described[],
  look: (column: Described) => Share & { rank: number },
): number | null {
  const [first] = columns
    .map((column) => ({ index: column.index, ...look(column) }))
    .filter(({ share }) => share >= leastShare)
    .sort((a, b) => b.rank - a.rank || b.different - a.different || a.index - b.index);
  return first?.index ?? null;
}
