/** The dashboard after a thousand events and after a million in the same days: how long it takes, and how many documents it reads. */
import { adminPaths } from '../src/admin-paths.js';
import type { Config } from '../src/config.js';
import type { Database } from '../src/database/contract.js';
import { countsOf, countsOfMoves } from '../src/domain/counts/counts-of.js';
import { buckets, type Bucket } from '../src/models/change.js';
import { moveCursor } from '../src/models/feed-cursor.js';
import { followers } from '../src/feed/followers/registry.js';
import { addTo, countId, type DayCount } from '../src/models/day-count.js';
import type { ActorKind, Change } from '../src/vocabulary/terms.js';
import { openRoom, type Room } from './bulk-edit.js';
import { median } from './median.js';
import { openStaffPages } from './staff-pages.js';
import { types, writeCatalogue } from './world.js';

export interface DashboardFigures {
  events: number;
  /** Milliseconds of the page over half a year, and documents that the database gives for it. */
  ms: { small: number; large: number };
  documents: { small: number; large: number };
}

const days = 180;
const actors: readonly ActorKind[] = ['CONTACT', 'ONE_CLICK', 'STAFF', 'IMPORT', 'API'];
const opens = 8;

export async function measureDashboard(
  database: Database,
  config: Config,
  events: number,
): Promise<DashboardFigures> {
  const kinds = days * types.length * actors.length * 2;
  const small = await pageOf(database, config, { name: 'dashboard-small', ofEach: 1, isKept: false });
  const ofEach = Math.max(1, Math.round(events / kinds));
  const large = await pageOf(database, config, { name: 'dashboard-large', ofEach, isKept: true });
  return {
    events: ofEach * kinds,
    ms: { small: small.ms, large: large.ms },
    documents: { small: small.documents, large: large.documents },
  };
}

/** @param of `ofEach`: events of each kind on each day; `isKept`: the change feed has them too */
async function pageOf(
  database: Database,
  config: Config,
  of: { name: string; ofEach: number; isKept: boolean },
): Promise<{ ms: number; documents: number }> {
  const uri = database.uri.replace('/sayso?', `/${of.name}?`);
  const room = await openRoom(database, uri);
  await writeCatalogue(room.models);
  const today = new Date(new Date().setUTCHours(12, 0, 0, 0));
  for (let ago = 0; ago < days; ago += 1)
    await fillDay(room, new Date(today.getTime() - ago * 86_400_000), of);
  for (const [bucket, number] of numbers)
    for (const { name } of followers) await moveCursor(room.models.feedCursors, name, bucket, number);
  await room.connection.close();
  const staff = await openStaffPages(config, uri, 'admin');
  try {
    const date = (ago: number) => new Date(today.getTime() - ago * 86_400_000).toISOString().slice(0, 10);
    const path = `${adminPaths.dashboard()}?from=${date(days - 1)}&to=${date(0)}`;
    const seen: { ms: number; documents: number }[] = [];
    for (let turn = 0; turn < opens; turn += 1) seen.push(await staff.open(path, types[0]?.name ?? ''));
    const warm = seen.slice(3);
    return { ms: median(warm.map(({ ms }) => ms)), documents: median(warm.map((one) => one.documents)) };
  } finally {
    await staff.close();
  }
}

/** Of each bucket: its numbers have no gaps. */
const numbers = new Map<Bucket, number>();

async function fillDay(
  { models }: Room,
  at: Date,
  { ofEach, isKept }: { ofEach: number; isKept: boolean },
): Promise<void> {
  const counts = new Map<string, DayCount>();
  const entries: object[] = [];
  for (const { id: typeId, unitId } of types)
    for (const kind of actors)
      for (const to of ['SUBSCRIBED', 'UNSUBSCRIBED'] as const) {
        const change: Change = { op: 'STATUS', unitId, typeId, from: 'NOT_SPECIFIED', to };
        const event = { at, actor: { kind }, change, ...(kind === 'API' ? { campaign: 'spring' } : {}) };
        const moves = to === 'SUBSCRIBED' ? countsOfMoves([{ unitId, typeId, by: 1 }], at, 'UTC') : [];
        for (const count of [...countsOf(event, 'UTC'), ...moves]) {
          const _id = countId(count);
          const known = counts.get(_id) ?? { _id, unitId, n: {} };
          addTo(known.n, [{ ...count, n: count.n * ofEach }]);
          counts.set(_id, known);
        }
        for (let one = 0; isKept && one < ofEach; one += 1) {
          const bucket = buckets[entries.length % buckets.length] ?? 0;
          const number = (numbers.get(bucket) ?? 0) + 1;
          numbers.set(bucket, number);
          const place = `${bucket}:${String(number).padStart(12, '0')}`;
          const subscriberId = `s${place}`;
          entries.push({
            ...{
              _id: place,
              key: `subscriber:${subscriberId}:1`,
              kind: 'CONSENT',
              contactId: null,
              subscriberId,
            },
            ...{ event: { seq: 1, ...event }, publishedAt: at },
          });
        }
      }
  for (const { _id, unitId, n } of counts.values()) {
    const $inc = Object.fromEntries(Object.entries(n).map(([key, value]) => [`n.${key}`, value]));
    await models.dayCounts.collection.updateOne(
      { _id: _id as never },
      { $inc, $set: { unitId } },
      { upsert: true },
    );
  }
  for (let first = 0; first < entries.length; first += 1000)
    await models.changes.collection.insertMany(entries.slice(first, first + 1000), {
      ordered: false,
    });
}
