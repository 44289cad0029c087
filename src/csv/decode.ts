/** Decodes the bytes of a file: by a given encoding, or UTF-8 or UTF-16 with each line that is not UTF-8 as Windows-1252. */
import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';
import { utf16Of } from './encoding.js';
import type { Encoding } from './encoding.js';

/** Facts about a file that are found while it is read. */
export interface TextFacts {
  hasByteOrderMark: boolean;
  /** Lines that are not UTF-8, and were read as Windows-1252. */
  windows1252Lines: number;
}

/** Enough to distinguish UTF-16 from other encodings. */
const sampleLength = 4096;
/** A line longer than this is decoded in pieces. */
const longestPiece = 1_048_576;
const [lineFeed, carriageReturn] = [0x0a, 0x0d];

/**
 * Decodes a file, chunk by chunk, without its byte order mark and without NUL characters.
 * Windows-1252 is decided per line. So one pass is enough, and a file joined from two encodings is read too.
 * @param facts filled while reading
 * @param encoding of the whole file; by default it is detected. Lines of a UTF-8 file that are not UTF-8 are still read as Windows-1252.
 */
export async function* decodeText(
  bytes: AsyncIterable<Uint8Array>,
  facts: TextFacts,
  encoding?: Encoding,
): AsyncGenerator<string> {
  let decoder: Decoder | undefined;
  for await (const chunk of startTogether(bytes)) {
    if (!decoder) {
      facts.hasByteOrderMark = /^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)/.test(chunk.toString('latin1', 0, 3));
      decoder = decoderOf(encoding ?? utf16Of(chunk) ?? 'UTF-8', facts);
    }
    yield withoutNul(decoder(chunk, false));
  }
  if (decoder) yield withoutNul(decoder(Buffer.alloc(0), true));
}

async function* startTogether(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let start: Buffer | null = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const whole: Buffer = start ? Buffer.concat([start, chunk]) : Buffer.from(chunk);
    if (start && whole.length < sampleLength) {
      start = whole;
      continue;
    }
    start = null;
    yield whole;
  }
  if (start) yield start;
}

type Decoder = (chunk: Buffer, isLast: boolean) => string;

function decoderOf(encoding: Encoding, facts: TextFacts): Decoder {
  if (encoding === 'UTF-8') return utf8Decoder(facts);
  const decoder = iconv.getDecoder(encoding);
  return (chunk, isLast) => (isLast ? (decoder.end() ?? '') : decoder.write(chunk));
}

function utf8Decoder(facts: TextFacts): Decoder {
  let rest = Buffer.alloc(0);
  let isStart = true;
  return (chunk, isLast) => {
    const whole = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const end = isLast ? whole.length : endOfPiece(whole);
    rest = Buffer.from(whole.subarray(end));
    const text = decodePiece(whole.subarray(0, end), facts);
    if (!text || !isStart) return text;
    isStart = false;
    return text.replace(/^\uFEFF/, '');
  };
}

/** After the last line end; in a line that is too long, before an incomplete character. */
function endOfPiece(bytes: Buffer): number {
  const end = Math.max(bytes.lastIndexOf(lineFeed), bytes.lastIndexOf(carriageReturn)) + 1;
  if (end > 0 || bytes.length < longestPiece) return end;
  let at = bytes.length;
  while (at > bytes.length - 4 && ((bytes[at - 1] ?? 0) & 0xc0) === 0x80) at -= 1;
  return at - 1;
}

function decodePiece(piece: Buffer, facts: TextFacts): string {
  if (isUtf8(piece)) return piece.toString('utf8');
  let text = '';
  for (let at = 0; at < piece.length;) {
    const end = endOfLine(piece, at);
    const line = piece.subarray(at, end);
    const isPlain = isUtf8(line);
    if (!isPlain) facts.windows1252Lines += 1;
    // Not by TextDecoder: in Node 20 it decodes 0x80 to 0x9F of Windows-1252 as control characters.
    text += isPlain ? line.toString('utf8') : iconv.decode(line, 'win1252');
    at = end;
  }
  return text;
}

function endOfLine(bytes: Buffer, from: number): number {
  const ends = [bytes.indexOf(lineFeed, from), bytes.indexOf(carriageReturn, from)].filter((at) => at >= 0);
  return ends.length > 0 ? Math.min(...ends) + 1 : bytes.length;
}

/** Programs with fixed columns fill them with NUL, which no text needs. */
function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '') : text;
}
