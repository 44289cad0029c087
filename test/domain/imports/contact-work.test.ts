/** Contacts of an imported opt-out list are deleted, or set to non-marketing: those of the import's unit alone, and no opt-out is lost. */
import { expect, it } from 'vitest';
import { createContact } from '../../../src/domain/contacts/save.js';
import { startContactWork, type ContactWork } from '../../../src/domain/imports/contact-work.js';
import { blankForm, made, staff } from '../../support/contact-room.js';
import { openImportRoom } from '../../support/import-room.js';
import { fjell, northwind } from '../../support/people.js';

const room = await openImportRoom();

/** Imports a list with a contact of the import's unit, one that another unit has too, and an unknown address. Then does the work. */
async function worked(work: ContactWork, domain: string) {
  for (const [email, unitIds] of [
    [`own@${domain}`, [northwind.id]],
    [`shared@${domain}`, [northwind.id, fjell.id]],
    [`other@${domain}`, [northwind.id]],
  ] as const) {
    const form = { ...blankForm, email, unitIds: [...unitIds] };
    made(await createContact(room.imports, { scope: null, form, by: staff }));
  }
  const one = await room.imported(`Email\nown@${domain}\nshared@${domain}\nunknown@${domain}\n`);
  expect(one.counts?.contacts).toBe(2);
  const jobId = await startContactWork(room.imports, { id: one._id, scope: null }, { ...work, by: 'user:1' });
  await room.workNow();
  return room.models.jobs.findById(jobId).lean();
}

it('deletes the contacts of the import’s unit, keeps those that another unit has too, and keeps every opt-out', async () => {
  const job = await worked({ job: 'contacts' }, 'deleted.example.com');
  expect(job).toMatchObject({ state: 'DONE', counts: { changed: 1, refused: 1, byCode: { OTHER_UNIT: 1 } } });
  const left = await room.models.contacts.find({ email: /@deleted/ }).lean();
  expect(left.map(({ email }) => email).sort()).toEqual([
    'other@deleted.example.com',
    'shared@deleted.example.com',
  ]);
  const { subscriber } = await room.history(room.idOf('own@deleted.example.com'));
  expect(subscriber.optOuts.units[northwind.id]).toHaveLength(1);
  expect(subscriber.contactId).toBeNull();
});

it('sets the contacts of the import’s unit to non-marketing, and leaves out those that another unit has too', async () => {
  expect(await worked({ job: 'nonMarketing' }, 'leaving.example.com')).toMatchObject({
    ...{ state: 'DONE', total: 2 },
    counts: { changed: 1, refused: 1, byCode: { SHARED_CONTACT: 1 } },
  });
  const leaving = await room.models.contacts.find({ facets: 'until-update:yes' }).lean();
  expect(leaving.map(({ email, isMarketing }) => [email, isMarketing])).toEqual([
    ['own@leaving.example.com', true],
  ]);
});

it.each(['contacts', 'nonMarketing'] as const)('%s: refused before the import has ended', async (job) => {
  const one = await room.checked('Email\nown@example.com\n');
  await expect(
    startContactWork(room.imports, { id: one._id, scope: null }, { job, by: 'user:1' }),
  ).rejects.toMatchObject({ code: 'CONFLICT' });
});
