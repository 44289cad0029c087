/** Reads a file that a command names. */
import { createReadStream } from 'node:fs';
import { DomainError } from '../errors.js';

/**
 * The bytes of a file; `-` is standard input.
 * @throws DomainError `INVALID_FILE` if it cannot be read
 */
export async function* bytesOf(file: string): AsyncGenerator<Uint8Array> {
  const stream: AsyncIterable<Buffer> = file === '-' ? process.stdin : createReadStream(file);
  try {
    yield* stream;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown fault';
    const why = code === 'ENOENT' ? 'there is none' : code === 'EISDIR' ? 'it is a folder' : code;
    throw new DomainError('INVALID_FILE', `The file ${file} cannot be read: ${why}.`, { cause: error });
  }
}
