/** Opens a ZIP file for reading its entries as streams, with limits, since a small file can unpack to any size. */
import type { Readable } from 'node:stream';
import yauzl from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { DomainError } from '../errors.js';

/** Bytes that can be read in parts. */
export interface ByteSource {
  size: number;
  /** The bytes from `start` until before `end`; by default all of them. */
  open: (start?: number, end?: number) => Readable;
}

export interface Zip {
  names: readonly string[];
  /** The size of an entry once it is unpacked, in bytes; 0 if the ZIP file does not have it. */
  sizeOf: (name: string) => number;
  /** The bytes of an entry; none if the ZIP file does not have it. Errors: `INVALID_FILE` if it is damaged or unpacks to too much. */
  read: (name: string) => AsyncGenerator<Buffer>;
  /** True if any entry is encrypted. */
  isEncrypted: boolean;
}

const mostEntries = 10_000;
/** For one entry. A workbook with as many rows as Excel allows has a sheet of 100 to 500 MB. */
const mostBytes = 4 * 1024 ** 3;

/** The library takes a class. */
class PartReader extends yauzl.RandomAccessReader {
  constructor(private readonly source: ByteSource) {
    super();
  }
  override _readStreamForRange(start: number, end: number): Readable {
    return this.source.open(start, end);
  }
}

/**
 * Reads the list of entries. The sizes that it states are checked while an entry is unpacked.
 * @throws DomainError `INVALID_FILE` if it is damaged or has too many entries
 */
export async function openZip(source: ByteSource): Promise<Zip> {
  const entries = new Map<string, Entry>();
  const zip = await sound(
    yauzl.fromRandomAccessReaderPromise(new PartReader(source), source.size, { autoClose: false }),
  );
  if (zip.entryCount > mostEntries) throw damaged();
  try {
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
  } catch {
    throw damaged();
  }
  return {
    names: [...entries.keys()].filter((name) => !name.endsWith('/')),
    sizeOf: (name) => entries.get(name)?.uncompressedSize ?? 0,
    isEncrypted: [...entries.values()].some((entry) => entry.isEncrypted()),
    read: (name) => bytesOf(zip, entries.get(name)),
  };
}

async function* bytesOf(zip: ZipFile, entry: Entry | undefined): AsyncGenerator<Buffer> {
  if (!entry) return;
  if (entry.uncompressedSize > mostBytes)
    throw new DomainError('INVALID_FILE', 'The file unpacks to more than 4 GB: save the list as CSV.');
  const stream = await sound(zip.openReadStreamPromise(entry));
  try {
    for await (const chunk of stream) if (Buffer.isBuffer(chunk)) yield chunk;
  } catch {
    throw damaged();
  }
}

async function sound<T>(opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch {
    throw damaged();
  }
}

/** For a file that begins like a ZIP file or a workbook and cannot be read to its end. */
export function damaged(): DomainError {
  return new DomainError(
    'INVALID_FILE',
    'The file is damaged or incomplete: open it in a spreadsheet program and save it again.',
  );
}
