/** Tells the person who typed a command what went wrong, in one sentence. */
import { readSecrets } from '../environment.js';
import { DomainError } from '../errors.js';
import { scrub, withoutSecrets } from '../scrub.js';

/** Names of what the driver throws where no server answers, or no longer does. */
const away =
  /^(Mongo(ose)?ServerSelection|MongoNetwork\w*|MongoPool\w*|PoolCleared\w*|MongoNotConnected|MongoTopologyClosed|MongoClientClosed|MongoWriteConcern|MongoServerClosed|MongoRuntime|Mongoose)Error$|^MongoNetworkTimeoutError$/;

/**
 * @param env the environment, whose secrets are taken out
 * @returns the sentence; of an unexpected fault also the stack where `LOG_LEVEL` is debug or trace, for a report
 */
export function toldFault(error: unknown, env: NodeJS.ProcessEnv): string {
  return withoutSecrets(readSecrets(env))(sentenceOf(error, env['LOG_LEVEL'] ?? ''));
}

function sentenceOf(error: unknown, logLevel: string): string {
  if (error instanceof DomainError) return error.message;
  if (!(error instanceof Error)) return `Something unexpected went wrong: ${scrub(String(error))}`;
  if (away.test(error.name))
    return 'The database cannot be reached, or went away meanwhile: see that it runs, and that MONGODB_URI names it; to run this again is safe.';
  const message = scrub(error.message);
  if (error.name === 'MongoParseError') return `MONGODB_URI is wrong: ${message}`;
  if (error.name.startsWith('Mongo')) return `The database refuses: ${message}`;
  if (/^(debug|trace)$/.test(logLevel)) return scrub(error.stack ?? error.message);
  return `Something unexpected went wrong: ${message} (LOG_LEVEL=debug shows where)`;
}
