/** Contacts saved by an older release can also be found by letters of other keyboards after the migration. */
import { expect, it } from 'vitest';
import { findContacts } from '../../../src/domain/contacts/find.js';
import { wholeIndex } from '../../../src/domain/contacts/selection.js';
import { refoldWords } from '../../../src/domain/contacts/refold-words.js';
import { openContactRoom } from '../../support/contact-room.js';

const room = await openContactRoom();

const found = async (search: string) => {
  const wanted = { ...wholeIndex, scope: null, search, cursor: null };
  return (await findContacts(room.contacts, wanted)).contacts.map(({ lastName }) => lastName);
};

it('the migration refolds the words of every contact once and changes nothing else', async () => {
  const contact = await room.contact({
    lastName: 'Sørensen',
    email: 'kim@bücher.example',
    phone: '+4790000551',
  });
  for (let number = 0; number < 600; number++)
    await room.models.contacts.collection.insertOne({ ...contact, _id: `copy-${number}` as never });
  const old = ['sørensen', 'kim@xn--bcher-kva.example', 'xn--bcher-kva.example', '+4790000551', '4790000551'];
  await room.models.contacts.updateMany({}, { $set: { words: old } });
  expect(await found('sorensen')).toEqual([]);
  await refoldWords(room.models);
  expect(await room.stored(contact._id)).toEqual(contact);
  for (const search of ['sorensen', 'Sørensen', 'kim@bücher', '900 00 551'])
    expect((await found(search)).length, search).toBe(50);
  expect(await room.models.contacts.countDocuments({ words: 'sørensen' })).toBe(0);
  await refoldWords(room.models);
  expect(await room.stored(contact._id)).toEqual(contact);
});
