/**
 * The import of an opt-out list by a worker of the portal, from its confirmation to its end, compared with a script of csv-parse and the bare
 * driver's bulk write of the same documents. They take turns on one database server. The known addresses are those of the round before.
 */
import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { BSON } from 'mongodb';
import { writeFile } from 'node:fs/promises';
import { createCatalogueSource } from '../src/domain/consent/catalogue.js';
import { subscriberIdsOf } from '../src/domain/consent/address.js';
import { checkImport, confirmImport, startImport } from '../src/domain/imports/start.js';
import type { ImportDeps } from '../src/domain/imports/contract.js';
import type { Database } from '../src/database/contract.js';
import { findImport, type Import } from '../src/models/import.js';
import { feedDone, openRoom, startWorker, type Room } from './bulk-edit.js';
import { cpuMs, pause } from './child.js';
import { median } from './median.js';
import { writeCatalogue } from './world.js';

export interface ImportFigures {
  rows: number;
  knownRows: number;
  /** Rows a second; medians of the rounds. */
  portal: number;
  bare: number;
  portalKnown: number;
  bareKnown: number;
  /** Medians of the ratios of the rounds, of new addresses and of known ones. */
  ratio: number;
  ratioKnown: number;
  /** CPU time of a new address in milliseconds, database included; medians of the rounds. */
  cpuMs: number;
  bareCpuMs: number;
  /** The highest resident memory of the worker: with a list of ten thousand before the first round, and with all lists after it. */
  firstMb: number;
  mb: number;
}

const unitId = 0;
/** Rows of the list before the first round. */
const firstRows = 10_000;

/** @param input `env` is that of a portal in production, without its database; `folder` is for the lists */
export async function measureImport(
  database: Database,
  input: { rounds: number; rows: number; knownRows: number; env: Record<string, string>; folder: string },
): Promise<ImportFigures> {
  const { rounds, rows, env, folder } = input;
  const knownRows = Math.min(rows, input.knownRows);
  const uriOf = (name: string) => database.uri.replace('/sayso?', `/${name}?`);
  const room = await openRoom(database, uriOf('import'));
  const bareRoom = await openRoom(database, uriOf('import-bare'));
  await writeCatalogue(room.models);
  const catalogue = createCatalogueSource(room.models, 'UTC');
  const deps: ImportDeps = {
    ...{ models: room.models, clock: () => new Date(), catalogue: () => catalogue.read() },
    subscriberIds: subscriberIdsOf(env['SUBSCRIBER_ID_KEY'] ?? ''),
  };
  const worker = startWorker({ ...env, MONGODB_URI: uriOf('import') });
  const seen = { new: turns(), known: turns() };
  const mb: number[] = [];
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const what of ['new', 'known'] as const) {
        const list = join(folder, `${what}-${round}.csv`);
        const most = what === 'new' ? rows : knownRows;
        const count = round === 0 ? Math.min(most, firstRows) : most;
        await writeList(list, round, count);
        const cpuOfDatabase = () => cpuMs(database.pid ?? 0);
        const cpuOfPortal = () => cpuMs(worker.pid) + cpuOfDatabase();
        const portal = await importByPortal(deps, list, count, cpuOfPortal);
        await feedDone(room);
        const template = join(folder, 'template.json');
        await writeFile(template, await templateOf(room, deps, round));
        const bare = await importBare(uriOf('import-bare'), list, what, template, cpuOfDatabase);
        if (round > 0) seen[what].add(count, portal, bare);
      }
      mb.push(worker.highestMb());
    }
    const [ofNew, ofKnown] = [seen.new.medians(), seen.known.medians()];
    return {
      ...{ rows, knownRows, portal: ofNew.portal, bare: ofNew.bare, ratio: ofNew.ratio },
      ...{ portalKnown: ofKnown.portal, bareKnown: ofKnown.bare, ratioKnown: ofKnown.ratio },
      ...{ cpuMs: ofNew.cpuMs, bareCpuMs: ofNew.bareCpuMs },
      ...{ firstMb: mb[0] ?? NaN, mb: Math.max(...mb.slice(1)) },
    };
  } finally {
    await worker.stop();
    await room.connection.close();
    await bareRoom.connection.close();
  }
}

