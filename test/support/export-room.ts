/** Setup for exports: the setup of bulk work, exports as jobs, and their files as text and as rows. */
import { fileText } from './job-file.js';
import { openBulkRoom } from './bulk-room.js';
import type { BulkRoom } from './bulk-room.js';
import { readAll } from './csv-files.js';

export interface ExportRoom extends BulkRoom {
  /** Makes an export, and returns the text of its file. */
  exported: (kind: string, input: object, scope?: number[] | null) => Promise<string>;
  /** The same, as one object for each row of the CSV file. */
  rowsOf: (kind: string, input?: object, scope?: number[] | null) => Promise<Record<string, string>[]>;
}

export async function openExportRoom(): Promise<ExportRoom> {
  const room = await openBulkRoom();
  let number = 0;
  const exported: ExportRoom['exported'] = async (kind, input, scope = null) => {
    const id = `export-${number++}`;
    await room.queue({ id, kind, input, scope });
    const counts = await room.work();
    if (counts.DONE !== 1) throw new Error(`the export ended as ${JSON.stringify(await room.the(id))}`);
    return fileText(room.models, await room.the(id), room.deps.clock());
  };
  return {
    ...room,
    exported,
    rowsOf: async (kind, input = {}, scope = null) => recordsOf(await exported(kind, input, scope)),
  };
}

/** The rows of a CSV file, by the names of its columns. */
export async function recordsOf(text: string): Promise<Record<string, string>[]> {
  const { names, rows } = await readAll(text);
  return rows.map(({ cells }) => Object.fromEntries(names.map((name, at) => [name, cells[at] ?? ''])));
}
