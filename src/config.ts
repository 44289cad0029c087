/** Reads and checks the environment once: a frozen configuration, or every fault at once. */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import { faultOfMongodbUri, faultOfSmtpUrl } from './connection-urls.js';
import { readDkimKeys, type DkimKey } from './dkim-keys.js';
import { readVariables } from './environment.js';
import { DomainError } from './errors.js';
import { isTimeZone } from './vocabulary/time-zones.js';

export const tokenAlgorithms = ['Ed25519', 'ES256', 'HS256'] as const;
export type TokenAlgorithm = (typeof tokenAlgorithms)[number];

const whole = (least: number, most: number) => {
  const fault = `is not a whole number from ${least} to ${most}`;
  return z.coerce.number(fault).int(fault).min(least, fault).max(most, fault);
};
const port = whole(0, 65_535);
const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, `is none of ${values.join(', ')}`);

const baseUrl = z
  .string({ error: 'is missing: the public address of the portal, such as https://preferences.example.com' })
  .max(64, 'is longer than 64 characters, so links would be too long for mail clients')
  .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), {
    error: 'is not an http(s) URL',
    abort: true,
  })
  .refine(
    (value) => value === new URL(value).origin,
    'is more than scheme, host and port (no path, no slash at the end)',
  );

const checkedBy = (faultOf: (value: string) => string | undefined) =>
  z.string().superRefine((value, context) => {
    const message = faultOf(value);
    if (message) context.addIssue({ code: 'custom', message });
  });

/** OpenID Connect Discovery 1.0, section 3: https, without query or fragment. Http is only for a provider on this machine, during development. */
function faultOfIssuer(value: string): string | undefined {
  if (!URL.canParse(value)) return 'is not an https URL';
  const { protocol, hostname, username, password, search, hash } = new URL(value);
  const isHere = protocol === 'http:' && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(hostname);
  if (protocol !== 'https:' && !isHere) return 'is not an https URL';
  if (username || password || search || hash)
    return 'has more than scheme, host, port and path: take user name, password, query and fragment out';
  return undefined;
}

const variables = z.object({
  NODE_ENV: oneOf(['development', 'test', 'production']).default('development'),
  BASE_URL: baseUrl,
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(8080),
  METRICS_PORT: port.optional(),
  VAR_DIR: z.string().default('var'),
  MONGODB_URI: checkedBy(faultOfMongodbUri).optional(),
  SUBSCRIBER_ID_KEY: z
    .string({ error: 'is missing: 32 random bytes or more, in base64url or hex; it can never change' })
    .regex(/^[A-Za-z0-9_+/=-]{43,}$/, 'is shorter than 32 bytes, or is neither base64url nor hex'),
  TOKEN_KEYS_FILE: z.string({ error: 'is missing: the key set that `sayso keys rotate` makes' }),
  TOKEN_ALGORITHM: oneOf(tokenAlgorithms).default('Ed25519'),
  TOKEN_ISSUER: z
    .string()
    .regex(/^[A-Za-z0-9._:-]{1,12}$/, 'is not 1 to 12 letters, digits, dots, colons, dashes or underscores')
    .default('sayso'),
  LINK_LIFETIME_DAYS: whole(1, 3650).default(180),
  TIME_ZONE: z.string().refine(isTimeZone, 'is not a time zone such as Europe/Oslo').default('UTC'),
  SMTP_URL: checkedBy(faultOfSmtpUrl).optional(),
  DKIM_DOMAIN: z.string().optional(),
  DKIM_SELECTOR: z.string().optional(),
  DKIM_PRIVATE_KEY: z.string().optional(),
  DKIM_KEYS: z.string().optional(),
  UNSUBSCRIBE_MAILTO: z.email({
    error: 'is missing or not an address: where mail clients send unsubscribe mails',
  }),
  BOUNCE_DOMAIN: z
    .string()
    .regex(/^(?=.{1,190}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,62}$/, {
      error: 'is not a domain in lower case, such as bounces.example.com',
    })
    .optional(),
  PRIVATE_SOURCES: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    )
    .refine((list) => list.every((part) => isIP(part) !== 0), 'is not IP addresses with commas between them'),
  INBOUND_SECRET: z.string().min(24, 'is shorter than 24 characters').optional(),
  OIDC_ISSUER: checkedBy(faultOfIssuer).optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  OIDC_NAME: z.string().max(40, 'is longer than 40 characters').default('your company’s account'),
  MAILS_PER_ADDRESS_PER_DAY: whole(1, 100).default(3),
  TRUST_PROXY_HOPS: whole(0, 10).default(0),
  LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  STOP_NOTICE_SECONDS: whole(0, 300).optional(),
  SHUTDOWN_SECONDS: whole(1, 300).default(20),
});

