/** Reads the addresses of a source's answer: JSON, NDJSON, and the pages of listmonk and Mautic. */
import { z } from 'zod';
import { DomainError } from '../../errors.js';
import type { Source } from '../../models/source.js';

type Bytes = AsyncIterable<Uint8Array>;
/** Gets one URL; the answer has status 200. */
export type GetBytes = (url: string) => Promise<Bytes>;

/** In bytes: JSON is held in memory. */
const mostJson = 32_000_000;
const perPage = 1000;

/** The addresses of all entries; entries without one are left out, unless none has one. */
export async function* entriesOf(
  source: Pick<Source, 'url' | 'format' | 'path' | 'field' | 'channel'>,
  get: GetBytes,
): AsyncGenerator<string> {
  switch (source.format) {
    case 'LISTMONK':
      return yield* listmonk(source.url, get);
    case 'MAUTIC':
      return yield* mautic(source, get);
    case 'NDJSON':
      return yield* withField(jsonLines(await get(source.url)), source.field);
    default: {
      const found = at(await jsonOf(await get(source.url)), source.path);
      if (!Array.isArray(found))
        throw fault('There is no array at the path. Check the path into the object.');
      yield* withField(found, source.field);
    }
  }
}

async function* withField(
  entries: Iterable<unknown> | AsyncIterable<unknown>,
  field: string,
): AsyncGenerator<string> {
  let read = 0;
  let found = 0;
  for await (const entry of entries) {
    const value = typeof entry === 'string' ? entry : at(entry, field);
    read += 1;
    if (typeof value !== 'string' && typeof value !== 'number') continue;
    found += 1;
    yield String(value);
  }
  if (read > 0 && found === 0) throw fault('No entry has the field. Check the name of the field.');
}

const listmonkPage = z.object({
  data: z.object({ results: z.array(z.object({ id: z.number(), email: z.string(), status: z.string() })) }),
});

/**
 * listmonk, "GET /api/subscribers". Each page begins behind the last id: a subscriber that leaves meanwhile must not make the pages skip another one.
 */
async function* listmonk(base: string, get: GetBytes): AsyncGenerator<string> {
  for (let after = 0; ;) {
    const url = apiUrl(base, 'api/subscribers', {
      query: `subscribers.status = 'blocklisted' AND subscribers.id > ${after}`,
      ...{ order_by: 'id', order: 'asc', page: '1', per_page: String(perPage) },
    });
    const { data } = parsed(listmonkPage, await jsonOf(await get(url)), 'listmonk');
    for (const { email, status } of data.results) if (status === 'blocklisted') yield email;
    after = behind(
      after,
      data.results.map(({ id }) => id),
    );
    if (data.results.length < perPage) return;
  }
}

const mauticContact = z.object({
  id: z.coerce.number(),
  fields: z.object({ all: z.record(z.string(), z.unknown()) }),
  doNotContact: z.array(z.object({ channel: z.string(), reason: z.coerce.number() })).default([]),
});
// PHP writes an empty object as an array.
const mauticPage = z.object({
  contacts: z.union([z.record(z.string(), mauticContact), z.array(mauticContact)]),
});
/** Mautic's reason for a bounce. It is not an opt-out. */
const bounced = 2;

/** Mautic, "List Contacts", with its `where` conditions: all contacts, since the API has no list of those alone. */
async function* mautic({ url: base, channel }: Pick<Source, 'url' | 'channel'>, get: GetBytes) {
  const [name, field] = channel === 'EMAIL' ? ['email', 'email'] : ['sms', 'mobile'];
  for (let after = 0; ;) {
    const url = apiUrl(base, 'api/contacts', {
      ...{ 'where[0][col]': 'id', 'where[0][expr]': 'gt', 'where[0][val]': String(after) },
      ...{ orderBy: 'id', orderByDir: 'asc', start: '0', limit: String(perPage) },
    });
    const { contacts } = parsed(mauticPage, await jsonOf(await get(url)), 'Mautic');
    const page = Object.values(contacts);
    for (const { fields, doNotContact } of page) {
      const isOut = doNotContact.some((one) => one.channel === name && one.reason !== bounced);
      const value = fields.all[field];
      if (isOut && typeof value === 'string' && value !== '') yield value;
    }
    after = behind(
      after,
      page.map(({ id }) => id),
    );
    if (page.length < perPage) return;
  }
}

/** @throws DomainError if a page does not lie behind the last one: the server ignores the condition */
function behind(after: number, ids: readonly number[]): number {
  if (ids.some((id) => id <= after)) throw fault('The server sent a page twice.');
  return ids.reduce((most, id) => Math.max(most, id), after);
}

function apiUrl(base: string, path: string, query: Record<string, string>): string {
  const url = new URL(path, base.endsWith('/') ? base : `${base}/`);
  url.search = new URLSearchParams(query).toString();
  return url.href;
}

async function jsonOf(bytes: Bytes): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of bytes) {
    size += piece.length;
    if (size > mostJson) throw fault('The JSON is larger than 32 MB: use NDJSON or CSV.');
    pieces.push(piece);
  }
  return json(Buffer.concat(pieces).toString());
}

async function* jsonLines(bytes: Bytes): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of bytes) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > mostJson) throw fault('A line is larger than 32 MB.');
    for (const line of lines) if (line.trim()) yield json(line);
  }
  if (rest.trim()) yield json(rest);
}

/** A parser's message may quote an address. */
function json(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw fault('The answer is not JSON.');
  }
}

function at(value: unknown, path: string): unknown {
  const names = path === '' ? [] : path.split('.');
  return names.reduce<unknown>(
    (within, name) =>
      typeof within === 'object' && within !== null && Object.hasOwn(within, name)
        ? Reflect.get(within, name)
        : undefined,
    value,
  );
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, name: string): T {
  const read = schema.safeParse(value);
  if (!read.success) throw fault(`The answer is not one of ${name}. Check the URL.`);
  return read.data;
}

const fault = (sentence: string) => new DomainError('INVALID_FILE', sentence);
