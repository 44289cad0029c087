/** A URL stays under 500 characters at the maximum length of every part, so that no mail client breaks it. */
import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readConfig, tokenAlgorithms } from '../../../src/config.js';
import { unsubscribeHeaders } from '../../../src/domain/links/link-set.js';
import { readUnsubscribeMail } from '../../../src/mail/inbound.js';
import { paths } from '../../../src/paths.js';
import { largestEpoch, largestId } from '../../../src/tokens/claims.js';
import { shortToken } from '../../../src/tokens/short-token.js';
import { keyFileOf, tokensOf } from '../../support/key-file.js';

const baseUrl = `https://${'a'.repeat(46)}.${'b'.repeat(9)}`;
const unsubscribeMailto = `${'unsubscribe.'.repeat(5)}me@${'mail.'.repeat(20)}example.com`;
/** The last second in which a ten-year link still has a time of ten digits. */
const late = new Date('2276-01-01T00:00:00Z');
const longest = {
  subscriberId: 'k3yedHashOfAliceAdr00A',
  unitId: largestId,
  typeId: largestId,
  locale: 'nb',
  epoch: largestEpoch,
  campaign: 'x'.repeat(40),
};

describe.each(tokenAlgorithms)('the longest URL with a %s key', (algorithm) => {
  it('is shorter than 500 characters', async () => {
    expect(baseUrl).toHaveLength(64);
    const file = await keyFileOf(algorithm);
    await writeFile(file, (await readFile(file, 'utf8')).replace(/"kid": "\w+"/, '"kid": "12345678"'));
    const { tokens } = await tokensOf(file, { algorithm, issuer: 'i'.repeat(12), linkLifetimeDays: 3650 });
    const { typeId: _type, campaign: _campaign, ...common } = longest;
    const copied = { ...common, typeId: largestId, copiedBy: 'u'.repeat(12) };
    const urls = [
      paths.preferences(await tokens.mint('preferences', longest, late)),
      paths.preferences(await tokens.mint('preferences', copied, late)),
      paths.unsubscribe(await tokens.mint('unsubscribe', longest, late)),
      paths.oneClick(await tokens.mint('unsubscribe', longest, late)),
      paths.confirm(await tokens.mint('confirm', { ...common, pendingId: 'p'.repeat(36) }, late)),
    ];
    for (const url of urls) expect((baseUrl + url).length).toBeLessThan(500);
  });

  it('leaves the header within 998 characters a line, even unfolded (RFC 5322, section 2.1.1)', async () => {
    const { tokens } = await tokensOf(await keyFileOf(algorithm), { algorithm, issuer: 'i'.repeat(12) });
    const token = await tokens.mint('unsubscribe', longest, late);
    const header = unsubscribeHeaders({ baseUrl, unsubscribeMailto }, token)['List-Unsubscribe'];
    for (const part of header.split(', ')) expect(part.length).toBeLessThan(998);
  });

  it('leaves the subject of an unsubscribe mail under 200 characters, since servers cut at 255', async () => {
    const file = await keyFileOf(algorithm);
    await writeFile(file, (await readFile(file, 'utf8')).replace(/"kid": "\w+"/, '"kid": "12345678"'));
    const { tokens } = await tokensOf(file, { algorithm, issuer: 'i'.repeat(12) });
    const token = await tokens.mint('unsubscribe', longest, late);
    const header = unsubscribeHeaders({ baseUrl, unsubscribeMailto }, token)['List-Unsubscribe'];
    const subject = new URL(/<(mailto:[^>]+)>/.exec(header)?.[1] ?? '').searchParams.get('subject') ?? '';
    expect(subject.length).toBeLessThan(200);
    expect(await readUnsubscribeMail(Buffer.from(`Subject: ${subject}\r\n\r\n`), 'i'.repeat(12))).toBe(token);
  });
});

it('the longest URL cannot be exceeded by configuration', () => {
  const wrong = {
    BASE_URL: `${baseUrl}b`,
    TOKEN_ISSUER: 'i'.repeat(13),
    SUBSCRIBER_ID_KEY: 'k'.repeat(43),
    TOKEN_KEYS_FILE: 'x',
    UNSUBSCRIBE_MAILTO: 'u@example.com',
  };
  expect(() => readConfig(wrong)).toThrow(
    /BASE_URL is longer than 64 characters[^]*TOKEN_ISSUER is not 1 to 12/,
  );
});

it('the unsubscribe header escapes what an address may hold and a URL may not (RFC 6068)', async () => {
  const { tokens } = await tokensOf(await keyFileOf('Ed25519'));
  const token = await tokens.mint('unsubscribe', longest, late);
  const config = { baseUrl: 'https://m.example', unsubscribeMailto: 'stop&go+x%y@example.com' };
  expect(unsubscribeHeaders(config, token)['List-Unsubscribe']).toBe(
    `<https://m.example/o/${token}>, <mailto:stop%26go%2Bx%25y@example.com?subject=opt-out%20${shortToken(token)}>`,
  );
});
