/** The log: one JSON line per event on standard output, without addresses, tokens and keys. */
import pino, { type DestinationStream, type Logger } from 'pino';
import { secretsOf, type Config, type SecretConfig } from './config.js';
import { scrub, scrubOf } from './scrub.js';

export type { Logger } from 'pino';

type LogConfig = SecretConfig & Pick<Config, 'logLevel'>;

/** Fields that callers should not log; if one does, its value is removed. */
const neverLogged = ['address', 'to', 'email', 'phone', 'token', 'url', 'userAgent', 'authorization'];

/**
 * Makes the log of a process.
 * Three safeguards, since one could be forgotten. Fields with telling names are redacted, errors are reduced by `describeError`, and every finished
 * line is scrubbed of addresses, tokens, and this process's own secrets.
 * @param destination target of the lines; standard output except in tests
 */
export function createLog(config: LogConfig, destination?: DestinationStream): Logger {
  const clean = scrubOf(secretsOf(config));
  return pino(
    {
      level: config.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      redact: { paths: neverLogged, censor: '[redacted]' },
      serializers: { err: (error: unknown) => describeError(error) },
      hooks: { streamWrite: clean },
    },
    destination ?? standardOutput(),
  );
}

/**
 * Not synchronous: a slow reader of the log must not delay an opt-out. It writes several lines at once, since every write takes a thread that also
 * verifies tokens, and all of them after a fifth of a second (decision 0122). Pino flushes it on exit. On a full disk the process continues: up to a
 * megabyte of lines waits for space, and later lines are lost.
 */
function standardOutput(): DestinationStream {
  const output = pino.destination({
    dest: 1,
    sync: false,
    minLength: 4096,
    periodicFlush: 200,
    maxLength: 1_000_000,
  });
  let isStuck = false;
  output.on('error', () => (isStuck = true));
  output.on('write', () => (isStuck = false));
  // The flush on exit would retry forever.
  const flush = output.flushSync.bind(output);
  output.flushSync = () => (isStuck ? undefined : flush());
  return output;
}

/**
 * Writes one line unscrubbed: only for the link that creates the first account. The person who reads the log of a portal without accounts is the one
 * who set it up (decision 0445).
 * @param destination standard output, synchronously, except in tests
 */
export function logUnscrubbed(
  { logLevel }: Pick<LogConfig, 'logLevel'>,
  sentence: string,
  destination?: DestinationStream,
): void {
  const log = pino(
    {
      level: logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
  log.warn(sentence);
}

export interface ErrorDescription {
  type: string;
  code?: string | number;
  message: string;
  stack?: string;
  cause?: ErrorDescription;
}

/**
 * The fields of an error that the log keeps. Other properties are dropped, since those of the database driver contain whole documents (`keyValue`,
 * `writeErrors`), and those of the mail library whole envelopes.
 */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error, message: scrub(String(error)) };
  const code =
    'code' in error && (typeof error.code === 'string' || typeof error.code === 'number')
      ? error.code
      : undefined;
  return {
    type: error.name,
    ...(code === undefined ? {} : { code }),
    message: scrub(error.message),
    ...(error.stack ? { stack: scrub(error.stack) } : {}),
    ...(error.cause instanceof Error && depth < 4 ? { cause: describeError(error.cause, depth + 1) } : {}),
  };
}
