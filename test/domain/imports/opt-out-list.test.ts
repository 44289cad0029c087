/** The import of an opt-out list from its file to its result: counts, the typed number, the scope, what is written and what is not. */
import { describe, expect, it } from 'vitest';
import { importPartyOf, openImportRoom } from '../../support/import-room.js';
import { readListed, rejectedRows, storeListed } from '../../../src/domain/imports/list-file.js';
import { changeImport, checkImport, confirmImport, startImport } from '../../../src/domain/imports/start.js';
import { undoImport } from '../../../src/domain/imports/undo.js';
import { findImport, findImports } from '../../../src/models/import.js';
import { actors } from '../../support/judge.js';
import { northwind, fjell } from '../../support/people.js';
import { stop } from '../../support/wishes.js';

const room = await openImportRoom();

const all = (one: { _id: string }) => ({ id: one._id, scope: null });

it('opts each address out of all of the unit, and counts rows, duplicates and rejected rows', async () => {
  const one = await room.imported(
    'Email,Name\nann@example.com,Ann\nBob <bob@example.com>,Bob\nANN@example.com,Ann\nnot an address,Carl\n',
  );
  expect(one).toMatchObject({
    state: 'DONE',
    counts: { rows: 4, rejected: 1, duplicates: 1, distinct: 2, optedOutBefore: 0, contacts: 0, unknown: 2 },
    result: { changed: 2, unchanged: 0 },
  });
  const { subscriber, events } = await room.history(room.idOf('ann@example.com'));
  expect(subscriber).toMatchObject({ address: 'ann@example.com', contactId: null });
  expect(subscriber.optOuts.units[northwind.id]).toMatchObject([{ by: 'IMPORT', party: importPartyOf(one) }]);
  expect(subscriber.optOuts.units[fjell.id]).toBeUndefined();
  expect(events).toMatchObject([{ actor: { kind: 'IMPORT', ref: `import:${one._id}`, by: 'user:1' } }]);
  expect(await room.models.contacts.estimatedDocumentCount()).toBe(0);
  expect(await room.faults(subscriber._id)).toEqual([]);
});

it('finds an opt-out among thousands of new addresses, which are not looked up', async () => {
  const names = Array.from({ length: 4500 }, (_, index) => `new-${index}@many.example`);
  const last =
    names
      .map((name) => room.idOf(name))
      .sort()
      .at(-1) ?? '';
  await room.act(last, actors.oneClick, stop(northwind.id));
  const one = await room.imported(`Email\n${names.join('\n')}\n`);
  expect(one.result).toEqual({ changed: 4499, unchanged: 1 });
  const { subscriber, events } = await room.history(last);
  expect(subscriber.optOuts.units[northwind.id]).toMatchObject([{ party: 'CONTACT' }]);
  expect(events).toHaveLength(1);
});

it('takes the address of a row whose quotation mark is never closed, and counts the row', async () => {
  const one = await room.checked('name,email\nA,a@example.com\n"B,b@example.com\n5" C,c@example.com\n');
  expect(one.counts).toMatchObject({ rows: 3, rejected: 0, damaged: 1, firstDamagedLine: 3, distinct: 3 });
});

it('keeps the rejected rows as CSV, with line, value and reason, and without formulas', async () => {
  const one = await room.imported('Email\ncara@example.com\n=1+1\ncara@\ndora@example.com\n');
  let text = '';
  for await (const bytes of (await rejectedRows(room.imports, all(one))) ?? [])
    text += Buffer.from(bytes).toString();
  const lines = text.trim().split('\r\n');
  expect(lines.map((line) => line.split(',').slice(0, 2))).toEqual([
    ['Line', 'Value'],
    ['3', "'=1+1"],
    ['4', 'cara@'],
  ]);
});

describe('the sorted addresses of a check', () => {
  it('are what the run writes, and are deleted with its end', async () => {
    const checked = await room.checked('Email\nsara@example.com\nsven@example.com\nsara@example.com\n');
    const { listed = '' } = checked;
    expect(await room.models.storedFiles.exists({ _id: listed })).not.toBeNull();
    // The run does not read the list again.
    await room.models.storedChunks.deleteMany({ files_id: `import:${checked._id}` });
    await room.confirmed(checked);
    await room.workNow();
    expect(await room.theImport(checked._id)).toMatchObject({ state: 'DONE', result: { changed: 2 } });
    expect(await room.models.storedFiles.exists({ _id: listed })).toBeNull();
    expect(await room.models.storedChunks.exists({ files_id: listed })).toBeNull();
  });

  it('are made by the run of an import that an older release checked', async () => {
    const checked = await room.checked('Email\ntove@example.com\n');
    await room.models.imports.updateOne({ _id: checked._id }, { $unset: { listed: 1 } });
    await room.confirmed(checked);
    await room.workNow();
    expect(await room.theImport(checked._id)).toMatchObject({ state: 'DONE', result: { changed: 1 } });
  });

  it('are read in several pieces, all of them or those after an id', async () => {
    const sorted = Array.from({ length: 5000 }, (_, at) => ({
      subscriberId: String(at).padStart(22, '0'),
      address: `${'å'.repeat(at % 200)}@example.com`,
    }));
    const bins = async function* () {
      for (let at = 0; at < sorted.length; at += 700) yield sorted.slice(at, at + 700);
    };
    const id = await storeListed(room.imports, bins());
    const read = async (after?: string) => {
      const all: typeof sorted = [];
      for await (const piece of readListed(room.imports, id, after)) all.push(...piece);
      return all;
    };
    expect(await read()).toEqual(sorted);
    expect(await read(sorted[999]?.subscriberId)).toEqual(sorted.slice(1000));
  });
});

