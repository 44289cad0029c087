/** Contacts in workbooks: cells with types, the chosen sheet, and every row accounted for. */
import { expect, it } from 'vitest';
import { changeImport, checkImport } from '../../../src/domain/imports/start.js';
import { openContactImportRoom } from '../../support/contact-import-room.js';
import { worldWith } from '../../support/judge.js';
import { northwind } from '../../support/people.js';
import { inlineRows, workbookOf } from '../../support/write-zip.js';

const room = await openContactImportRoom();

it('typed dates, numbers and booleans of the chosen sheet are read, and each row is written or rejected', async () => {
  const kinds = { Born: 'DATE', Spent: 'NUMBER', Member: 'YES_NO' } as const;
  const properties = new Map(
    Object.entries(kinds).map(([name, kind]) => [name.toLowerCase(), { name, kind, choices: [] }]),
  );
  room.setCatalogue({ ...worldWith(), properties });
  const text = (cell: string, value: string) => `<c r="${cell}" t="inlineStr"><is><t>${value}</t></is></c>`;
  const people =
    inlineRows([['E-mail', 'Born', 'Spent', 'Member']]) +
    `<row r="2">${text('A2', 'ann@example.com')}<c r="B2" s="1"><v>45730.75</v></c><c r="C2"><v>1.234</v></c><c r="D2" t="b"><v>1</v></c></row>` +
    `<row r="5">${text('A5', 'bob@example.com')}${text('B5', 'soon')}</row>` +
    `<row r="6">${text('A6', 'cara@example.com')}<c r="D6" t="b"><v>0</v></c></row>`;
  const other = inlineRows([['E-mail'], ['other@example.com']]);
  const bytes = workbookOf(
    [
      { name: 'Other', rows: other },
      { name: 'People', rows: people },
    ],
    { styles: '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>' },
  );
  const more = { kind: 'CONTACTS', unitId: null, name: 'people.xlsx' } as const;
  const { _id: id } = await room.upload(bytes, more);
  await changeImport(room.imports, { id, scope: null }, { choice: { sheet: 'People' } });
  const columns = (['email', 'property:Born', 'property:Spent', 'property:Member'] as const).map(
    (to, index) => ({ index, to }),
  );
  const contacts = { unitIds: [northwind.id], columns };
  await changeImport(room.imports, { id, scope: null }, { choice: { contacts } });
  await checkImport(room.imports, { id, scope: null });
  await room.workNow();
  await room.confirmed(await room.theImport(id));
  await room.workNow();
  const { contactResult } = await room.theImport(id);
  expect(contactResult).toMatchObject({ rows: 3, created: 2, changed: 0, unchanged: 0, rejected: 1 });
  expect((await room.contactOf('ann@example.com'))?.properties).toEqual({
    ...{ Born: '2025-03-14', Spent: '1.234', Member: 'yes' },
  });
  expect((await room.contactOf('cara@example.com'))?.properties).toEqual({ Member: 'no' });
  expect(await room.contactOf('other@example.com')).toBeNull();
  room.setCatalogue(worldWith());
});
