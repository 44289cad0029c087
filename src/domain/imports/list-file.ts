/** The files of an import: the uploaded list, its sorted addresses, its rejected rows, and what became of each contact. They expire a week after they were stored. */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { trusted } from 'mongoose';
import { DomainError } from '../../errors.js';
import type { ListFile } from '../../list-files/contract.js';
import type { Import } from '../../models/import.js';
import { findJobFile, readJobFile } from '../../models/job-file.js';
import { findFile, readFile, storeFile } from '../../models/stored-file.js';
import type { ImportDeps, WhichImport } from './contract.js';
import { importJob, requireImport } from './find.js';
import { lineOf, listedOf, type ListedAddress } from './sorted-addresses.js';

/** In bytes: 2 GiB. */
export const largestFile = 2_147_483_648;
const keptForMs = 7 * 24 * 3_600_000;

type FileDeps = Pick<ImportDeps, 'models' | 'clock'>;

const listId = (importId: string) => `import:${importId}`;
const rejectedId = (importId: string) => `import-rejected:${importId}`;
const inAWeek = ({ clock }: FileDeps) => new Date(clock().getTime() + keptForMs);

/**
 * Stores the list of an import, only as fast as the database takes it.
 * @returns its size in bytes
 * @throws DomainError `INVALID_FILE` if it is larger than 2 GiB; the errors of `bytes`. Then nothing is left of it.
 */
export async function storeList(
  deps: FileDeps,
  importId: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<number> {
  let size = 0;
  const bounded = async function* () {
    for await (const piece of bytes) {
      size += piece.length;
      if (size > largestFile)
        throw new DomainError(
          'INVALID_FILE',
          'The file is larger than 2 GiB: split it, and import each part.',
        );
      yield piece;
    }
  };
  await storeFile(deps.models, { id: listId(importId), expiresAt: inAWeek(deps) }, bounded());
  return size;
}

/**
 * Keeps the list of a confirmed import, and its sorted addresses, for another week.
 * @throws DomainError `CONFLICT` if it has expired
 */
export async function keepList(
  deps: FileDeps,
  { _id, listed }: Pick<Import, '_id' | 'listed'>,
): Promise<void> {
  const file = await findFile(deps.models, listId(_id), deps.clock());
  if (!file) throw new DomainError('CONFLICT', 'The file was deleted after a week: import it again.');
  const ids = [listId(_id), ...(listed ? [listed] : [])];
  await deps.models.storedFiles.updateMany(
    { _id: trusted({ $in: ids }) },
    { $set: { 'metadata.expiresAt': inAWeek(deps) } },
  );
}

/** The stored list as the reader of lists takes it. Its streams fail with `NOT_FOUND` once the file has expired. */
export function storedList({ models, clock }: FileDeps, one: Pick<Import, '_id' | 'file'>): ListFile {
  const { name, size } = one.file ?? { name: '', size: 0 };
  return {
    name,
    size,
    open: (start, end) => {
      const part = { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) };
      return Readable.from(readFile(models, listId(one._id), clock(), part));
    },
  };
}

/**
 * Stores the sorted addresses of an import.
 * @returns the id of the file: a new one each time, so that two checks at once never share a file
 */
export async function storeListed(
  deps: FileDeps,
  bins: AsyncIterable<readonly ListedAddress[]>,
): Promise<string> {
  const id = `import-listed:${randomUUID()}`;
  const bytes = async function* () {
    for await (const bin of bins) yield Buffer.from(bin.map(lineOf).join(''));
  };
  await storeFile(deps.models, { id, expiresAt: inAWeek(deps) }, bytes());
  return id;
}

/**
 * The sorted addresses of an import, some thousand at a time.
 * @param after only those with a greater id
 * @throws DomainError `NOT_FOUND` once the file has expired
 */
export async function* readListed(
  { models, clock }: FileDeps,
  id: string,
  after = '',
): AsyncGenerator<ListedAddress[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of readFile(models, id, clock())) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    const listed = lines.map(listedOf).filter(({ subscriberId }) => subscriberId > after);
    if (listed.length > 0) yield listed;
  }
}

/** Stores the rejected rows of an import; those of an earlier check are replaced. */
export async function storeRejected(
  deps: FileDeps,
  importId: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<void> {
  await storeFile(deps.models, { id: rejectedId(importId), expiresAt: inAWeek(deps) }, bytes);
}

/**
 * The rejected rows of an import as CSV: line, value, reason.
 * @returns null if no row was rejected, or the file has expired
 * @throws DomainError `NOT_FOUND` if the scope has no such import
 */
export async function rejectedRows(
  deps: FileDeps,
  which: WhichImport,
): Promise<AsyncGenerator<Uint8Array> | null> {
  const { _id, counts, contactCounts } = await requireImport(deps, which);
  const now = deps.clock();
  const file = (counts ?? contactCounts)?.rejected
    ? await findFile(deps.models, rejectedId(_id), now)
    : undefined;
  return file ? readFile(deps.models, rejectedId(_id), now) : null;
}

/**
 * What became of each row of an import of contacts, as CSV: line, address, contact, subscriptions, reasons.
 * @returns null before its end, and after a week
 * @throws DomainError `NOT_FOUND` if the scope has no such import
 */
export async function contactResults(
  deps: ImportDeps,
  which: WhichImport,
): Promise<AsyncGenerator<Uint8Array> | null> {
  const one = await requireImport(deps, which);
  const job = one.kind === 'CONTACTS' ? await importJob(deps, one) : null;
  const file = job && (await findJobFile(deps.models, job, deps.clock()));
  return file ? readJobFile(deps.models, file, deps.clock()) : null;
}
