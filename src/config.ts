/** Reads the environment once and checks it whole: a frozen configuration, or every fault at once. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { DomainError } from './errors.js';

export const tokenAlgorithms = ['Ed25519', 'ES256', 'HS256'] as const;
export type TokenAlgorithm = (typeof tokenAlgorithms)[number];

/** Variables that may come as `NAME_FILE`, a path whose content is the value. */
export const secretNames = [
  'MONGODB_URI',
  'SUBSCRIBER_ID_KEY',
  'SMTP_URL',
  'DKIM_PRIVATE_KEY',
  'INBOUND_SECRET',
  'OIDC_CLIENT_SECRET',
] as const;

const whole = (least: number, most: number) => {
  const fault = `is no whole number from ${least} to ${most}`;
  return z.coerce.number(fault).int(fault).min(least, fault).max(most, fault);
};
const port = whole(0, 65_535);
const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, `is none of ${values.join(', ')}`);

const baseUrl = z
  .string({ error: 'is missing: the public address of the portal, such as https://preferences.example.com' })
  .max(64, 'is longer than 64 characters, so links would be longer than mail clients bear')
  .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), {
    error: 'is no http(s) URL',
    abort: true,
  })
  .refine(
    (value) => value === new URL(value).origin,
    'is more than scheme, host and port (no path, no slash at the end)',
  );

/** Http is for a provider on this very machine, while developing. */
function isSafeIssuer({ protocol, hostname }: URL): boolean {
  return (
    protocol === 'https:' || (protocol === 'http:' && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(hostname))
  );
}

const variables = z.object({
  NODE_ENV: oneOf(['development', 'test', 'production']).default('development'),
  BASE_URL: baseUrl,
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(8080),
  METRICS_PORT: port.optional(),
  VAR_DIR: z.string().default('var'),
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'does not begin with mongodb:// or mongodb+srv://')
    .optional(),
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
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, 'does not begin with smtp:// or smtps://')
    .optional(),
  DKIM_DOMAIN: z.string().optional(),
  DKIM_SELECTOR: z.string().optional(),
  DKIM_PRIVATE_KEY: z.string().optional(),
  UNSUBSCRIBE_MAILTO: z.email({
    error: 'is missing or no address: where mail clients send unsubscribe mails',
  }),
  INBOUND_SECRET: z.string().min(24, 'is shorter than 24 characters').optional(),
  OIDC_ISSUER: z
    .string()
    .refine((value) => URL.canParse(value) && isSafeIssuer(new URL(value)), 'is no https URL')
    .optional(),
  OIDC_CLIENT_ID: z.string().optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  OIDC_NAME: z.string().max(40, 'is longer than 40 characters').default('your company’s account'),
  MAILS_PER_ADDRESS_PER_DAY: whole(1, 100).default(3),
  TRUST_PROXY_HOPS: whole(0, 10).default(0),
  LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
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
  /** Folder of the embedded database, the outbox and what else a process keeps on disk. */
  readonly varDir: string;
  /** Undefined: an embedded database. */
  readonly mongodbUri: string | undefined;
  readonly subscriberIdKey: string;
  readonly tokenKeysFile: string;
  readonly tokenAlgorithm: TokenAlgorithm;
  /** Not the host's name: a portal that moves still honours the links it has sent. */
  readonly tokenIssuer: string;
  readonly linkLifetimeDays: number;
  /** Undefined: mails go to the outbox on disk. */
  readonly smtpUrl: string | undefined;
  readonly dkim:
    { readonly domain: string; readonly selector: string; readonly privateKey: string } | undefined;
  readonly unsubscribeMailto: string;
  readonly inboundSecret: string | undefined;
  /** The company's own sign-in for staff; undefined: there is none. */
  readonly oidc:
    | {
        readonly issuer: string;
        readonly clientId: string;
        readonly clientSecret: string;
        /** What the button calls it. */
        readonly name: string;
      }
    | undefined;
  readonly mailsPerAddressPerDay: number;
  readonly trustProxyHops: number;
  readonly logLevel: string;
  readonly shutdownSeconds: number;
}

/**
 * Reads the configuration.
 * @param env the environment variables; a secret may be given as `NAME_FILE` instead
 * @returns a frozen configuration
 * @throws DomainError `INVALID_CONFIGURATION` whose message lists every variable that is wrong, one a line
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const faults: string[] = [];
  const given = withFiles(env, faults);
  const parsed = variables.safeParse(given);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) faults.push(`${issue.path.join('.')} ${issue.message}`);
  }
  faults.push(...faultsTogether(given));
  if (!parsed.success || faults.length > 0) {
    throw new DomainError('INVALID_CONFIGURATION', `The configuration is wrong:\n  ${faults.join('\n  ')}`);
  }
  return Object.freeze(shape(parsed.data));
}

function shape(v: z.infer<typeof variables>): Config {
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
    smtpUrl: v.SMTP_URL,
    dkim:
      v.DKIM_DOMAIN && v.DKIM_SELECTOR && v.DKIM_PRIVATE_KEY
        ? { domain: v.DKIM_DOMAIN, selector: v.DKIM_SELECTOR, privateKey: v.DKIM_PRIVATE_KEY }
        : undefined,
    unsubscribeMailto: v.UNSUBSCRIBE_MAILTO,
    inboundSecret: v.INBOUND_SECRET,
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
    shutdownSeconds: v.SHUTDOWN_SECONDS,
  };
}

/** Empty variables count as not set, as compose files and shells leave them. */
function withFiles(env: NodeJS.ProcessEnv, faults: string[]): Record<string, string> {
  const given: Record<string, string> = {};
  for (const name of variableNames) {
    const value = env[name]?.trim();
    if (value) given[name] = value;
  }
  for (const name of secretNames) {
    const file = env[`${name}_FILE`]?.trim();
    if (!file) continue;
    if (given[name]) faults.push(`${name} and ${name}_FILE are both set; keep one`);
    try {
      given[name] = readFileSync(file, 'utf8').trim();
    } catch {
      faults.push(`${name}_FILE names a file that cannot be read: ${file}`);
    }
  }
  return given;
}

/** Faults that no single variable has alone. */
function faultsTogether(given: Record<string, string>): string[] {
  const faults: string[] = [];
  faults.push(...allOrNone(given, 'DKIM', ['DKIM_DOMAIN', 'DKIM_SELECTOR', 'DKIM_PRIVATE_KEY']));
  faults.push(...allOrNone(given, 'OIDC', ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET']));
  if (given['NODE_ENV'] !== 'production') return faults;
  if (!given['MONGODB_URI'])
    faults.push('MONGODB_URI is missing: production needs a MongoDB replica set or cluster');
  if (!given['SMTP_URL']) faults.push('SMTP_URL is missing: production never writes mails to a folder');
  if (given['OIDC_ISSUER']?.startsWith('http://')) faults.push('OIDC_ISSUER does not begin with https://');
  if (given['BASE_URL']?.startsWith('http://')) faults.push('BASE_URL does not begin with https://');
  return faults;
}

/** Three variables that are of use together only. */
function allOrNone(given: Record<string, string>, what: string, names: readonly string[]): string[] {
  const missing = names.filter((name) => !given[name]);
  if (missing.length === 0 || missing.length === names.length) return [];
  return [
    missing.length === 1
      ? `${missing.join()} is missing, as the other ${what} variables are set`
      : `${missing.join(' and ')} are missing, as the other ${what} variable is set`,
  ];
}
