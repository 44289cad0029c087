/** Checks the URLs that carry a user name and a password, with the parsers that read them later. A fault never repeats any part of the URL. */
import { domainToASCII } from 'node:url';
import { MongoClient } from 'mongodb';

const malformed =
  'is malformed: special characters in its user name or password must be percent-encoded, such as %2F for / and %40 for @';

/** Characters that MongoDB allows in the name of a database on every operating system. */
const databaseName = /^[^/\\. "$*<>:|?\0]{1,63}$/;

/**
 * Checks `SMTP_URL`: `smtp://user:password@host:port`, with the options of Nodemailer after a question mark.
 * A `/`, `?` or `#` in a password ends the host early (RFC 3986, section 3.2), so what follows the host must not look like its continuation.
 * @returns what is wrong, or undefined
 */
export function faultOfSmtpUrl(value: string): string | undefined {
  if (!/^smtps?:\/\//.test(value)) return 'does not begin with smtp:// or smtps://';
  if (/\s/.test(value) || !URL.canParse(value)) return malformed;
  const url = new URL(value);
  const behindHost = url.pathname + url.search + url.hash;
  const isHostAlone = /^\/?$/.test(url.pathname) && url.hash === '' && !behindHost.includes('@');
  const host = decoded(url.hostname);
  const isHost = host !== undefined && (/^\[.+\]$/.test(host) || domainToASCII(host) !== '');
  const isDecodable = [url.username, url.password].every((part) => decoded(part) !== undefined);
  return isHostAlone && isHost && isDecodable ? undefined : malformed;
}

/**
 * Checks `MONGODB_URI`: `mongodb://user:password@host,host/database`, with the options of the driver after a question mark.
 * The database must be named, since the driver would otherwise take one that is called `test`.
 * @returns what is wrong, or undefined
 */
export function faultOfMongodbUri(value: string): string | undefined {
  if (!/^mongodb(\+srv)?:\/\//.test(value)) return 'does not begin with mongodb:// or mongodb+srv://';
  const [withoutOptions = '', options = ''] = value.split(/\?(.*)/s);
  const isTaken = canParseMongodbUri(value);
  if (!isTaken && !options.includes('@') && canParseMongodbUri(withoutOptions))
    return 'has an option behind the question mark that the database driver does not accept';
  if (!isTaken || /\s/.test(value)) return malformed;
  const name = /^[^/]+:\/\/[^/]+\/(.+)$/.exec(withoutOptions)?.[1];
  if (name === undefined) return 'names no database: add its name behind the host, such as /sayso';
  return databaseName.test(decoded(name) ?? '')
    ? undefined
    : 'names a database that MongoDB does not allow: use letters, digits, dashes and underscores';
}

/** The driver checks the whole string when it creates a client, and connects later. */
function canParseMongodbUri(value: string): boolean {
  try {
    return Boolean(new MongoClient(value));
  } catch {
    return false;
  }
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
