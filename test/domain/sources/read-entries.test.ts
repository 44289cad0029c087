/** The formats of sources, and the pages of listmonk and Mautic. */
import { describe, expect, it } from 'vitest';
import { entriesOf } from '../../../src/domain/sources/read-entries.js';
import { nextRun } from '../../../src/domain/sources/next-run.js';
import type { Source } from '../../../src/models/source.js';

type Kind = Pick<Source, 'format'> & Partial<Pick<Source, 'path' | 'field' | 'channel'>>;

/** @param answer the body for a URL */
async function read(kind: Kind, answer: (url: URL) => string): Promise<string[]> {
  const source = {
    url: 'https://lists.example.com/base',
    path: '',
    field: '',
    channel: 'EMAIL',
    ...kind,
  } as const;
  const found: string[] = [];
  const get = async (url: string) => bytesOf(answer(new URL(url)));
  for await (const address of entriesOf(source, get)) found.push(address);
  return found;
}

/** In small pieces, so that characters and lines are cut. */
async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
}

describe('JSON', () => {
  it.each<[string, Omit<Kind, 'format'>, unknown]>([
    ['texts', {}, ['a@example.com', 'ø@example.com']],
    [
      'objects',
      { field: 'email' },
      [{ email: 'a@example.com' }, { email: 'ø@example.com' }, { email: null }],
    ],
    [
      'a path into an object',
      { path: 'data.list', field: 'person.email' },
      { data: { list: [{ person: { email: 'a@example.com' } }, { person: { email: 'ø@example.com' } }] } },
    ],
  ])('of %s', async (_name, kind, value) => {
    const addresses = ['a@example.com', 'ø@example.com'];
    expect(await read({ format: 'JSON', ...kind }, () => JSON.stringify(value))).toEqual(addresses);
  });

  it.each<[string, Omit<Kind, 'format'>, string]>([
    ['no JSON', {}, '<html>'],
    ['a cut answer', {}, '["a@example.com",'],
    ['no array', { path: 'data' }, '{"data":{}}'],
    ['no such field', { field: 'email' }, '[{"mail":"a@example.com"}]'],
  ])('is refused: %s', async (_name, kind, text) => {
    await expect(read({ format: 'JSON', ...kind }, () => text)).rejects.toMatchObject({
      code: 'INVALID_FILE',
    });
  });
});

it('NDJSON is read line by line', async () => {
  const text = '{"email":"a@example.com"}\r\n\n{"email":"ø@example.com"}';
  const addresses = ['a@example.com', 'ø@example.com'];
  expect(await read({ format: 'NDJSON', field: 'email' }, () => text)).toEqual(addresses);
});

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('listmonk', () => {
  const all = numbers(1001).map((id) => ({ id, email: `l${id}@example.com`, status: 'blocklisted' }));

  it('is read by pages that begin behind the last id, although a subscriber leaves meanwhile', async () => {
    const asked: string[] = [];
    const found = await read({ format: 'LISTMONK' }, ({ pathname, searchParams }) => {
      asked.push(pathname);
      const [, after = ''] =
        /status = 'blocklisted' AND subscribers\.id > (\d+)$/.exec(searchParams.get('query') ?? '') ?? [];
      const left = all.filter(({ id }) => id > Number(after) && (after === '0' || id !== 5));
      return JSON.stringify({ data: { results: left.slice(0, Number(searchParams.get('per_page'))) } });
    });
    expect(asked).toEqual(['/base/api/subscribers', '/base/api/subscribers']);
    expect(found).toEqual(all.map(({ email }) => email));
  });

  it('is refused if the server ignores the query, so that no page is read again and again', async () => {
    const page = JSON.stringify({ data: { results: all.slice(0, 1000) } });
    await expect(read({ format: 'LISTMONK' }, () => page)).rejects.toMatchObject({ code: 'INVALID_FILE' });
  });
});

it('Mautic gives contacts with a do-not-contact of the channel that is not a bounce', async () => {
  const contact = (id: number, doNotContact: object[]) => ({
    id,
    fields: { all: { id, email: `m${id}@example.com`, mobile: '+4712345678' } },
    doNotContact,
  });
  const contacts = {
    1: contact(1, [{ channel: 'email', reason: 1 }]),
    2: contact(2, []),
    3: contact(3, [{ channel: 'email', reason: 2 }]),
    4: contact(4, [{ channel: 'sms', reason: 3 }]),
    5: contact(5, [{ channel: 'email', reason: 3 }]),
  };
  const answer = () => JSON.stringify({ total: '5', contacts });
  expect(await read({ format: 'MAUTIC' }, answer)).toEqual(['m1@example.com', 'm5@example.com']);
  expect(await read({ format: 'MAUTIC', channel: 'SMS' }, answer)).toEqual(['+4712345678']);
  expect(await read({ format: 'MAUTIC' }, () => '{"total":0,"contacts":[]}')).toEqual([]);
});

describe('the next run', () => {
  it.each([
    ['DAILY', '02:30', '2026-11-28T12:00:00Z', '2026-11-29T01:30:00.000Z'],
    ['DAILY', '02:30', '2026-11-28T01:30:00Z', '2026-11-29T01:30:00.000Z'],
    ['DAILY', '02:30', '2026-11-28T01:29:59Z', '2026-11-28T01:30:00.000Z'],
    ['DAILY', '12:00', '2026-03-28T12:00:00Z', '2026-03-29T10:00:00.000Z'],
    ['DAILY', '12:00', '2026-10-24T12:00:00Z', '2026-10-25T11:00:00.000Z'],
    ['HOURLY', '00:15', '2026-11-28T12:15:00Z', '2026-11-28T13:15:00.000Z'],
    ['HOURLY', '07:15', '2026-11-28T12:14:30Z', '2026-11-28T12:15:00.000Z'],
  ] as const)('%s at %s after %s', (every, at, now, next) => {
    expect(nextRun({ every, at }, new Date(now), 'Europe/Oslo').toISOString()).toBe(next);
  });
});
