/** Setup for imports: the setup for bulk work, and an import of some lines from its upload to its end. */
import { confirmImport, checkImport, startImport, type NewImport } from '../../src/domain/imports/start.js';
import { undoImport } from '../../src/domain/imports/undo.js';
import type { ImportDeps } from '../../src/domain/imports/contract.js';
import { findImport, type Import } from '../../src/models/import.js';
import { openBulkRoom, type BulkRoom } from './bulk-room.js';
import { northwind } from './people.js';

export interface ImportRoom extends BulkRoom {
  imports: ImportDeps;
  /** Uploads a list. By default it is of Northwind, by email. */
  upload: (text: string | Buffer, more?: Partial<NewImport>) => Promise<Import>;
  /** Uploads and checks a list; a worker does the check. */
  checked: (text: string | Buffer, more?: Partial<NewImport>) => Promise<Import>;
  /** Queues the check of an import. */
  check: (id: string) => Promise<Import>;
  /** Confirms a checked import with its number. */
  confirmed: (one: Import) => Promise<Import>;
  /** The whole import of a list. */
  imported: (text: string | Buffer, more?: Partial<NewImport>) => Promise<Import>;
  undone: (one: Pick<Import, '_id'>) => Promise<Import>;
  theImport: (id: string) => Promise<Import>;
  /** A worker's round with every queued job. */
  workNow: () => Promise<void>;
}

/** The party of an import's opt-outs. */
export const importPartyOf = ({ _id }: Pick<Import, '_id'>) => `IMPORT:import:${_id}`;

export async function openImportRoom(): Promise<ImportRoom> {
  const room = await openBulkRoom();
  const { models, subscriberIds } = room;
  await models.storedFiles.createIndexes();
  await models.storedChunks.createIndexes();
  const imports: ImportDeps = { ...room.jobs, subscriberIds };
  const theImport = async (id: string) => {
    const found = await findImport(models, id, null);
    if (!found) throw new Error('There is no such import.');
    return found;
  };
  const upload: ImportRoom['upload'] = (text, more = {}) =>
    startImport(
      imports,
      { ...{ unitId: northwind.id, channel: 'EMAIL', name: 'list.csv', by: 'user:1', scope: null }, ...more },
      bytesOf(text),
    );
  const checked: ImportRoom['checked'] = async (text, more) => {
    const { _id: id } = await upload(text, more);
    await checkImport(imports, { id, scope: null });
    await worked(room);
    return theImport(id);
  };
  const confirmed: ImportRoom['confirmed'] = async ({ _id: id, counts, revision }) =>
    confirmImport(imports, { id, scope: null }, { number: counts?.distinct ?? -1, revision });
  return {
    ...room,
    imports,
    upload,
    checked,
    check: (id) => checkImport(imports, { id, scope: null }),
    confirmed,
    async imported(text, more) {
      const { _id } = await confirmed(await checked(text, more));
      await worked(room);
      return theImport(_id);
    },
    async undone({ _id: id }) {
      const undo = await undoImport(imports, { id, scope: null }, 'user:1');
      await worked(room);
      return theImport(undo._id);
    },
    theImport,
    workNow: () => worked(room),
  };
}

/** Jobs are queued by the test's clock, and leased by the database's. */
async function worked(room: BulkRoom): Promise<void> {
  await room.models.jobs.updateMany({ state: 'QUEUED' }, { $set: { dueAt: new Date(0) } });
  await room.work();
}

async function* bytesOf(text: string | Buffer): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
