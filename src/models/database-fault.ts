/** Which errors mean that the database is unavailable, and not that the portal has a fault. */
import { MongoBulkWriteError } from 'mongodb';

/** The driver's errors, by name: network, server selection, pool, timeout, and missing confirmation by a majority. */
const names: ReadonlySet<string> = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongooseServerSelectionError',
  'MongoPoolClearedError',
  'PoolClearedOnNetworkError',
  'MongoPoolClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoOperationTimeoutError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoServerClosedError',
  'MongoClientClosedError',
  'MongoStalePrimaryError',
  'MongoWriteConcernError',
]);

/** The server's errors: no primary, no majority, shutdown, timeout, disk full (error_codes.yml of MongoDB). */
const serverCodes: ReadonlySet<unknown> = new Set([
  6, 7, 50, 64, 89, 91, 112, 133, 134, 189, 202, 262, 462, 9001, 10_058, 10_107, 11_600, 11_602, 13_435,
  13_436, 14_031,
]);

/** A socket that breaks during a write: the driver does not wrap this error. */
const socketCodes: ReadonlySet<unknown> = new Set([
  'EPIPE',
  'ECONNRESET',
  'ECONNREFUSED',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
  'ERR_SOCKET_CLOSED',
]);

/** True for an outage: network, server selection, pool, timeout, write concern, no primary, shutdown. False for a duplicate key or a wrong call. */
export function isDatabaseFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = Object(error)['code'];
  if (names.has(error.name) || serverCodes.has(code) || socketCodes.has(code)) return true;
  return error.name === 'MongoBulkWriteError' && !isOnlyWriteErrors(error);
}

/**
 * True for a bulk that every server received and a majority confirmed, although some of its writes were refused. The driver uses the same error class
 * for a network fault and an unconfirmed write.
 */
export function isOnlyWriteErrors(error: Error): boolean {
  const { writeErrors, result } = { writeErrors: undefined, result: undefined, ...error };
  const refused: unknown[] = Array.isArray(writeErrors) ? writeErrors : [];
  return refused.length > 0 && !hasWriteConcernError(result);
}

/** True if a document with the same key exists (E11000), for a single write and for one of a bulk's. */
export function isDuplicateKey(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 11_000;
}

/** True if a majority has all of a bulk, and only inserts of existing documents failed (E11000). */
export function isOnlyDuplicates(error: unknown): error is MongoBulkWriteError {
  if (!(error instanceof MongoBulkWriteError) || !isOnlyWriteErrors(error)) return false;
  const refused = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
  return refused.every(isDuplicateKey);
}

function hasWriteConcernError(result: unknown): boolean {
  const ask: unknown = Object(result)['getWriteConcernError'];
  return typeof ask === 'function' && Boolean(ask.call(result));
}
