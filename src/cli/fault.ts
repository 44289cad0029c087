/** Tells whoever typed a command what went wrong, in one sentence. */
import { DomainError } from '../errors.js';
import { scrub } from '../scrub.js';

/** Names of what the driver throws where no server answers, or no longer does. */
const away =
  /^(Mongo(ose)?ServerSelection|MongoNetwork\w*|MongoPool\w*|PoolCleared\w*|MongoNotConnected|MongoTopologyClosed|MongoClientClosed|MongoWriteConcern|MongoServerClosed|MongoRuntime|Mongoose)Error$|^MongoNetworkTimeoutError$/;

/** @returns the sentence; of a fault that nobody foresaw the stack too where `LOG_LEVEL` is debug or trace, for a report */
export function toldFault(error: unknown, logLevel: string | undefined): string {
  if (error instanceof DomainError) return error.message;
  if (!(error instanceof Error)) return `Something unexpected went wrong: ${scrub(String(error))}`;
  if (away.test(error.name))
    return 'The database cannot be reached, or went away meanwhile: see that it runs, and that MONGODB_URI names it; to run this again is safe.';
  const message = scrub(error.message);
  if (error.name === 'MongoParseError') return `MONGODB_URI is wrong: ${message}`;
  if (error.name.startsWith('Mongo')) return `The database refuses: ${message}`;
  if (/^(debug|trace)$/.test(logLevel ?? '')) return scrub(error.stack ?? error.message);
  return `Something unexpected went wrong: ${message} (LOG_LEVEL=debug shows where)`;
}
