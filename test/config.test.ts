/** Configuration: read once, every fault reported at once, and `.env.example` names exactly what is read. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig, variableNames } from '../src/config.js';
import { secretNames } from '../src/environment.js';
import { DomainError } from '../src/errors.js';

const right = {
  BASE_URL: 'https://preferences.example.com',
  SUBSCRIBER_ID_KEY: 'k'.repeat(43),
  TOKEN_KEYS_FILE: 'var/token-keys.json',
  UNSUBSCRIBE_MAILTO: 'unsubscribe@example.com',
};
const production = {
  ...right,
  NODE_ENV: 'production',
  UNSUBSCRIBE_MAILTO: 'unsubscribe@northwind.internal',
  MONGODB_URI: 'mongodb://one.example.com,two.example.com/sayso?replicaSet=rs0',
  SMTP_URL: 'smtp://mail.example.com',
};

/** Lines of the fault for a wrong environment, without the heading. */
function faultsOf(env: NodeJS.ProcessEnv): string[] {
  try {
    readConfig(env);
  } catch (fault) {
    if (!(fault instanceof DomainError) || fault.code !== 'INVALID_CONFIGURATION') throw fault;
    return fault.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  throw new Error('this configuration was taken as right');
}

function fileWith(content: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'sayso-config-')), 'secret');
  writeFileSync(file, content);
  return file;
}

