/** The last line of defence: what it removes, what it keeps, and that JSON stays valid. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scrub, scrubOf } from '../src/scrub.js';
import { findCanaries } from './support/canary.js';

const shortSpelling = `k3yedHashOfAliceAdr00A.ea1b2c3.0.1.0.tbfpz1.nb.spring-2026.${'a1_-'.repeat(21)}ab`;
const token = `${Buffer.from('{"alg":"EdDSA","typ":"prefs+jwt"}').toString('base64url')}.${'a1_-'.repeat(20)}.${'Zz09'.repeat(21)}`;

describe('scrub', () => {
  it.each([
    ['an address', 'no mailbox for alice@example.com here', 'no mailbox for [address] here'],
    ['an address in angle brackets', 'RCPT TO:<alice+news@mail.example.com> 550', 'RCPT TO:<[address]> 550'],
    ['an address of an international domain', 'to bob@bücher.example', 'to [address]'],
    ['a percent-encoded address', '?email=dana%40example.com&x=1', '?email=[address]&x=1'],
    ['a token', `bad token ${token}!`, 'bad token [token]!'],
    [
      'a token in its short spelling',
      `<mailto:a?subject=opt-out%20${shortSpelling}>`,
      '<mailto:a?subject=opt-out%20[token]>',
    ],
    ['the same behind a line break in JSON', `{"a":"\\n${shortSpelling}"}`, '{"a":"\\n[token]"}'],
    [
      'the beginning of a token',
      `bad token ${token.slice(0, 40)}…`,
      'bad token […]'.replace('…', 'token') + '…',
    ],
    ['a broken token in a path', 'GET /p/zzz.123456789.abc?lang=nb', 'GET /p/[token]?lang=nb'],
    [
      'a one-time link of the staff',
      'at https://sayso.example/admin/setup/a1_-a1_-a1_- now',
      'at https://sayso.example/admin/setup/[token] now',
    ],
    ['an invitation', 'GET /admin/welcome/Zz09Zz09Zz09?x', 'GET /admin/welcome/[token]?x'],
    ['nothing from a route pattern', 'GET /admin/welcome/:token', 'GET /admin/welcome/:token'],
    [
      'the secret of a provider’s URL',
      'POST /hooks/sendgrid/k3Vb-9f_Q2sT/L3BclBUNiphnwV-WN7GQ failed',
      'POST /hooks/sendgrid/k3Vb-9f_Q2sT/[secret] failed',
    ],
    ['nothing from its pattern', 'POST /hooks/:provider/:id/:secret', 'POST /hooks/:provider/:id/:secret'],
    [
      'the credentials of a URI',
      'mongodb://sayso:pa%40ss@db1.example.com:27017/sayso',
      'mongodb://[credentials]@db1.example.com:27017/sayso',
    ],
    [
      'the user of a mail server',
      'smtps://portal@example.com:secret@mail.example.com',
      'smtps://[credentials]@mail.example.com',
    ],
    ['a phone number', 'sms to +4790012345 failed', 'sms to [phone] failed'],
    [
      'the values of a duplicate key',
      'E11000 duplicate key error collection: sayso.subscribers index: _id_ dup key: { _id: "a}b", n: 3 }',
      'E11000 duplicate key error collection: sayso.subscribers index: _id_ dup key: [values]',
    ],
    ['a key in PEM', 'x -----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY----- y', 'x [key] y'],
    ['a key in PEM that was cut off', 'x -----BEGIN EC PRIVATE KEY-----\nMC4CAQ', 'x [key]'],
    [
      'the private part of a JWK',
      `{"kty":"OKP","d":"${'q'.repeat(43)}","x":"public"}`,
      '{"kty":"OKP","d":"[key]","x":"public"}',
    ],
  ])('removes %s', (_what, text, clean) => {
    expect(scrub(text)).toBe(clean);
  });

  it.each([
    'listening on http://127.0.0.1:8080',
    'at Object.<anonymous> (/app/node_modules/@scope/thing/index.js:12:3)',
    'package left-pad@1.3.0 is missing',
    '2026-11-22T05:32:12.000+0000',
    '{"requestId":"0199b1e2-4f0c-7c3a-9d2e-1c2b3a4d5e6f","route":"/p/:token","status":200,"ms":1.2}',
    'GET /p/:token',
  ])('keeps %s', (text) => {
    expect(scrub(text)).toBe(text);
  });

  it('keeps a line of JSON valid, whatever surrounds the removed text', () => {
    const secret = fc.constantFrom(
      'alice@example.com',
      token,
      'mongodb://a:b@host.example/x',
      '+4790012345',
      'dup key: { _id: "x\\y", b: "}" }',
      '-----BEGIN PRIVATE KEY-----\nab\n-----END PRIVATE KEY-----',
    );
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string({ unit: 'grapheme' }),
            fc.constantFrom('\n', '\\', '"', '\t', '\u0001', '\\n'),
            secret,
          ),
        ),
        (parts) => {
          const line = JSON.stringify({ message: parts.join('') });
          expect(() => JSON.parse(scrub(line)) as unknown).not.toThrow();
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('leaves no address or token, whatever precedes it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ \n\t"'<>,;:=(){}[\]\\/]{0,4}$/), fc.boolean(), (before, isJson) => {
        const text = `${before}alice@example.com ${before}${token} ${before}+4790012345`;
        const clean = scrub(isJson ? JSON.stringify(text) : text);
        expect(findCanaries(clean, ['alice@example.com', token, '+4790012345'])).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes time in proportion to the text', () => {
    const startedAt = performance.now();
    for (const text of [
      'a'.repeat(200_000) + '@',
      'eyJ'.repeat(60_000),
      'x@'.repeat(100_000),
      '\\'.repeat(100_000) + '@',
      '-----BEGIN PRIVATE KEY-----'.repeat(5000),
      '"d":"'.repeat(40_000),
      'a.'.repeat(90_000) + '@',
    ])
      scrub(text);
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});

describe('scrubOf', () => {
  it('knows this process’s secrets, also as JSON and URIs write them', () => {
    const secret = 'k"y/with=odd characters';
    const clean = scrubOf([secret, 'short']);
    expect(clean(`a ${secret} b`)).toBe('a [secret] b');
    expect(clean(JSON.stringify({ secret }))).toBe('{"secret":"[secret]"}');
    expect(clean(`?k=${encodeURIComponent(secret)}`)).toBe('?k=[secret]');
    expect(clean('a short word')).toBe('a short word');
  });

  it.each([
    ['smtp://mailer:p%40ss-word%2F1@mail.example.com:587', ['p%40ss-word%2F1', 'p@ss-word/1']],
    ['smtp://mailer:se#cret-word@127.0.0.1:25', ['se#cret-word']],
    ['mongodb://sayso:a%zz-secret@db1,db2/sayso', ['a%zz-secret']],
  ])('knows the password inside %s', (url, passwords) => {
    const clean = scrubOf([url]);
    for (const password of passwords) expect(clean(`refused: ${password}`)).toBe('refused: [secret]');
  });
});
