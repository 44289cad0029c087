/** The import of an opt-out list from its file to its result: counts, the typed number, the scope, what is written and what is not. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openImportRoom, type ImportRoom } from '../../support/import-room.js';
import { northwind, fjell } from '../../support/people.js';

let room: ImportRoom;
beforeAll(async () => {
  room = await openImportRoom();
});
afterAll(() => room.close());

const list =
  'Email,Name\nann@example.com,Ann\nBob <bob@example.com>,Bob\nANN@example.com,Ann\nnot an address,Carl\n';

it('opts each address out of all of the unit, and counts rows, duplicates and rejected rows', async () => {
  const one = await room.imported(list);
  expect(one).toMatchObject({
    state: 'DONE',
    counts: { rows: 4, rejected: 1, duplicates: 1, distinct: 2, optedOutBefore: 0, contacts: 0, unknown: 2 },
    result: { changed: 2, unchanged: 0 },
  });
  const { subscriber, events } = await room.history(room.idOf('ann@example.com'));
  expect(subscriber).toMatchObject({ address: 'ann@example.com', contactId: null });
  expect(subscriber.optOuts.units[northwind.id]).toMatchObject([
    { by: 'IMPORT', party: `IMPORT:import:${one._id}` },
  ]);
  expect(subscriber.optOuts.units[fjell.id]).toBeUndefined();
  expect(events).toMatchObject([{ actor: { kind: 'IMPORT', ref: `import:${one._id}`, by: 'user:1' } }]);
  expect(await room.models.contacts.estimatedDocumentCount()).toBe(0);
  expect(await room.faults(subscriber._id)).toEqual([]);
});
