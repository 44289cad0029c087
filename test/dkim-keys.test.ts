/** DKIM keys of the configuration: for one domain or several, and their faults. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readDkimKeys } from '../src/dkim-keys.js';
import { makeDkimKey } from './support/dkim.js';

const { privateKey } = makeDkimKey();
const one = { DKIM_DOMAIN: 'Example.com', DKIM_SELECTOR: 'one', DKIM_PRIVATE_KEY: privateKey };

function read(given: Record<string, string>) {
  const faults: string[] = [];
  return { keys: readDkimKeys(given, faults), faults };
}

it('reads the DKIM key of one domain, also as a PEM in one line', () => {
  const key = { domain: 'example.com', selector: 'one', privateKey: privateKey.trim() };
  expect(read(one)).toEqual({ keys: [key], faults: [] });
  const inOneLine = privateKey.trim().replaceAll('\n', '\\n');
  expect(read({ ...one, DKIM_PRIVATE_KEY: inOneLine }).keys).toEqual([key]);
  expect(read({})).toEqual({ keys: [], faults: [] });
});

it('reads DKIM keys of several domains, each in the variable or in its own file', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'sayso-dkim-')), 'key.pem');
  writeFileSync(file, privateKey);
  const listed = {
    'bücher.example': { selector: 'two', privateKey },
    'example.org': { selector: 'three', privateKeyFile: file },
  };
  const { keys, faults } = read({ ...one, DKIM_KEYS: JSON.stringify(listed) });
  expect(faults).toEqual([]);
  expect(keys.map(({ domain, selector }) => [domain, selector])).toEqual([
    ['example.com', 'one'],
    ['xn--bcher-kva.example', 'two'],
    ['example.org', 'three'],
  ]);
});

it('lists faults of DKIM keys by domain, and repeats no key', () => {
  const listed = {
    'EXAMPLE.com': { selector: 'two', privateKey },
    'no domain': { selector: 'one', privateKey },
    'example.org': { selector: 'one', privateKey: 'se-cret' },
    'example.net': { selector: 'one', privateKeyFile: '/nowhere/se-cret' },
  };
  const { keys, faults } = read({ ...one, DKIM_KEYS: JSON.stringify(listed) });
  expect(keys).toHaveLength(1);
  expect(faults.map((fault) => /not a domain|example\.\w+/.exec(fault)?.[0]).sort()).toEqual([
    'example.com',
    'example.net',
    'example.org',
    'not a domain',
  ]);
  expect(faults.join()).not.toMatch(/se-cret|PRIVATE KEY-/);
});

it.each(['se-cret', '[]', '{"example.com": {"selector": "s1"}}', '{"example.com": "se-cret"}'])(
  'says which form is expected when DKIM_KEYS is %s',
  (DKIM_KEYS) => {
    expect(read({ DKIM_KEYS }).faults).toEqual([expect.stringMatching(/^DKIM_KEYS (?!.*se-cret)/)]);
  },
);