describe('readConfig', () => {
  it('accepts a small valid environment and fills in the rest', () => {
    const config = readConfig(right);
    expect(config).toMatchObject({
      environment: 'development',
      host: '127.0.0.1',
      port: 8080,
      metricsPort: undefined,
      mongodbUri: undefined,
      smtpUrl: undefined,
      tokenAlgorithm: 'Ed25519',
      tokenIssuer: 'sayso',
      linkLifetimeDays: 180,
      mailsPerAddressPerDay: 3,
      logLevel: 'info',
    });
  });

  it('returns an object that cannot be changed', () => {
    expect(Object.isFrozen(readConfig(right))).toBe(true);
  });

  it('lists every missing variable at once, and what each is for', () => {
    const faults = faultsOf({});
    for (const name of Object.keys(right)) {
      expect(faults.filter((fault) => fault.startsWith(`${name} is missing`))).toHaveLength(1);
    }
    expect(faults).toHaveLength(4);
  });

  it('lists every invalid variable at once', () => {
    const faults = faultsOf({
      ...right,
      NODE_ENV: 'staging',
      BASE_URL: 'preferences.example.com',
      PORT: '70000',
      METRICS_PORT: 'nine',
      MONGODB_URI: 'postgres://x',
      SUBSCRIBER_ID_KEY: 'short',
      TOKEN_ALGORITHM: 'none',
      TOKEN_ISSUER: 'much too long for a short link',
      LINK_LIFETIME_DAYS: '0',
      SMTP_URL: 'http://mail.example.com',
      UNSUBSCRIBE_MAILTO: 'nobody',
      INBOUND_SECRET: 'short',
      TRUST_PROXY_HOPS: '-1',
      LOG_LEVEL: 'loud',
      SHUTDOWN_SECONDS: 'soon',
    });
    const named = new Set(faults.map((fault) => fault.split(' ')[0]));
    expect([...named].sort()).toEqual(
      [
        'BASE_URL',
        'INBOUND_SECRET',
        'LINK_LIFETIME_DAYS',
        'LOG_LEVEL',
        'METRICS_PORT',
        'MONGODB_URI',
        'NODE_ENV',
        'PORT',
        'SHUTDOWN_SECONDS',
        'SMTP_URL',
        'SUBSCRIBER_ID_KEY',
        'TOKEN_ALGORITHM',
        'TOKEN_ISSUER',
        'TRUST_PROXY_HOPS',
        'UNSUBSCRIBE_MAILTO',
      ].sort(),
    );
  });

  it('says which numbers and choices are allowed', () => {
    expect(faultsOf({ ...right, PORT: 'nine', LOG_LEVEL: 'loud', TRUST_PROXY_HOPS: '1.5' })).toEqual([
      'PORT is not a whole number from 0 to 65535',
      'TRUST_PROXY_HOPS is not a whole number from 0 to 10',
      'LOG_LEVEL is none of fatal, error, warn, info, debug, trace, silent',
    ]);
  });

  it('never repeats a wrong secret in its message', () => {
    const secret = 'hunter2-hunter2';
    const faults = faultsOf({
      ...right,
      SUBSCRIBER_ID_KEY: secret,
      SMTP_URL: secret,
      MONGODB_URI: secret,
      INBOUND_SECRET: secret,
    });
    expect(faults).toHaveLength(4);
    expect(faults.join('\n')).not.toContain(secret);
  });

  it('treats an empty variable as not set', () => {
    expect(readConfig({ ...right, MONGODB_URI: '', METRICS_PORT: '  ', TOKEN_ISSUER: '' })).toMatchObject({
      mongodbUri: undefined,
      metricsPort: undefined,
      tokenIssuer: 'sayso',
    });
    expect(faultsOf({ ...right, BASE_URL: ' ' })).toEqual([expect.stringMatching(/^BASE_URL is missing/)]);
    expect(faultsOf({ ...right, BASE_URL: 'nonsense' })).toEqual(['BASE_URL is not an http(s) URL']);
  });

  it('reads a secret from the file that NAME_FILE names, without its last line break', () => {
    const { SUBSCRIBER_ID_KEY, ...rest } = right;
    expect(
      readConfig({ ...rest, SUBSCRIBER_ID_KEY_FILE: fileWith(`${SUBSCRIBER_ID_KEY}\n`) }).subscriberIdKey,
    ).toBe(SUBSCRIBER_ID_KEY);
  });

  it('refuses a secret that is set twice', () => {
    expect(faultsOf({ ...right, SUBSCRIBER_ID_KEY_FILE: fileWith(right.SUBSCRIBER_ID_KEY) })).toEqual([
      'SUBSCRIBER_ID_KEY and SUBSCRIBER_ID_KEY_FILE are both set; keep one',
    ]);
  });

  it('names the variable of a secret whose file cannot be read, without its value', () => {
    expect(faultsOf({ ...right, SMTP_URL_FILE: '/nowhere/smtp' })).toContain(
      'SMTP_URL_FILE names a file that cannot be read (ENOENT)',
    );
  });

  it('reads files only for secrets', () => {
    expect(readConfig({ ...right, LOG_LEVEL_FILE: '/nowhere/level' }).logLevel).toBe('info');
  });

  it.each([
    'https://preferences.example.com/',
    'https://example.com/preferences',
    'https://example.com/?a=1',
    'https://example.com#x',
    'ftp://example.com',
  ])('refuses %s as the base of links', (BASE_URL) => {
    expect(faultsOf({ ...right, BASE_URL })).toEqual([expect.stringMatching(/^BASE_URL /)]);
  });

  it('needs all three DKIM variables or none, and lists an invalid key with the other faults', () => {
    expect(faultsOf({ ...right, DKIM_DOMAIN: 'example.com' })).toEqual([
      'DKIM_SELECTOR and DKIM_PRIVATE_KEY are missing, as the other DKIM variable is set',
    ]);
    const dkim = { DKIM_DOMAIN: 'example.com', DKIM_SELECTOR: 'one', DKIM_PRIVATE_KEY: 'pem' };
    expect(faultsOf({ ...right, ...dkim, PORT: 'nine' })).toEqual([
      expect.stringMatching(/^PORT /),
      expect.stringMatching(/^DKIM_PRIVATE_KEY .*example\.com$/),
    ]);
  });

  it('needs issuer, client id and client secret of OpenID Connect, or none of them', () => {
    const oidc = {
      OIDC_ISSUER: 'https://login.example.com',
      OIDC_CLIENT_ID: 'sayso',
      OIDC_CLIENT_SECRET: 'a secret',
    };
    expect(readConfig(right).oidc).toBeUndefined();
    expect(readConfig({ ...right, ...oidc, OIDC_NAME: 'Example account' }).oidc).toEqual({
      issuer: 'https://login.example.com',
      clientId: 'sayso',
      clientSecret: 'a secret',
      name: 'Example account',
    });
    expect(faultsOf({ ...right, OIDC_ISSUER: oidc.OIDC_ISSUER })).toEqual([
      'OIDC_CLIENT_ID and OIDC_CLIENT_SECRET are missing, as the other OIDC variable is set',
    ]);
  });

  it('needs an OpenID Connect provider over https; http only on this machine, and never in production', () => {
    const rest = { OIDC_CLIENT_ID: 'sayso', OIDC_CLIENT_SECRET: 'a secret' };
    for (const OIDC_ISSUER of ['http://login.example.com', 'ftp://login.example.com', 'login.example.com'])
      expect(faultsOf({ ...right, ...rest, OIDC_ISSUER })).toEqual(['OIDC_ISSUER is not an https URL']);
    for (const more of ['https://me:secret@login.example.com', 'https://login.example.com?key=secret'])
      expect(faultsOf({ ...right, ...rest, OIDC_ISSUER: more })).toEqual([
        expect.stringMatching(/^OIDC_ISSUER has more than scheme, host, port and path/),
      ]);
    const here = { ...rest, OIDC_ISSUER: 'http://127.0.0.1:9000' };
    expect(readConfig({ ...right, ...here }).oidc?.issuer).toBe('http://127.0.0.1:9000');
    expect(faultsOf({ ...production, ...here })).toEqual(['OIDC_ISSUER does not begin with https://']);
  });

  it.each(['unsubscribe@example.com', 'stop@mail.Example.org', 'stop@northwind.example', 'stop@portal.test'])(
    'refuses %s for unsubscribe mails in production, and accepts it elsewhere',
    (UNSUBSCRIBE_MAILTO) => {
      expect(faultsOf({ ...production, UNSUBSCRIBE_MAILTO })).toEqual([
        expect.stringMatching(/^UNSUBSCRIBE_MAILTO is an example/),
      ]);
      expect(readConfig({ ...right, UNSUBSCRIBE_MAILTO }).unsubscribeMailto).toBe(UNSUBSCRIBE_MAILTO);
    },
  );

  it('gives a balancer notice of a stop for 5 s in production, and none elsewhere, unless configured', () => {
    expect(readConfig(production).stopNoticeSeconds).toBe(5);
    expect(readConfig(right).stopNoticeSeconds).toBe(0);
    expect(readConfig({ ...production, STOP_NOTICE_SECONDS: '0' }).stopNoticeSeconds).toBe(0);
    expect(readConfig({ ...right, STOP_NOTICE_SECONDS: '30' }).stopNoticeSeconds).toBe(30);
  });

  it('requires MongoDB, SMTP and https in production', () => {
    expect(readConfig(production).environment).toBe('production');
    const { MONGODB_URI: _uri, SMTP_URL: _smtp, ...bare } = production;
    const faults = faultsOf({ ...bare, BASE_URL: 'http://preferences.example.com' });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['MONGODB_URI', 'SMTP_URL', 'BASE_URL']);
  });
});

