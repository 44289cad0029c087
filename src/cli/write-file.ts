/** Writes a file completely or not at all: an interruption or an error leaves no partial file. */
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DomainError } from '../errors.js';

/** Text is collected up to this many characters before it is written to the disk. */
const pieceLength = 65_536;

/**
 * Writes text to a temporary file first, then renames it. It reads the text only as fast as the disk writes.
 * @param file the target; `-` is standard output. Text that was written there, to a device or to a pipe cannot be taken back
 * @throws DomainError `INVALID_FILE` if it cannot be written or is interrupted, and the errors of `text`
 */
export async function writeWhole(file: string, text: AsyncIterable<string>): Promise<void> {
  if (file === '-') return toStandardOutput(text);
  if (await isDevice(file)) return toDevice(file, text);
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const target = createWriteStream(draft, { flags: 'wx', flush: true });
    await pipeline(Readable.from(pieces(text)), target, { signal: stop.signal });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw stop.signal.aborted
      ? new DomainError('INVALID_FILE', 'Interrupted; nothing was written.')
      : told(error, file);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

async function toStandardOutput(text: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(pieces(text)), process.stdout, { end: false });
  } catch (error) {
    // The reader has closed the pipe, as `head` does.
    if (codeOf(error) !== 'EPIPE' && codeOf(error) !== 'ERR_STREAM_PREMATURE_CLOSE')
      throw told(error, 'standard output');
  }
}

/** Devices and pipes are written to, never replaced: so a run as root does not replace `/dev/null`. */
async function isDevice(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

async function toDevice(file: string, text: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(pieces(text)), createWriteStream(file));
  } catch (error) {
    throw told(error, file);
  }
}

async function* pieces(text: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = '';
  for await (const part of text) {
    piece += part;
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = '';
  }
  if (piece) yield piece;
}

function told(error: unknown, file: string): unknown {
  const why: Record<string, string> = {
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    ENOENT: 'there is no such folder',
    EACCES: 'that is not permitted',
    EROFS: 'the disk is read-only',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of its path is not a folder',
  };
  const reason = why[codeOf(error)];
  return reason
    ? new DomainError('INVALID_FILE', `The file ${file} cannot be written: ${reason}.`, { cause: error })
    : error;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