describe('the typed number', () => {
  it('is that of the different valid addresses, of this file, column and unit', async () => {
    const one = await room.checked(
      'Email,Other\na1@example.com,b1@example.com\na2@example.com,b1@example.com\n',
    );
    const { revision } = one;
    const confirm = (number: number, of = revision) =>
      confirmImport(room.imports, all(one), { number, revision: of });
    await expect(confirm(3)).rejects.toMatchObject({ code: 'WRONG_NUMBER' });
    for (const change of [{ choice: { column: 1 } }, { unitId: fjell.id }, { channel: 'SMS' as const }]) {
      const { revision: now } = await changeImport(room.imports, all(one), change);
      await expect(confirm(2)).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(confirm(2, now), 'not checked').rejects.toMatchObject({ code: 'CONFLICT' });
    }
    await changeImport(room.imports, all(one), { channel: 'EMAIL', choice: { column: 1 } });
    await checkImport(room.imports, all(one));
    await room.workNow();
    const again = await room.theImport(one._id);
    expect(again.counts?.distinct).toBe(1);
    await expect(confirm(1), 'the right number, on a page from before the change').rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await expect(confirm(2, again.revision)).rejects.toMatchObject({ code: 'WRONG_NUMBER' });
    expect(await confirm(1, again.revision)).toMatchObject({ state: 'RUNNING', unitId: fjell.id });
    expect(await confirm(1, again.revision), 'once more').toMatchObject({ state: 'RUNNING' });
    await expect(changeImport(room.imports, all(one), { unitId: null })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await room.workNow();
    expect(await room.theImport(one._id)).toMatchObject({
      state: 'DONE',
      result: { changed: 1, unchanged: 0 },
    });
    expect(await room.models.subscribers.findById(room.idOf('a1@example.com')).lean()).toBeNull();
  });

  it('cannot be asked of a column with addresses in fewer than half of its rows', async () => {
    const one = await room.upload('Email,Age\nx1@example.com,12\nx2@example.com,13\n');
    await changeImport(room.imports, all(one), { choice: { column: 1 } });
    await expect(checkImport(room.imports, all(one))).rejects.toMatchObject({ code: 'INVALID_FILE' });
  });
});

describe('a user of some units', () => {
  it('imports into these units only, and sees no import of others or of the account', async () => {
    const { _id } = await room.checked('Email\nz1@example.com\n');
    const portal = await room.checked('Email\nz1@example.com\n', { unitId: null });
    const scope = [fjell.id];
    const bytes = (async function* () {
      yield Buffer.from('Email\nz1@example.com\n');
    })();
    const wanted = { channel: 'EMAIL', name: 'x.csv', by: 'user:2', scope } as const;
    for (const unitId of [northwind.id, null, 99])
      await expect(startImport(room.imports, { ...wanted, unitId }, bytes)).rejects.toMatchObject({
        code: 'UNKNOWN_UNIT',
      });
    for (const id of [_id, portal._id]) {
      const which = { id, scope };
      expect(await findImport(room.models, id, scope)).toBeNull();
      for (const act of [
        () => confirmImport(room.imports, which, { number: 1, revision: 1 }),
        () => changeImport(room.imports, which, { unitId: fjell.id }),
        () => checkImport(room.imports, which),
        () => undoImport(room.imports, which, 'user:2'),
        () => rejectedRows(room.imports, which),
      ])
        await expect(act()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    const own = await room.checked('Email\nz1@example.com\n', { unitId: fjell.id, scope });
    await expect(
      changeImport(room.imports, { id: own._id, scope }, { unitId: northwind.id }),
    ).rejects.toMatchObject({ code: 'UNKNOWN_UNIT' });
    expect(
      (await findImports(room.models, { scope, before: null, limit: 100 })).every(
        ({ unitId }) => unitId === fjell.id,
      ),
    ).toBe(true);
  });
});
