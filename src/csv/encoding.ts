/** The encodings that files have, and how the encoding of a file is detected. */
import { isUtf8 } from 'node:buffer';

/** Names as the Encoding Standard and iconv-lite have them. */
export const encodings = [
  'UTF-8',
  'UTF-16LE',
  'UTF-16BE',
  'windows-1252',
  'windows-1250',
  'windows-1251',
  'windows-1253',
  'windows-1254',
  'windows-1257',
  'ISO-8859-1',
  'ISO-8859-2',
  'ISO-8859-15',
  'macintosh',
  'cp850',
  'cp865',
  'KOI8-R',
  'Shift_JIS',
  'GB18030',
  'Big5',
  'EUC-KR',
] as const;
export type Encoding = (typeof encodings)[number];

/** The first bytes, which distinguish UTF-16 from other encodings. */
const utf16Sample = 4096;

/** By its byte order mark, or because nearly every second byte is NUL, as in languages with Latin letters. */
export function utf16Of(bytes: Uint8Array): 'UTF-16LE' | 'UTF-16BE' | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'UTF-16LE';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'UTF-16BE';
  const sample = bytes.subarray(0, utf16Sample);
  const nuls = [0, 0];
  for (const [at, byte] of sample.entries()) if (byte === 0) nuls[at % 2] = (nuls[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = nuls;
  const enough = sample.length * 0.2;
  if (odd > enough && even < odd / 10) return 'UTF-16LE';
  return even > enough && odd < even / 10 ? 'UTF-16BE' : null;
}

/**
 * Detects the encoding of a text from its beginning: byte order mark, UTF-16, UTF-8, then the guess of jschardet, then Windows-1252. The library is
 * loaded only for a file that is not Unicode.
 */
export async function guessEncoding(start: Buffer): Promise<Encoding> {
  const utf16 = utf16Of(start);
  if (utf16) return utf16;
  if (isMostlyUtf8(start)) return 'UTF-8';
  const { detect } = await import('jschardet');
  // The library has another name for the encoding of Excel on a Mac than the Encoding Standard.
  const guessed = plainName(detect(start).encoding ?? '').replace('macroman', 'macintosh');
  const known = encodings.find((one) => plainName(one) === guessed);
  // Windows-1252 has all letters of ISO-8859-1, and the euro sign.
  return known && known !== 'UTF-8' && known !== 'ISO-8859-1' ? known : 'windows-1252';
}

const plainName = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/**
 * True if at least half of the lines with other than ASCII letters are UTF-8, which other encodings are hardly ever by chance: a file may be joined
 * from two, and its last letter may be cut.
 */
function isMostlyUtf8(start: Buffer): boolean {
  if (isUtf8(start)) return true;
  const lines = start
    .toString('latin1')
    .split(/[\r\n]+/)
    .filter((line) => /[^\x00-\x7f]/.test(line))
    .map((line) => Buffer.from(line, 'latin1'));
  const sound = lines.filter(
    (line, at) =>
      isUtf8(line) || (at === lines.length - 1 && [1, 2, 3].some((cut) => isUtf8(line.subarray(0, -cut)))),
  );
  return sound.length > 0 && sound.length * 2 >= lines.length;
}