describe('.env.example', () => {
  const lines = readFileSync(new URL('../.env.example', import.meta.url), 'utf8').split('\n');
  const named = lines.flatMap((line, at) => {
    const name = /^([A-Z][A-Z0-9_]*)=/.exec(line)?.[1];
    return name ? [{ name, comment: lines[at - 1] ?? '' }] : [];
  });

  it('names every variable that is read, once, and no other', () => {
    expect(named.map(({ name }) => name).sort()).toEqual([...variableNames].sort());
  });

  it('explains each variable in one line', () => {
    for (const { name, comment } of named) expect(comment, name).toMatch(/^# \S.{10,}/);
    expect(new Set(named.map(({ comment }) => comment)).size).toBe(named.length);
  });

  it('marks each secret, and leaves it empty', () => {
    for (const name of secretNames) {
      expect(lines).toContain(`${name}=`);
      expect(named.find((entry) => entry.name === name)?.comment, name).toMatch(/\(secret[,;]/);
    }
  });

  it('is valid without changes once the subscriber key is filled in', () => {
    const env = Object.fromEntries(
      lines
        .filter((line) => /^[A-Z]/.test(line))
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    expect(faultsOf(env)).toEqual([expect.stringMatching(/^SUBSCRIBER_ID_KEY is missing/)]);
    expect(readConfig({ ...env, SUBSCRIBER_ID_KEY: right.SUBSCRIBER_ID_KEY }).baseUrl).toBe(
      'http://localhost:8080',
    );
  });
});
