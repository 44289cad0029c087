/** Checks the database: reachable, new enough, writes confirmed by a majority, schema, indexes and clock. */
import type { Connection } from 'mongoose';
import type { Config } from '../../config.js';
import { fingerprintOf } from '../../domain/consent/address.js';
import { readFeedStatus, type FeedStatus } from '../../feed/status.js';
import { checkWrite } from '../../models/connect.js';
import type { Models } from '../../models/index.js';
import { findMissingIndexes, readSchemaVersion, schemaVersion } from '../../migrations.js';
import { fault, hint, ok, type Finding } from './finding.js';

/** The wire version of MongoDB 7.0 in `hello`: no command of the Stable API returns the version itself. */
const wireVersionOfMongo7 = 21;
const clockToleranceMs = 5000;
/** A running worker is a second or two behind. After a kill, another takes a bucket over in about fifteen seconds. */
const feedToleranceSeconds = 120;

/** @param input an open connection that speaks the Stable API only, as `connect` makes it */
export async function* examineDatabase(input: {
  config: Pick<Config, 'subscriberIdKey' | 'mongodbUri'>;
  connection: Connection;
  models: Models;
  clock: () => Date;
}): AsyncGenerator<Finding> {
  const { connection, models, config } = input;
  const hello = await connection.getClient().db(connection.name).command({ hello: 1 });
  yield ok('database', `reachable, and supports Stable API 1`);
  yield examineVersion(Number(hello['maxWireVersion']));
  yield examineMembers(hello, config.mongodbUri !== undefined);

  if (!(await checkWrite(connection, 5000))) {
    yield fault(
      'database write',
      'a majority did not confirm a write in 5 s: see that most members run and have room on their disks',
    );
    return;
  }
  yield ok('database write', 'confirmed by a majority, on disk');

  const found = await readSchemaVersion(models);
  if (found === schemaVersion) yield ok('schema', `version ${found}`);
  else if (found < schemaVersion)
    yield fault('schema', `version ${found}, this release needs ${schemaVersion}: run sayso migrate`);
  else yield fault('schema', `version ${found}, this release knows ${schemaVersion}: run the newer release`);

  const missing = await findMissingIndexes(connection);
  if (missing.length === 0) yield ok('indexes', 'all declared indexes exist');
  else yield fault('indexes', `missing: ${missing.join(', ')}; run sayso migrate`);

  yield* examineFeed(await readFeedStatus(input));
  yield await examineFingerprint(models, config.subscriberIdKey);
  yield await examineClock(connection, input.clock);
}

/** @param status the delay of the feed, by the doctor's clock */
function* examineFeed({ unpublishedSeconds, lagSeconds }: FeedStatus): Generator<Finding> {
  const [name, seconds] = [
    ...[['publisher', unpublishedSeconds] as const],
    ...Object.entries(lagSeconds),
  ].reduce((worst, one) => (one[1] > worst[1] ? one : worst));
  if (seconds <= feedToleranceSeconds) yield ok('change feed', 'nothing is delayed');
  else
    yield fault(
      'change feed',
      `its ${name} is ${Math.round(seconds / 60)} minutes behind: see that a worker runs (sayso worker), and look for “change feed” in its log`,
    );
}

function examineVersion(wireVersion: number): Finding {
  if (wireVersion >= wireVersionOfMongo7)
    return ok('database version', `MongoDB 7 or later (wire version ${wireVersion})`);
  return fault('database version', `older than MongoDB 7 (wire version ${wireVersion}): upgrade it`);
}

function examineMembers(hello: Record<string, unknown>, isOurs: boolean): Finding {
  if (hello['msg'] === 'isdbgrid') return ok('database members', 'a sharded cluster');
  if (!isOurs)
    return hint(
      'database members',
      'the embedded database, one server: for development; set MONGODB_URI for real use',
    );
  const hosts = Array.isArray(hello['hosts']) ? hello['hosts'].length : 0;
  if (hosts >= 3) return ok('database members', `a replica set of ${hosts}`);
  return hint(
    'database members',
    `${hosts || 'one server, no replica set of'} member(s): an outage of one stops everything; three survive it`,
  );
}

async function examineFingerprint(models: Models, key: string): Promise<Finding> {
  const kept = await models.settings.findById('subscriber-key').lean();
  if (!kept)
    return hint(
      'subscriber key',
      'the database has none yet: the first start will keep the fingerprint of this one',
    );
  if (kept.value === fingerprintOf(key)) return ok('subscriber key', 'the key of this database');
  return fault('subscriber key', 'not the key of this database: set the original SUBSCRIBER_ID_KEY again');
}

async function examineClock(connection: Connection, clock: () => Date): Promise<Finding> {
  const before = clock().getTime();
  const [row] = await connection
    .getClient()
    .db(connection.name)
    .collection('health')
    .aggregate([{ $limit: 1 }, { $project: { now: '$$NOW' } }])
    .toArray();
  const now: unknown = row?.['now'];
  if (!(now instanceof Date)) return hint('clock', 'the database returned no time');
  const apartMs = Math.abs(now.getTime() - (before + clock().getTime()) / 2);
  const apart = `${(apartMs / 1000).toFixed(1)} s from the database's`;
  return apartMs <= clockToleranceMs
    ? ok('clock', apart)
    : hint('clock', `${apart}: set both by NTP, or links will seem to expire at the wrong time`);
}
