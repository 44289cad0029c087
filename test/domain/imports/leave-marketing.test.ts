/** Contacts on an imported list are set to non-marketing: those of the import's unit alone, at the next update. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createContact } from '../../../src/domain/contacts/save.js';
import { startContactWork } from '../../../src/domain/imports/contact-work.js';
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

it('sets the contacts of the import’s unit to non-marketing, and leaves out those that another unit has too', async () => {
  await contact({ email: 'own@example.com', unitIds: [northwind.id] });
  await contact({ email: 'shared@example.com', unitIds: [northwind.id, fjell.id] });
  await contact({ email: 'other@example.com', unitIds: [northwind.id] });
  const one = await room.imported('Email\nown@example.com\nshared@example.com\nunknown@example.com\n');
  const jobId = await startContactWork(
    room.imports,
    { id: one._id, scope: null },
    { job: 'nonMarketing', by: 'user:1' },
  );
  await room.workNow();
  expect(await room.models.jobs.findById(jobId).lean()).toMatchObject({
    ...{ state: 'DONE', total: 2 },
    counts: { changed: 1, refused: 1, byCode: { SHARED_CONTACT: 1 } },
  });
  const leaving = await room.models.contacts.find({ facets: 'until-update:yes' }).lean();
  expect(leaving.map(({ email, isMarketing }) => [email, isMarketing])).toEqual([['own@example.com', true]]);
});

it('is refused before the import has ended', async () => {
  const one = await room.checked('Email\nown@example.com\n');
  await expect(
    startContactWork(room.imports, { id: one._id, scope: null }, { job: 'nonMarketing', by: 'user:1' }),
  ).rejects.toMatchObject({ code: 'CONFLICT' });
});
