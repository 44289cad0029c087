/** The contacts of an import are added to a static list: new, changed and unchanged ones, once. */
import { expect, it } from 'vitest';
import { startContactWork } from '../../../src/domain/imports/contact-work.js';
import { createList } from '../../../src/domain/lists/lists.js';
import { openContactImportRoom } from '../../support/contact-import-room.js';
import { fjell, northwind } from '../../support/people.js';

const room = await openContactImportRoom();

async function listNamed(name: string, unitIds: number[] | null) {
  const wanted = { name, kind: 'STATIC' as const, unitIds, by: 'user:1', scope: null };
  const made = await createList(room.imports, wanted);
  if (!('list' in made)) expect.fail('no list');
  return made.list;
}

it('adds every contact of the file, and adding them again changes nothing', async () => {
  const list = await listNamed('Guests', null);
  await room.contact({ email: 'known@example.com', firstName: 'Known' });
  const columns = [
    { index: 0, to: 'email' as const },
    { index: 1, to: 'firstName' as const },
  ];
  const lines = ['E-mail,First name', 'known@example.com,Known', 'new@example.com,New', 'no address,X'];
  const one = await room.importedContacts(lines, { columns });
  const which = { id: one._id, scope: null };
  for (const expected of [
    { changed: 2, unchanged: 0 },
    { changed: 0, unchanged: 2 },
  ]) {
    const job = await startContactWork(room.imports, which, {
      job: 'listing',
      listId: list._id,
      by: 'user:1',
    });
    await room.workNow();
    expect(await room.models.jobs.findById(job).lean()).toMatchObject({ state: 'DONE', counts: expected });
  }
  const members = await room.models.contacts.find({ facets: `list:${list._id}` }).lean();
  expect(members.map(({ email }) => email).sort()).toEqual(['known@example.com', 'new@example.com']);
});

it('adds no contact of a rejected row, also not a known one', async () => {
  const list = await listNamed('Accepted', null);
  await room.contact({ email: 'rejected@example.com' });
  const one = await room.importedContacts(
    ['E-mail,First name', `rejected@example.com,${'x'.repeat(101)}`, 'accepted@example.com,Ann'],
    {
      columns: [
        { index: 0, to: 'email' },
        { index: 1, to: 'firstName' },
      ],
    },
  );
  const wanted = { job: 'listing', listId: list._id, by: 'user:1' } as const;
  await startContactWork(room.imports, { id: one._id, scope: null }, wanted);
  await room.workNow();
  const members = await room.models.contacts.find({ facets: `list:${list._id}` }).lean();
  expect(members.map(({ email }) => email)).toEqual(['accepted@example.com']);
});

it('is refused for a list outside the scope, and for an opt-out list', async () => {
  const list = await listNamed('Of the account', null);
  const columns = [{ index: 0, to: 'email' as const }];
  const one = await room.importedContacts(['E-mail', 'a@example.com'], { columns, scope: [northwind.id] });
  const limited = { id: one._id, scope: [northwind.id] };
  await expect(
    startContactWork(room.imports, limited, { job: 'listing', listId: list._id, by: 'user:2' }),
  ).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  const { _id: id } = await room.imported('Email\nb@example.com\n');
  await expect(
    startContactWork(room.imports, { id, scope: null }, { job: 'listing', listId: list._id, by: 'user:1' }),
  ).rejects.toMatchObject({ code: 'CONFLICT' });
});

it('counts no contacts of other business units than those of the user', async () => {
  const list = await listNamed('Of one unit', [northwind.id]);
  await room.contact({ email: 'other@example.com', unitIds: [fjell.id] });
  const options = { columns: [{ index: 0, to: 'email' as const }], scope: [northwind.id] };
  const one = await room.importedContacts(['E-mail', 'other@example.com', 'own@example.com'], options);
  const which = { id: one._id, scope: [northwind.id] };
  const job = await startContactWork(room.imports, which, { job: 'listing', listId: list._id, by: 'user:2' });
  await room.workNow();
  expect(await room.models.jobs.findById(job).lean()).toMatchObject({
    ...{ state: 'DONE', done: 1, counts: { changed: 1, refused: 0 } },
  });
});
