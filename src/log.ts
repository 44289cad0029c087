/** The log: one JSON line an event on standard output, from which addresses, tokens and keys are kept out. */
import pino from 'pino';
import type { DestinationStream, Logger } from 'pino';
import { secretsOf } from './config.js';
import type { Config, SecretConfig } from './config.js';
import { scrub, scrubOf } from './scrub.js';

export type { Logger } from 'pino';

type LogConfig = SecretConfig & Pick<Config, 'logLevel'>;

/** Fields that no caller should log; where one does, its value stays out. */
const neverLogged = ['address', 'to', 'email', 'phone', 'token', 'url', 'userAgent', 'authorization'];

/**
 * Makes the log of a process.
 * Three fences, since one will be forgotten: fields with telling names are redacted, errors are reduced to what `describeError` keeps, and every
 * finished line is scrubbed of what looks like an address or a token, and of this process's own secrets.
 * @param destination where lines go; standard output unless a test listens
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
 * Not synchronous: a slow reader of the log must not hold up an opt-out. Some lines at once, since every write takes a thread that
 * tokens are checked on; after a fifth of a second whatever is there (decision 0122). Pino flushes it on exit.
 * Nor does a disk that is full end the process: lines wait for room, as many as a megabyte holds, and those after them are lost.
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
  // What flushes on exit would try for ever.
  const flush = output.flushSync.bind(output);
  output.flushSync = () => (isStuck ? undefined : flush());
  return output;
}

/**
 * Writes one line as it is, past every fence: for the link that makes the first account and for nothing else, since the person who reads the log of a
 * portal without accounts is who set it up (decision 0445).
 * @param destination standard output, at once, unless a test listens
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
 * What the log keeps of an error: never its other properties, since those of the database driver hold whole documents
 * (`keyValue`, `writeErrors`), and those of the mail library whole envelopes.
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
