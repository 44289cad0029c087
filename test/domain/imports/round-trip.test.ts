/** The export of unsubscribed addresses, imported as an opt-out list in another installation, gives the same suppression. */
import { expect, it } from 'vitest';
import { normaliseAddress } from '../../../src/domain/consent/address.js';
import { openExportRoom, recordsOf } from '../../support/export-room.js';
import { openImportRoom } from '../../support/import-room.js';
import { actors } from '../../support/judge.js';
import { northwind } from '../../support/people.js';
import { stop } from '../../support/wishes.js';

const here = await openExportRoom();
const elsewhere = await openImportRoom();

it('an export of opt-outs of all suppresses the same addresses where it is imported, and no others', async () => {
  // A plus sign begins a formula in a spreadsheet, so the export changes such a cell, and the import must read it.
  const out = ['ann@example.com', '+bob@example.com', '=eve@example.com', 'jürgen@bücher.example'];
  for (const address of out)
    await here.act(await here.somebody(address), actors.oneClick, stop(northwind.id));
  await here.somebody('stays@example.com');
  const choices = { unitId: northwind.id, type: 'ALL', reason: 'OPT_OUT', channel: 'EMAIL' };
  const text = await here.exported('EXPORT_UNSUBSCRIBED', choices);
  expect(await recordsOf(text)).toHaveLength(out.length);
  const one = await elsewhere.imported(text);
  expect(one).toMatchObject({
    counts: { distinct: out.length, rejected: 0 },
    result: { changed: out.length },
  });
  const stored = await elsewhere.models.subscribers.find({}).lean();
  expect(stored.map(({ address }) => address).sort()).toEqual(
    out.map((address) => normaliseAddress('EMAIL', address)).sort(),
  );
  expect(await elsewhere.models.contacts.estimatedDocumentCount()).toBe(0);
});

it('an export of phone numbers is read back', async () => {
  const numbers = ['+4790012345', '+48600700800'];
  for (const address of numbers)
    await here.change({
      ...{ subscriberId: here.subscriberIds('SMS', address), channel: 'SMS', address },
      ...{ actor: actors.importer, wishes: [stop(northwind.id)], circumstances: {} },
    });
  const text = await here.exported('EXPORT_UNSUBSCRIBED', { type: 'ALL', channel: 'SMS' });
  const one = await elsewhere.imported(text, { channel: 'SMS' });
  expect(one.counts).toMatchObject({ distinct: numbers.length, rejected: 0 });
});