/** Names of every variable that is read, for `.env.example` and its test. */
export const variableNames = Object.keys(variables.shape);

export interface Config {
  readonly environment: 'development' | 'test' | 'production';
  /** Scheme, host and port that every link begins with; never taken from a request. */
  readonly baseUrl: string;
  readonly host: string;
  readonly port: number;
  /** Undefined: metrics are not served. */
  readonly metricsPort: number | undefined;
  /** Folder of the embedded database, the outbox and other files of a process. */
  readonly varDir: string;
  /** Undefined: an embedded database. */
  readonly mongodbUri: string | undefined;
  readonly subscriberIdKey: string;
  readonly tokenKeysFile: string;
  readonly tokenAlgorithm: TokenAlgorithm;
  /** Not the host name: after a move, the portal still accepts its earlier links. */
  readonly tokenIssuer: string;
  readonly linkLifetimeDays: number;
  /** IANA name, until the account's settings name another. */
  readonly timeZone: string;
  /** Undefined: mails go to the outbox on disk. */
  readonly smtpUrl: string | undefined;
  /** At most one key a domain; none: the portal signs nothing. */
  readonly dkimKeys: readonly DkimKey[];
  readonly unsubscribeMailto: string;
  /** Private IP addresses from which scheduled sources may be fetched, also over http. */
  readonly privateSources: readonly string[];
  readonly inboundSecret: string | undefined;
  /** Domain of the envelope senders to which delivery reports come back; undefined: they go to the sender of the mail. */
  readonly bounceDomain: string | undefined;
  /** The company's own sign-in for staff; undefined if there is none. */
  readonly oidc:
    | {
        readonly issuer: string;
        readonly clientId: string;
        readonly clientSecret: string;
        /** Its name on the button. */
        readonly name: string;
      }
    | undefined;
  readonly mailsPerAddressPerDay: number;
  readonly trustProxyHops: number;
  readonly logLevel: string;
  /** How long a stopping portal still accepts requests, so that a load balancer can notice. */
  readonly stopNoticeSeconds: number;
  readonly shutdownSeconds: number;
}

