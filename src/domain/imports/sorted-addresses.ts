/**
 * Sorts the addresses of a list by subscriber id and drops duplicates, in bounded memory: in one temporary file, which has no name any more once it
 * is open, so that a killed process leaves nothing (decision 0635).
 */
import { constants } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ListedAddress {
  subscriberId: string;
  address: string;
}

/** Part of the addresses: those whose ids begin alike. */
interface Bin {
  /** Its newest lines, in UTF-8. As strings they would survive many collections of garbage, and the heap would grow with the list. */
  newest: Buffer;
  /** Bytes of them. */
  length: number;
  blocks: { at: number; bytes: number }[];
}

/** Bytes of a bin that are held in memory. A line is much shorter. */
const blockLength = { few: 32_768, many: 4096 };
/** From this size of the list on, there are 4,096 bins, not 64: a bin is sorted in memory. */
const manyFromBytes = 64 * 1024 * 1024;
/** HMAC-SHA-256 cut to 128 bits, in base64url. */
const idLength = 22;

/** An address as a line of a file: its id, then itself. Ids have the same length, so lines sort as their ids do. */
export const lineOf = ({ subscriberId, address }: ListedAddress): string => `${subscriberId}${address}\n`;

/** @param line without its end */
export const listedOf = (line: string): ListedAddress => ({
  subscriberId: line.slice(0, idLength),
  address: line.slice(idLength),
});

/** Opens an empty sorter. Close it in any case. @param listBytes the size of the list */
export async function openSorter(listBytes: number) {
  const name = join(tmpdir(), `sayso-import-${randomBytes(12).toString('hex')}`);
  const file = await open(name, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  await rm(name);
  const isMany = listBytes > manyFromBytes;
  const prefixLength = isMany ? 2 : 1;
  const most = isMany ? blockLength.many : blockLength.few;
  const bins = new Map<string, Bin>();
  let end = 0;

  async function flush(bin: Bin): Promise<void> {
    const at = end;
    bin.blocks.push({ at, bytes: bin.length });
    end += bin.length;
    await file.write(bin.newest, 0, bin.length, at);
    bin.length = 0;
  }

  return {
    /** Adds one address; the same one may come again. */
    async add(one: ListedAddress): Promise<void> {
      const prefix = one.subscriberId.slice(0, prefixLength);
      let bin = bins.get(prefix);
      if (!bin) bins.set(prefix, (bin = { newest: Buffer.allocUnsafeSlow(most), length: 0, blocks: [] }));
      const line = lineOf(one);
      if (bin.length + Buffer.byteLength(line) > most) await flush(bin);
      bin.length += bin.newest.write(line, bin.length);
    },
    /** The addresses in the order of their ids, each once, a bin at a time. */
    async *read(): AsyncGenerator<ListedAddress[]> {
      for (const prefix of [...bins.keys()].sort()) {
        const bin = bins.get(prefix);
        if (bin) yield distinctOf(await readBin(file, bin));
      }
    },
    close: () => file.close(),
  };
}

async function readBin(file: FileHandle, { newest, length, blocks }: Bin): Promise<string[]> {
  const texts: string[] = [];
  for (const { at, bytes } of blocks) {
    const { buffer } = await file.read(Buffer.allocUnsafe(bytes), 0, bytes, at);
    texts.push(buffer.toString());
  }
  texts.push(newest.toString('utf8', 0, length));
  return texts.join('').split('\n').slice(0, -1);
}

function distinctOf(lines: string[]): ListedAddress[] {
  const listed: ListedAddress[] = [];
  for (const one of lines.sort().map(listedOf))
    if (one.subscriberId !== listed.at(-1)?.subscriberId) listed.push(one);
  return listed;
}

/** The same addresses in arrays of exactly this length; the last one may be shorter. */
export async function* inParts(
  bins: AsyncIterable<ListedAddress[]>,
  length: number,
): AsyncGenerator<ListedAddress[]> {
  let waiting: ListedAddress[] = [];
  for await (const bin of bins) {
    waiting = waiting.length > 0 ? [...waiting, ...bin] : bin;
    let at = 0;
    for (; at + length <= waiting.length; at += length) yield waiting.slice(at, at + length);
    waiting = waiting.slice(at);
  }
  if (waiting.length > 0) yield waiting;
}
