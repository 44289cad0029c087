/** Decodes the bytes of a file: UTF-8 or UTF-16, and each line that is not UTF-8 as Windows-1252. */
import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';

/** Facts about a file that are found while it is read. */
export interface TextFacts {
  hasByteOrderMark: boolean;
  /** Lines that are not UTF-8, and were read as Windows-1252. */
  windows1252Lines: number;
}

/** The first bytes, which distinguish UTF-16 from other encodings. */
const sampleLength = 4096;
/** A line longer than this is decoded in pieces. */
const longestPiece = 1_048_576;
const [lineFeed, carriageReturn] = [0x0a, 0x0d];

/**
 * Decodes a file, chunk by chunk, without its byte order mark and without NUL characters.
 * Windows-1252 is decided per line. So one pass is enough, and a file joined from two encodings is read too.
 * @param facts filled while reading
 */
export async function* decodeText(
  bytes: AsyncIterable<Uint8Array>,
  facts: TextFacts,
): AsyncGenerator<string> {
  let decoder: ((chunk: Buffer, isLast: boolean) => string) | undefined;
  for await (const chunk of startTogether(bytes)) {
    if (!decoder) {
      const utf16 = utf16Of(chunk);
      facts.hasByteOrderMark = /^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)/.test(chunk.toString('latin1', 0, 3));
      decoder = utf16 ? utf16Decoder(utf16) : utf8Decoder(facts);
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

/** By its byte order mark, or because nearly every second byte is NUL, as in languages with Latin letters. */
function utf16Of(chunk: Buffer): 'utf-16le' | 'utf-16be' | null {
  if (chunk[0] === 0xff && chunk[1] === 0xfe) return 'utf-16le';
  if (chunk[0] === 0xfe && chunk[1] === 0xff) return 'utf-16be';
  const sample = chunk.subarray(0, sampleLength);
  const nuls = [0, 0];
  for (const [at, byte] of sample.entries()) if (byte === 0) nuls[at % 2] = (nuls[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = nuls;
  const enough = sample.length * 0.2;
  if (odd > enough && even < odd / 10) return 'utf-16le';
  return even > enough && odd < even / 10 ? 'utf-16be' : null;
}

function utf16Decoder(encoding: string): (chunk: Buffer, isLast: boolean) => string {
  const decoder = new TextDecoder(encoding);
  return (chunk, isLast) => decoder.decode(chunk, { stream: !isLast });
}

function utf8Decoder(facts: TextFacts): (chunk: Buffer, isLast: boolean) => string {
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
