/** Which database errors are outages and which are our own faults, by the driver's errors. */
import {
  MongoBulkWriteError,
  MongoInvalidArgumentError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoServerError,
  MongoWriteConcernError,
} from 'mongodb';
import type { BulkWriteResult } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { isDatabaseFault, isOnlyWriteErrors } from '../../src/models/database-fault.js';

const broken = (code: string) =>
  Object.assign(new Error('This socket has been ended by the other party'), { code });
const named = (name: string) => Object.assign(new Error('as the pool says it'), { name });

/** @param isUnconfirmed the bulk's write concern failed too */
function bulkError(codes: number[], isUnconfirmed = false): MongoBulkWriteError {
  const result = { getWriteConcernError: () => (isUnconfirmed ? { code: 64 } : undefined) };
  const writeErrors = codes.map((code, index) => ({ code, index, errmsg: 'refused' }));
  return new MongoBulkWriteError(
    { message: 'bulk', code: codes[0] ?? 0, writeErrors: writeErrors as never[] },
    result as BulkWriteResult,
  );
}

describe('a database outage', () => {
  it.each([
    ['a connection that breaks', new MongoNetworkError('closed')],
    ['one that says nothing', new MongoNetworkTimeoutError('timed out')],
    ['a socket error that the driver does not wrap', broken('EPIPE')],
    ['a reset', broken('ECONNRESET')],
    ['no place in the pool', named('MongoWaitQueueTimeoutError')],
    ['a cleared pool', named('PoolClearedOnNetworkError')],
    ['no server', named('MongoServerSelectionError')],
    [
      'no majority',
      new MongoWriteConcernError({ writeConcernError: { code: 64, errmsg: 'waiting' }, ok: 1 }),
    ],
    ['no primary', new MongoServerError({ message: 'not primary', code: 10_107 })],
    ['a server in shutdown', new MongoServerError({ message: 'in shutdown', code: 91 })],
    [
      'a bulk that the network broke',
      new MongoBulkWriteError(new MongoNetworkError('closed'), {} as BulkWriteResult),
    ],
    ['a bulk with duplicates that no majority confirmed', bulkError([11_000], true)],
  ])('is recognised: %s', (_, error) => {
    expect(isDatabaseFault(error)).toBe(true);
  });

  it.each([
    ['a duplicate key', new MongoServerError({ message: 'E11000', code: 11_000 })],
    ['a bulk with duplicates', bulkError([11_000])],
    ['a wrong call', new MongoInvalidArgumentError('a string, please')],
    ['a command that is not in the Stable API', new MongoServerError({ message: 'no', code: 323 })],
    ['a wrong password', new MongoServerError({ message: 'no', code: 18 })],
    ['an error of our own', new TypeError('undefined is not a function')],
    ['an aborted request', broken('ECONNABORTED')],
    ['nothing at all', undefined],
  ])('is not assumed for %s', (_, error) => {
    expect(isDatabaseFault(error)).toBe(false);
  });
});

it('duplicate keys in a bulk write count as duplicates only when its other writes are confirmed', () => {
  expect(isOnlyWriteErrors(bulkError([11_000, 11_000]))).toBe(true);
  expect(isOnlyWriteErrors(bulkError([11_000], true))).toBe(false);
  expect(isOnlyWriteErrors(bulkError([]))).toBe(false);
});
