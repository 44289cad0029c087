/** The text of a CSV file as people have it: UTF-8 or nothing, and the separator that its own first line uses. */
import { DomainError } from '../../errors.js';

export const separators = [',', ';', '\t'] as const;
export type Separator = (typeof separators)[number];

/** How a file is written, so that what is made of it is written alike. */
export interface CsvManner {
  separator: Separator;
  newline: '\n' | '\r\n';
  hasByteOrderMark: boolean;
}

/** A first line longer than this is no line of column names. */
const longestFirstLine = 65_536;
const byteOrderMark = '\uFEFF';

/**
 * Decodes a file, chunk by chunk, with its byte order mark left in.
 * @throws DomainError `INVALID_FILE` naming the line that is not UTF-8: to guess would spoil the names in it
 */
export async function* decodeText(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let line = 1;
  for await (const chunk of bytes) {
    const text = decodeOr(line, chunk, () => decoder.decode(chunk, { stream: true }));
    line += newlinesIn(text);
    yield text;
  }
  yield decodeOr(line, new Uint8Array(), () => decoder.decode());
}

/** Reads how the file is written from its first line, and gives back the whole text all the same. */
export async function readManner(
  text: AsyncGenerator<string>,
): Promise<{ manner: CsvManner; text: AsyncGenerator<string> }> {
  let start = '';
  while (firstLineOf(start) === null && start.length <= longestFirstLine) {
    const { value, done } = await text.next();
    if (done) break;
    start += value;
  }
  return { manner: mannerOf(start), text: joined(start, text) };
}

function mannerOf(start: string): CsvManner {
  const line = firstLineOf(start) ?? start;
  const unquoted = line.replaceAll(/"[^"]*"/g, '');
  const counts = separators.map((separator) => unquoted.split(separator).length);
  const most = counts.indexOf(Math.max(...counts));
  return {
    separator: separators[most] ?? ',',
    newline: line.endsWith('\r') ? '\r\n' : '\n',
    hasByteOrderMark: start.startsWith(byteOrderMark),
  };
}

/** Up to the first newline outside quotation marks; null where there is none yet. */
function firstLineOf(text: string): string | null {
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === '"') isQuoted = !isQuoted;
    if (letter === '\n' && !isQuoted) return text.slice(0, at);
  }
  return null;
}

async function* joined(start: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield start;
  yield* rest;
}

function decodeOr(line: number, chunk: Uint8Array, decode: () => string): string {
  try {
    return decode();
  } catch {
    const readable = new TextDecoder().decode(chunk).split('\uFFFD')[0] ?? '';
    throw new DomainError(
      'INVALID_FILE',
      `Line ${line + newlinesIn(readable)} is not UTF-8; save the file as "CSV UTF-8".`,
    );
  }
}

function newlinesIn(text: string): number {
  return text.split('\n').length - 1;
}
