/** Prints an error as one sentence for the person who typed the command. */
import { readSecrets } from '../environment.js';
import { DomainError } from '../errors.js';
import { scrub, withoutSecrets } from '../scrub.js';

/** Names of the driver's errors when no server answers, or no longer does. */
const away =
  /^(Mongo(ose)?ServerSelection|MongoNetwork\w*|MongoPool\w*|PoolCleared\w*|MongoNotConnected|MongoTopologyClosed|MongoClientClosed|MongoWriteConcern|MongoServerClosed|MongoRuntime|Mongoose)Error$|^MongoNetworkTimeoutError$/;

/**
 * @param env the environment, whose secrets are removed from the text
 * @returns the sentence; for an unexpected error also the stack if `LOG_LEVEL` is debug or trace
 */
export function toldFault(error: unknown, env: NodeJS.ProcessEnv): string {
  return withoutSecrets(readSecrets(env))(sentenceOf(error, env['LOG_LEVEL'] ?? ''));
}

function sentenceOf(error: unknown, logLevel: string): string {
  if (error instanceof DomainError) return error.message;
  if (!(error instanceof Error)) return `Something unexpected went wrong: ${scrub(String(error))}`;
  if (away.test(error.name))
    return 'The database cannot be reached, or stopped answering: check that it runs, and that MONGODB_URI names it. Running this again is safe.';
  const message = scrub(error.message);
  if (error.name === 'MongoParseError') return `MONGODB_URI is wrong: ${message}`;
  if (error.name.startsWith('Mongo')) return `The database refuses: ${message}`;
  if (/^(debug|trace)$/.test(logLevel)) return scrub(error.stack ?? error.message);
  return `Something unexpected went wrong: ${message} (LOG_LEVEL=debug shows where)`;
}
