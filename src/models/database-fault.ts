/** Which errors mean that the database is away, and not that the portal is wrong. */
import { MongoBulkWriteError } from 'mongodb';

/** The driver's own, by name: network, server selection, pool, time, and a majority that did not confirm. */
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

/** The server's: no primary, no majority, going down, out of time, disk full (error_codes.yml of MongoDB). */
const serverCodes: ReadonlySet<unknown> = new Set([
  6, 7, 50, 64, 89, 91, 112, 133, 134, 189, 202, 262, 462, 9001, 10_058, 10_107, 11_600, 11_602, 13_435,
  13_436, 14_031,
]);

/** A socket that breaks at the wrong moment reaches us as it is: the driver does not wrap what its own write throws. */
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

/** True for an outage: network, server selection, pool, time, write concern, no primary, shutdown. A duplicate key or a wrong call is none. */
export function isDatabaseFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = Object(error)['code'];
  if (names.has(error.name) || serverCodes.has(code) || socketCodes.has(code)) return true;
  return error.name === 'MongoBulkWriteError' && !isOnlyWriteErrors(error);
}

/**
 * True for a bulk that every server took in hand and a majority confirmed, though some of its writes were refused. The driver puts a
 * network fault and an unconfirmed write into the same error.
 */
export function isOnlyWriteErrors(error: Error): boolean {
  const { writeErrors, result } = { writeErrors: undefined, result: undefined, ...error };
  const refused: unknown[] = Array.isArray(writeErrors) ? writeErrors : [];
  return refused.length > 0 && !hasWriteConcernError(result);
}

/** True where a document of the same key is there already (E11000), for a write and for one of a bulk's. */
export function isDuplicateKey(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 11_000;
}

/** True where a majority has all of a bulk, but inserts of what was there already (E11000). */
export function isOnlyDuplicates(error: unknown): error is MongoBulkWriteError {
  if (!(error instanceof MongoBulkWriteError) || !isOnlyWriteErrors(error)) return false;
  const refused = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
  return refused.every(isDuplicateKey);
}

function hasWriteConcernError(result: unknown): boolean {
  const ask: unknown = Object(result)['getWriteConcernError'];
  return typeof ask === 'function' && Boolean(ask.call(result));
}