/** What one import took, in milliseconds of time, and of CPU of its process and the database. */
interface Cost {
  ms: number;
  cpuMs: number;
}

function turns() {
  const seen: { rows: number; portal: Cost; bare: Cost }[] = [];
  const medianOf = (figure: (one: (typeof seen)[number]) => number) => median(seen.map(figure));
  return {
    add: (rows: number, portal: Cost, bare: Cost) => seen.push({ rows, portal, bare }),
    medians: () => ({
      portal: medianOf(({ rows, portal }) => (rows / portal.ms) * 1000),
      bare: medianOf(({ rows, bare }) => (rows / bare.ms) * 1000),
      ratio: medianOf(({ portal, bare }) => bare.ms / portal.ms),
      cpuMs: medianOf(({ rows, portal }) => portal.cpuMs / rows),
      bareCpuMs: medianOf(({ rows, bare }) => bare.cpuMs / rows),
    }),
  };
}

const addressOf = (round: number, index: number) => `person-${round}-${index}@example.com`;

async function writeList(file: string, round: number, rows: number): Promise<void> {
  const lines = function* () {
    yield 'email,name,since\n';
    for (let index = 0; index < rows; index += 1)
      yield `${addressOf(round, index)},Person ${index},2025-03-${String((index % 28) + 1).padStart(2, '0')}\n`;
  };
  await pipeline(Readable.from(lines()), createWriteStream(file));
}

/** @returns what it took from the confirmation to the end */
async function importByPortal(
  deps: ImportDeps,
  list: string,
  rows: number,
  cpu: () => number,
): Promise<Cost> {
  const wanted = { unitId, channel: 'EMAIL', name: 'list.csv', by: 'cli', scope: null } as const;
  const { _id: id } = await startImport(deps, wanted, createReadStream(list));
  const which = { id, scope: null };
  await checkImport(deps, which);
  const { counts, revision } = await importWhen(deps, id, 'CHECKED');
  if (counts?.distinct !== rows)
    throw new Error(`An import counted ${counts?.distinct} of ${rows} addresses.`);
  const [began, cpuBefore] = [performance.now(), cpu()];
  await confirmImport(deps, which, { number: rows, revision });
  await importWhen(deps, id, 'DONE');
  return { ms: performance.now() - began, cpuMs: cpu() - cpuBefore };
}

/** Waits until an import is in this state. */
export async function importWhen(
  { models }: ImportDeps,
  id: string,
  state: Import['state'],
): Promise<Import> {
  for (;;) {
    const one = await findImport(models, id, null);
    if (!one || one.state === 'REFUSED') throw new Error(`An import was refused: ${one?.fault}`);
    if (one.state === state) return one;
    await pause(20);
  }
}

async function templateOf({ models }: Room, { subscriberIds }: ImportDeps, round: number): Promise<string> {
  const id = subscriberIds('EMAIL', addressOf(round, 0));
  const found = await models.subscribers.collection.findOne({ _id: id as never });
  if (!found) throw new Error('An imported address is missing.');
  // The feed has cleared the mark, which the import writes.
  const unpublished = { bucket: 0, since: new Date(), from: found['seq'] };
  return BSON.EJSON.stringify({ ...found, unpublished }, { relaxed: false });
}

const run = promisify(execFile);

async function importBare(
  uri: string,
  list: string,
  what: 'new' | 'known',
  template: string,
  cpu: () => number,
): Promise<Cost> {
  const script = join(import.meta.dirname, 'bare-import.ts');
  const args = ['--import', 'tsx', script, uri, list, what.toUpperCase(), template];
  const cpuBefore = cpu();
  const { stdout } = await run(process.execPath, args);
  const [ms = NaN, ownCpuMs = NaN] = stdout.split(' ').map(Number);
  return { ms, cpuMs: ownCpuMs + cpu() - cpuBefore };
}
