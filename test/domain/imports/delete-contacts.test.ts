/** Contacts on an imported list are deleted: their opt-outs stay, and so do contacts of other business units. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startContactWork } from '../../../src/domain/imports/contact-work.js';
import { createContact } from '../../../src/domain/contacts/save.js';
import { blankForm, made, staff } from '../../support/contact-room.js';
import { openImportRoom, type ImportRoom } from '../../support/import-room.js';
import { fjell, northwind } from '../../support/people.js';

let room: ImportRoom;
beforeAll(async () => {
  room = await openImportRoom();
});
afterAll(() => room.close());

async function contact(form: { email: string; unitIds: number[] }) {
  return made(await createContact(room.imports, { scope: null, form: { ...blankForm, ...form }, by: staff }));
}

it('deletes the contacts of the import’s unit, keeps those that another unit has too, and keeps every opt-out', async () => {
  await contact({ email: 'own@example.com', unitIds: [northwind.id] });
  await contact({ email: 'shared@example.com', unitIds: [northwind.id, fjell.id] });
  await contact({ email: 'other@example.com', unitIds: [northwind.id] });
  const one = await room.imported('Email\nown@example.com\nshared@example.com\nunknown@example.com\n');
  expect(one.counts?.contacts).toBe(2);
  const jobId = await startContactWork(
    room.imports,
    { id: one._id, scope: null },
    { job: 'contacts', by: 'user:1' },
  );
  await room.workNow();
  const job = await room.models.jobs.findById(jobId).lean();
  expect(job).toMatchObject({ state: 'DONE', counts: { changed: 1, refused: 1, byCode: { OTHER_UNIT: 1 } } });
  const emails = (await room.models.contacts.find({}).lean()).map(({ email }) => email ?? '').filter(Boolean);
  expect(emails.sort()).toEqual(['other@example.com', 'shared@example.com']);
  const { subscriber } = await room.history(room.idOf('own@example.com'));
  expect(subscriber.optOuts.units[northwind.id]).toHaveLength(1);
  expect(subscriber.contactId).toBeNull();
});

it('is refused before the import has ended', async () => {
  const one = await room.checked('Email\nown@example.com\n');
  await expect(
    startContactWork(room.imports, { id: one._id, scope: null }, { job: 'contacts', by: 'user:1' }),
  ).rejects.toMatchObject({ code: 'CONFLICT' });
});