/**
 * Reads the configuration.
 * @param env the environment variables; a secret may be given as `NAME_FILE` instead
 * @returns a frozen configuration
 * @throws DomainError `INVALID_CONFIGURATION` whose message lists every invalid variable, one per line
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const faults: string[] = [];
  const given = readVariables(env, variableNames, faults);
  const parsed = variables.safeParse(given);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) faults.push(`${issue.path.join('.')} ${issue.message}`);
  }
  faults.push(...faultsTogether(given));
  const dkimKeys = readDkimKeys(given, faults);
  if (!parsed.success || faults.length > 0) {
    throw new DomainError('INVALID_CONFIGURATION', `The configuration is wrong:\n  ${faults.join('\n  ')}`);
  }
  return Object.freeze(shape(parsed.data, dkimKeys));
}

function shape(v: z.infer<typeof variables>, dkimKeys: readonly DkimKey[]): Config {
  return {
    environment: v.NODE_ENV,
    baseUrl: v.BASE_URL,
    host: v.HOST,
    port: v.PORT,
    metricsPort: v.METRICS_PORT,
    varDir: resolve(v.VAR_DIR),
    mongodbUri: v.MONGODB_URI,
    subscriberIdKey: v.SUBSCRIBER_ID_KEY,
    tokenKeysFile: resolve(v.TOKEN_KEYS_FILE),
    tokenAlgorithm: v.TOKEN_ALGORITHM,
    tokenIssuer: v.TOKEN_ISSUER,
    linkLifetimeDays: v.LINK_LIFETIME_DAYS,
    timeZone: v.TIME_ZONE,
    smtpUrl: v.SMTP_URL,
    dkimKeys,
    unsubscribeMailto: v.UNSUBSCRIBE_MAILTO,
    privateSources: v.PRIVATE_SOURCES,
    inboundSecret: v.INBOUND_SECRET,
    bounceDomain: v.BOUNCE_DOMAIN,
    oidc:
      v.OIDC_ISSUER && v.OIDC_CLIENT_ID && v.OIDC_CLIENT_SECRET
        ? {
            issuer: v.OIDC_ISSUER,
            clientId: v.OIDC_CLIENT_ID,
            clientSecret: v.OIDC_CLIENT_SECRET,
            name: v.OIDC_NAME,
          }
        : undefined,
    mailsPerAddressPerDay: v.MAILS_PER_ADDRESS_PER_DAY,
    trustProxyHops: v.TRUST_PROXY_HOPS,
    logLevel: v.LOG_LEVEL,
    stopNoticeSeconds: v.STOP_NOTICE_SECONDS ?? (v.NODE_ENV === 'production' ? 5 : 0),
    shutdownSeconds: v.SHUTDOWN_SECONDS,
  };
}

/** The parts of a configuration that hold the secrets. */
export type SecretConfig = Pick<
  Config,
  'mongodbUri' | 'subscriberIdKey' | 'smtpUrl' | 'dkimKeys' | 'inboundSecret' | 'oidc'
>;

/** Every secret of a configuration, so that the log can remove them. */
export function secretsOf(config: SecretConfig): string[] {
  return [
    config.mongodbUri,
    config.subscriberIdKey,
    config.smtpUrl,
    ...config.dkimKeys.map(({ privateKey }) => privateKey),
    config.inboundSecret,
    config.oidc?.clientSecret,
  ].filter((secret) => secret !== undefined);
}

/** Faults that concern several variables. */
function faultsTogether(given: Record<string, string>): string[] {
  const faults: string[] = [];
  faults.push(...allOrNone(given, 'DKIM', ['DKIM_DOMAIN', 'DKIM_SELECTOR', 'DKIM_PRIVATE_KEY']));
  faults.push(...allOrNone(given, 'OIDC', ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET']));
  if (given['NODE_ENV'] !== 'production') return faults;
  if (!given['MONGODB_URI'])
    faults.push('MONGODB_URI is missing: production needs a MongoDB replica set or cluster');
  if (!given['SMTP_URL']) faults.push('SMTP_URL is missing: production never writes mails to a folder');
  if (given['OIDC_ISSUER']?.startsWith('http://')) faults.push('OIDC_ISSUER does not begin with https://');
  if (given['UNSUBSCRIBE_MAILTO'] && isExampleAddress(given['UNSUBSCRIBE_MAILTO']))
    faults.push(
      'UNSUBSCRIBE_MAILTO is an example that reaches no mailbox: opt-outs by mail would be lost; set the address that takes them',
    );
  if (given['BASE_URL']?.startsWith('http://')) faults.push('BASE_URL does not begin with https://');
  return faults;
}

/** Whether an address has a domain that is reserved for examples and tests, and so reaches no mailbox (RFC 2606 and RFC 6761). */
export function isExampleAddress(address: string): boolean {
  return /[@.](example\.(com|net|org)|example|test|invalid|localhost)$/i.test(address);
}

/** Three variables that must be set together. */
function allOrNone(given: Record<string, string>, what: string, names: readonly string[]): string[] {
  const missing = names.filter((name) => !given[name]);
  if (missing.length === 0 || missing.length === names.length) return [];
  return [
    missing.length === 1
      ? `${missing.join()} is missing, as the other ${what} variables are set`
      : `${missing.join(' and ')} are missing, as the other ${what} variable is set`,
  ];
}
