/** URLs with a user name and a password: which are accepted and refused, and that no fault repeats a part of the URL. */
import { describe, expect, it } from 'vitest';
import { faultOfMongodbUri, faultOfSmtpUrl } from '../src/connection-urls.js';

const malformed = /^is malformed: special characters .* must be percent-encoded/;
/** Passwords that no parser reads as intended. Some end the host early, at what looks like a port. */
const unescaped = ['pa/ss', 'pa?ss', 'pa#ss', 'pa%ss', '25/pa', '25?pa', '25#pa', 'pa ss', 'pa\nss'];

describe('faultOfSmtpUrl', () => {
  it.each(unescaped)('calls a URL malformed when its password %j is not percent-encoded', (password) => {
    expect(faultOfSmtpUrl(`smtp://mailer:${password}@mail.example.com:25`)).toMatch(malformed);
  });

  it.each([
    'smtp://mail.example.com',
    'smtps://mail.example.com:465/',
    'smtp://mailer:pa%2Fss%23@mail.example.com:587',
    'smtp://me@example.com:pa:ss@mail.example.com',
    'smtp://[::1]:2525?tls.rejectUnauthorized=false',
    'smtp://bücher.example',
  ])('accepts %s', (url) => {
    expect(faultOfSmtpUrl(url)).toBeUndefined();
  });

  it.each([
    'smtp://',
    'smtp://mail.example.com:99999',
    'smtp://mail%20server',
    'smtp://mail.example.com/box',
    'http://mail.example.com',
  ])('refuses %s', (url) => {
    expect(faultOfSmtpUrl(url)).toMatch(/^(is malformed|does not begin)/);
  });
});

describe('faultOfMongodbUri', () => {
  it.each([...unescaped, 'pa@ss', 'pa:ss'])(
    'calls a URI malformed when its password %j is not percent-encoded',
    (password) => {
      expect(faultOfMongodbUri(`mongodb://sayso:${password}@db.example.com/sayso`)).toMatch(malformed);
    },
  );

  it.each([
    'mongodb://db.example.com/sayso',
    'mongodb://sayso:pa%2Fss%40@one.example.com:27018,two.example.com/sayso?replicaSet=rs0&authSource=admin',
    'mongodb+srv://sayso:secret@cluster.example.com/sayso?retryWrites=true',
  ])('accepts %s', (uri) => {
    expect(faultOfMongodbUri(uri)).toBeUndefined();
  });

  it.each([
    ['mongodb://db.example.com', /^names no database/],
    ['mongodb://sayso:secret@db.example.com/', /^names no database/],
    ['mongodb://db.example.com/?replicaSet=rs0', /^names no database/],
    ['mongodb://db.example.com/say.so', /^names a database that MongoDB does not allow/],
    ['mongodb://db.example.com:99999/sayso', malformed],
    ['mongodb://', malformed],
    ['mongodb+srv://cluster.example.com:27017/sayso', malformed],
    ['mongodb://db.example.com/sayso?replicSet=rs0', /^has an option/],
    ['mongodb://db.example.com/sayso?tls=perhaps', /^has an option/],
    ['postgres://db.example.com/sayso', /^does not begin with mongodb/],
  ])('refuses %s', (uri, fault) => {
    expect(faultOfMongodbUri(uri)).toMatch(fault);
  });
});

it('the fault of a connection URL repeats no part of the URL', () => {
  const urls = unescaped.flatMap((password) => [
    `smtp://hidden-user:${password}-hidden@hidden-host:25`,
    `mongodb://hidden-user:${password}-hidden@hidden-host/hidden-database?hidden=1`,
  ]);
  for (const url of urls) expect(`${faultOfSmtpUrl(url)} ${faultOfMongodbUri(url)}`).not.toContain('hidden');
});
