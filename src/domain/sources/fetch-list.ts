/** Fetches the list of a source and stores it as the file of an import. */
import { createHash } from 'node:crypto';
import { csvLine, type CsvStyle } from '../../csv/write.js';
import { DomainError } from '../../errors.js';
import { guardedGet, type Got } from '../../guarded-get.js';
import type { Import, ImportChoice } from '../../models/import.js';
import type { FetchedList, Source } from '../../models/source.js';
import { deleteFile } from '../../models/stored-file.js';
import { storeList } from '../imports/list-file.js';
import { inspectImport } from '../imports/start.js';
import type { SourceDeps } from './contract.js';
import { entriesOf } from './read-entries.js';
import { credentialHeaders } from './sources.js';

/** Bounds of one answer; the time is for all pages together, since other long jobs wait meanwhile. */
const limits = { totalMs: 5 * 60_000, idleMs: 30_000, mostBytes: 256_000_000, mostRedirects: 3 };
/** An answer in another form becomes such a file. */
const plain: CsvStyle = { delimiter: ',', newline: '\n', hasByteOrderMark: false };

/**
 * Fetches the list, only as fast as the database stores it.
 * @param one the import that is about to begin
 * @returns null if the list has not changed since the last import
 * @throws DomainError `INVALID_FILE` with one sentence; then nothing is left of it
 */
export async function fetchList(
  deps: SourceDeps,
  source: Source,
  one: Import,
): Promise<{ size: number; fetched: FetchedList; choice: ImportChoice } | null> {
  const { known, format } = source;
  const until = performance.now() + limits.totalMs;
  let first: Got | undefined;
  const get = async (url: string) => {
    const got = await guardedGet(url, {
      ...{ ...limits, privateAddresses: deps.config.privateSources },
      totalMs: Math.max(1, Math.floor(until - performance.now())),
      headers: { ...credentialHeaders(deps, source), ...(isPaged(format) ? {} : conditions(known)) },
    });
    first ??= got;
    if (got.status !== 200) got.drop();
    if (got.status === 304 && known) return empty();
    if (got.status !== 200) throw fault(statusWords(got.status));
    return got.body;
  };
  const hash = createHash('sha256');
  const bytes = format === 'CSV' ? await get(source.url) : linesOf(entriesOf(source, get));
  const hashed = async function* () {
    for await (const piece of bytes) {
      hash.update(piece);
      yield piece;
    }
  };
  try {
    const size = await storeList(deps, one._id, hashed());
    const header = (name: string) => (isPaged(format) ? null : (first?.header(name) ?? null));
    const fetched = {
      ...{ etag: header('etag'), lastModified: header('last-modified'), hash: hash.digest('base64url') },
    };
    if (first?.status === 304 || fetched.hash === known?.hash) {
      await deleteFile(deps.models, `import:${one._id}`);
      return null;
    }
    const stored = { ...one, file: { name: one.file?.name ?? '', size } };
    return { size, fetched, choice: await choiceOf(deps, source, stored) };
  } catch (error) {
    await deleteFile(deps.models, `import:${one._id}`);
    throw error;
  }
}

const isPaged = (format: Source['format']) => format === 'LISTMONK' || format === 'MAUTIC';

/** RFC 9110, section 13.1: a server that understands both uses the first. */
function conditions(known: FetchedList | null): Record<string, string> {
  return {
    ...(known?.etag ? { 'if-none-match': known.etag } : {}),
    ...(known?.lastModified ? { 'if-modified-since': known.lastModified } : {}),
  };
}

async function* empty(): AsyncGenerator<Uint8Array> {}

async function* linesOf(entries: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  yield Buffer.from('Address\n');
  for await (const entry of entries) yield Buffer.from(csvLine([entry], plain));
}

async function choiceOf(deps: SourceDeps, { format, field }: Source, one: Import): Promise<ImportChoice> {
  if (format !== 'CSV') {
    const country = (await deps.catalogue()).defaultCountry ?? null;
    return { encoding: 'UTF-8', delimiter: ',', headerLine: 1, column: 0, country };
  }
  const { guess, choice } = await inspectImport(deps, one);
  const plainly = (text: string) => text.trim().toLowerCase();
  const column = field
    ? guess.columns.find(({ name }) => plainly(name) === plainly(field))?.index
    : choice.column;
  if (column === undefined) throw fault('The file has no column of this name.');
  const { requireColumn } = await import('../../list-files/open-list.js');
  requireColumn(guess, one.channel === 'EMAIL' ? 'EMAIL' : 'PHONE', column ?? -1);
  return { ...choice, column };
}

function statusWords(status: number): string {
  const isRefused = status === 401 || status === 403;
  return `The server answered with status ${status}.${isRefused ? ' Check the credentials.' : ''}`;
}

const fault = (sentence: string) => new DomainError('INVALID_FILE', sentence);
