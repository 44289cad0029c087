/**
 * Makes rows from physical lines. A row that cannot be read reliably is marked and uses only its own first line: a quotation mark that is never
 * closed must not include the following rows.
 */
import { parse } from 'csv-parse/sync';
import { noDelimiter } from './delimiter.js';
import { longestLine } from './lines.js';
import type { Line } from './lines.js';

export interface CsvRow {
  /** The physical line in which it begins, from 1. */
  line: number;
  /** The number of its physical lines. */
  lines: number;
  /** For a row with a fault: the best guess. */
  cells: string[];
  /** Why it cannot be read reliably: one sentence without the line. */
  fault?: string;
}

export interface RowOptions {
  delimiter: string;
  /** Maximum number of lines per row. A quotation mark that is open for longer is treated as an error. */
  mostLines: number;
}

/** As many as a row of Excel has. A line of a million delimiters must not become a million columns. */
const mostCells = 16_384;

export const rowFaults = {
  open: 'It has a quotation mark that is never closed.',
  stray: 'It has a quotation mark within a value: double it, and put the whole value in quotation marks.',
  wide: `It has more than ${mostCells.toLocaleString('en')} cells.`,
  long: `It is longer than ${longestLine.toLocaleString('en')} characters.`,
} as const;

/** A row before it is split into cells. */
interface Draft {
  line: number;
  lines: number;
  text: string;
  fault?: string;
}

/** Reads rows, one array per batch of lines. Blank lines are rows without cells. */
export async function* rowsOf(batches: AsyncIterable<Line[]>, options: RowOptions): AsyncGenerator<CsvRow[]> {
  let waiting: Line[] = [];
  let line = 1;
  const take = (isEnd: boolean): Draft[] => {
    const drafts: Draft[] = [];
    let at = 0;
    for (;;) {
      const draft = nextRow(waiting, at, isEnd, options);
      if (!draft) break;
      drafts.push({ ...draft, line });
      at += draft.lines;
      line += draft.lines;
    }
    waiting = waiting.slice(at);
    return drafts;
  };
  for await (const batch of batches) {
    waiting = waiting.concat(batch);
    yield split(take(false), options.delimiter);
  }
  yield split(take(true), options.delimiter);
}

/** The row that begins at a line; null if more lines are needed to decide. */
function nextRow(
  lines: readonly Line[],
  at: number,
  isEnd: boolean,
  { delimiter, mostLines }: RowOptions,
): Omit<Draft, 'line'> | null {
  const first = lines[at];
  if (!first) return null;
  const alone = (fault: string) => ({ lines: 1, text: first.text, fault });
  let text = '';
  let isOpen = false;
  for (let next = at; next < lines.length; next++) {
    const line = lines[next];
    if (!line) break;
    text += line.text;
    if (text.length > longestLine) return alone(next > at ? rowFaults.open : rowFaults.long);
    const quote = quoteAfter(line.text, isOpen, delimiter);
    if (quote === 'STRAY') return alone(next > at ? rowFaults.open : rowFaults.stray);
    if (quote === 'CLOSED') return { lines: next - at + 1, text };
    if (next - at + 1 >= mostLines) return alone(rowFaults.open);
    isOpen = true;
    text += line.end;
  }
  return isEnd ? alone(rowFaults.open) : null;
}

/**
 * Follows the quotation marks of one line (RFC 4180, section 2, rules 5 to 7). One inside an unquoted cell is an ordinary character, as in
 * spreadsheets. One that closes a cell must end it.
 */
function quoteAfter(text: string, wasOpen: boolean, delimiter: string): 'OPEN' | 'CLOSED' | 'STRAY' {
  let isOpen = wasOpen;
  if (delimiter === noDelimiter || (!isOpen && !text.includes('"'))) return 'CLOSED';
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '"') continue;
    if (!isOpen) {
      isOpen = at === 0 || text[at - 1] === delimiter;
      continue;
    }
    const next = text[at + 1];
    if (next === '"') at += 1;
    else if (next === undefined || next === delimiter) isOpen = false;
    else return 'STRAY';
  }
  return isOpen ? 'OPEN' : 'CLOSED';
}

function split(drafts: readonly Draft[], delimiter: string): CsvRow[] {
  // A line of delimiters is a row of empty cells, also where the delimiter is the tab.
  const isBlank = (text: string) => !text.trim() && !text.includes(delimiter);
  const sound = drafts.filter(({ text, fault }) => !fault && !isBlank(text));
  const cells = cellsOf(sound, delimiter);
  const found = new Map(sound.map((draft, at) => [draft.line, cells[at]]));
  return drafts.map(({ line, lines, text, fault }) => {
    const row = found.get(line);
    if (row && row.length > mostCells)
      return { line, lines, cells: row.slice(0, mostCells), fault: rowFaults.wide };
    if (row) return { line, lines, cells: row };
    if (!fault && isBlank(text)) return { line, lines, cells: [] };
    const guessed = text.slice(0, longestLine).split(delimiter, mostCells).map(unquoted);
    return { line, lines, cells: guessed, fault: fault ?? rowFaults.stray };
  });
}

/** Parses all rows at once, or one by one if the parser finds another number of rows. */
function cellsOf(drafts: readonly Draft[], delimiter: string): (string[] | undefined)[] {
  // Without quotation marks there is nothing to parse; most lists have none.
  if (!drafts.some(({ text }) => text.includes('"'))) return drafts.map(({ text }) => text.split(delimiter));
  const rows = parsed(drafts.map(({ text }) => `${text}\n`).join(''), delimiter);
  if (rows?.length === drafts.length) return rows;
  return drafts.map(({ text }) => {
    const alone = parsed(text, delimiter);
    return alone?.length === 1 ? alone[0] : undefined;
  });
}

function parsed(text: string, delimiter: string): string[][] | null {
  try {
    return parse(text, {
      ...{ delimiter, relax_quotes: true, relax_column_count: true },
      ...(delimiter === noDelimiter ? { quote: null } : {}),
      // Otherwise the parser applies the first line's setting to the whole file.
      record_delimiter: ['\r\n', '\n', '\r'],
    });
  } catch {
    return null;
  }
}

function unquoted(cell: string): string {
  return cell.replace(/^\s*"/, '').replace(/"\s*$/, '').replaceAll('""', '"');
}
