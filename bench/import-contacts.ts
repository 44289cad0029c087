/** The import of contacts by a worker of the portal, from its confirmation to its end, and its round trips to the database. */
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createCatalogueSource } from '../src/domain/consent/catalogue.js';
import { subscriberIdsOf } from '../src/domain/consent/address.js';
import type { ImportDeps } from '../src/domain/imports/contract.js';
import { chooseContacts } from '../src/domain/imports/choose-contacts.js';
import { runContacts } from '../src/domain/imports/run-contacts.js';
import { checkImport, confirmImport, startImport } from '../src/domain/imports/start.js';
import type { Database } from '../src/database/contract.js';
import { createModels } from '../src/models/index.js';
import { connect } from '../src/models/connect.js';
import { openRoom, startWorker } from './bulk-edit.js';
import { importWhen } from './import.js';
import { writeCatalogue } from './world.js';

export interface ContactImportFigures {
  rows: number;
  /** Rows a second: new contacts with two properties and one opt-in each, by a worker. */
  rowsASecond: number;
  /** Round trips for 500 such rows, without the checkpoint. */
  trips: number;
  /** The highest resident memory of the worker. */
  mb: number;
}

/** Rows of four batches: what a run reads at its beginning is not counted. */
const partRows = 2000;

/** @param input `env` is that of a portal in production, without its database; `folder` is for the files */
export async function measureContactImport(
  database: Database,
  { rows, env, folder }: { rows: number; env: Record<string, string>; folder: string },
): Promise<ContactImportFigures> {
  const uri = database.uri.replace('/sayso?', '/import-contacts?');
  const room = await openRoom(database, uri);
  await writeCatalogue(room.models);
  const catalogue = createCatalogueSource(room.models, 'UTC');
  const deps: ImportDeps = {
    ...{ models: room.models, clock: () => new Date(), catalogue: () => catalogue.read() },
    subscriberIds: subscriberIdsOf(env['SUBSCRIBER_ID_KEY'] ?? ''),
  };
  const worker = startWorker({ ...env, MONGODB_URI: uri });
  try {
    const one = await checked(deps, join(folder, 'contacts.csv'), 'person', rows);
    const began = performance.now();
    await confirmImport(deps, { id: one._id, scope: null }, { revision: one.revision });
    const { contactResult } = await importWhen(deps, one._id, 'DONE');
    const rowsASecond = (rows / (performance.now() - began)) * 1000;
    if (contactResult?.created !== rows || contactResult.optIns !== rows)
      throw new Error(`${contactResult?.created} of ${rows} contacts were created.`);
    const mb = worker.highestMb();
    const other = await checked(deps, join(folder, 'trips.csv'), 'trip', partRows * 2);
    return { rows, rowsASecond, trips: await tripsOf(deps, uri, other._id), mb };
  } finally {
    await worker.stop();
    await room.connection.close();
  }
}

async function checked(deps: ImportDeps, file: string, name: string, rows: number) {
  const lines = function* () {
    yield 'email,first name,last name,city,customer number,news\n';
    for (let index = 0; index < rows; index += 1)
      yield `${name}-${index}@example.com,Person,Number ${index},City ${index % 50},${index},yes\n`;
  };
  await pipeline(Readable.from(lines()), createWriteStream(file));
  const wanted = { kind: 'CONTACTS', unitId: null, channel: 'EMAIL', name, by: 'cli', scope: null } as const;
  const { _id: id } = await startImport(deps, wanted, createReadStream(file));
  const type = (await deps.catalogue()).orderedTypes.find(
    ({ unitId, channel }) => unitId === 0 && channel === 'EMAIL',
  );
  await chooseContacts(
    deps,
    { id, scope: null },
    { unitIds: [0], legalBasis: 'CONSENT_WITH_NOTICE', explanation: 'A list of the benchmark.' },
    {
      ...{ email: 'email', 'first name': 'firstName', 'last name': 'lastName', city: 'property:city' },
      ...{ 'customer number': 'property:customer number', news: `subscription:${type?.id}` },
    },
  );
  await checkImport(deps, { id, scope: null });
  return importWhen(deps, id, 'CHECKED');
}

/** Counts the commands of the second part, in this process. */
async function tripsOf(deps: ImportDeps, uri: string, id: string): Promise<number> {
  const connection = await connect(`${uri}&monitorCommands=true`);
  let trips = 0;
  connection.getClient().on('commandStarted', () => (trips += 1));
  const one = await importWhen(deps, id, 'CHECKED');
  const own = { ...deps, models: createModels(connection), queueConfirmation: () => Promise.resolve() };
  let before = 0;
  for await (const _ of runContacts(own, one, { after: null, guard: () => undefined })) {
    if (before > 0) break;
    before = trips;
  }
  await connection.close();
  return (trips - before) / (partRows / 500);
}
