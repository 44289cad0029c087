/** Setup for scheduled sources: the setup for imports, a server with a list, and runs of a source to their end. */
import type { SourceDeps } from '../../src/domain/sources/contract.js';
import { createSource, findSource, queueRun, type NewSource } from '../../src/domain/sources/sources.js';
import type { ImportResult } from '../../src/models/import.js';
import type { Source } from '../../src/models/source.js';
import { openImportRoom, type ImportRoom } from './import-room.js';
import { openListServer, type ListServer } from './list-server.js';
import { northwind } from './people.js';

export interface SourceRoom extends ImportRoom {
  server: ListServer;
  sources: SourceDeps;
  /** A new source of the server's list, by default in CSV. */
  source: (more?: Partial<NewSource>) => Promise<Source>;
  theSource: (one: Pick<Source, '_id'>) => Promise<Source>;
  /** Runs a source to its end, and gives it and the result of its import. */
  run: (one: Pick<Source, '_id' | 'unitId'>) => Promise<{ after: Source; result: ImportResult | null }>;
  /** Runs all jobs, and those that they queue. */
  runJobs: () => Promise<void>;
  /** The parties that opted an address out of all of a unit, by default of Northwind. */
  parties: (address: string, unitId?: number) => Promise<string[]>;
}

/** A list in CSV. */
export const list = (...addresses: string[]) => `Email\n${addresses.join('\n')}\n`;

export async function openSourceRoom(): Promise<SourceRoom> {
  const room = await openImportRoom();
  const server = await openListServer();
  const sources = { ...room.imports, config: room.jobs.config };
  let made = 0;
  let now = Date.parse('2026-03-02T12:00:00Z');

  async function theSource({ _id }: Pick<Source, '_id'>): Promise<Source> {
    const found = await findSource(sources, _id, null);
    if (!found) throw new Error('There is no such source.');
    return found;
  }

  async function runJobs(): Promise<void> {
    await room.workNow();
    await room.workNow();
  }

  return {
    ...room,
    ...{ server, sources, theSource, runJobs },
    async source(more = {}) {
      const id = await createSource(sources, {
        ...{ name: `Source ${++made}`, url: server.url, format: 'CSV', path: '', field: '', mode: 'APPEND' },
        ...{ schedule: { every: 'HOURLY', at: '00:30' }, unitId: northwind.id, channel: 'EMAIL' },
        ...{ credential: { kind: 'NONE', header: '', secret: null }, createdBy: 'user:1' },
        ...more,
      });
      return theSource({ _id: id });
    },
    async run(one) {
      now += 60_000;
      room.setTime(new Date(now));
      await queueRun(sources, one, new Date(now));
      await runJobs();
      const after = await theSource(one);
      const importId = after.lastRun?.importId;
      return { after, result: importId ? (await room.theImport(importId)).result : null };
    },
    async parties(address, unitId = northwind.id) {
      const { subscriber } = await room.history(room.idOf(address));
      return (subscriber.optOuts.units[unitId] ?? []).map(({ party }) => party);
    },
  };
}
