/** Bulk work over selected contacts: which they are, and their rows with one outcome each. */
import { z } from 'zod';
import { streamContactIds } from '../domain/contacts/find.js';
import { selectionSchema } from '../domain/contacts/selection.js';
import { chunkSize, type JobRow, type RowOutcome } from '../models/job-chunk.js';
import type { ChunkWork } from './chunked.js';

const withSelection = z.looseObject({ selection: selectionSchema });

/** The contacts that the job's input selects, without those added since its request. */
export function selectContacts(deps: Parameters<typeof streamContactIds>[0]): ChunkWork['select'] {
  return ({ input, scope, at }, after) => {
    const { selection } = withSelection.parse(input);
    return streamContactIds(deps, { scope, selection, after, until: at, size: chunkSize });
  };
}

/** @param outcomes in the order of the contacts */
export function contactRows(ids: readonly string[], outcomes: readonly RowOutcome[]): JobRow[] {
  return ids.map((contactId, at) => ({
    ...{ contactId, subscriberId: null },
    outcomes: [outcomes[at] ?? 'NO_CONTACT'],
  }));
}
