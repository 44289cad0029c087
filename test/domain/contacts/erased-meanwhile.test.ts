/** A person is erased while somebody saves the contact: no address that the contact has is stored again, and none is left. */
import { expect, it } from 'vitest';
import { erasePerson } from '../../../src/domain/contacts/erase.js';
import { saveContacts } from '../../../src/domain/contacts/save.js';
import type { MailModel } from '../../../src/models/mail.js';
import type { SubscriberModel } from '../../../src/models/subscriber.js';
import { formOf, openContactRoom, staff } from '../../support/contact-room.js';
import { crashing, heldUp } from '../../support/crashing.js';
import { actors } from '../../support/judge.js';

const room = await openContactRoom();
const by = { ...staff, scope: null };
const erasing = { ...room.deps, ...room.contacts, models: room.models };

/** The addresses that are stored, and to whom they belong. */
async function stored(...addresses: string[]) {
  const found = await room.models.subscribers.find({}).lean();
  return found.filter(({ address }) => address !== null && addresses.includes(address));
}

it('a save that read the contact before does not store the address again', async () => {
  const email = 'read-before@example.com';
  const contact = await room.contact({ email });
  let isErased = false;
  // The save reads the contact, and then the subscribers of its addresses.
  const find: SubscriberModel['find'] = (...given: unknown[]) => {
    const query = Reflect.apply(room.models.subscribers.find, room.models.subscribers, given) as ReturnType<
      SubscriberModel['find']
    >;
    const read = query.exec.bind(query);
    query.exec = async () => {
      if (!isErased) {
        isErased = true;
        await erasePerson(erasing, { id: contact._id, actor: actors.staff });
      }
      return read();
    };
    return query;
  };
  const subscribers = Object.create(room.models.subscribers, { find: { value: find } }) as SubscriberModel;
  const deps = { ...room.contacts, models: { ...room.models, subscribers } };
  const form = { ...formOf(contact), lastName: 'Changed' };
  const saved = await saveContacts(deps, [{ form, contactId: contact._id }], by);
  expect(isErased).toBe(true);
  expect(saved).toMatchObject([{ code: 'NOT_FOUND' }]);
  expect(await stored(email)).toEqual([]);
});

it('an address that the contact gets between the reading and the mark of the erasure is erased too', async () => {
  const email = 'before@example.com';
  const added = 'added@example.com';
  const contact = await room.contact({ email });
  const form = { ...formOf(contact), email: added };
  let isSaved = false;
  const models = heldUp(room.models, async (write) => {
    if (write !== 'contacts.updateOne' || isSaved) return;
    isSaved = true;
    await saveContacts(room.contacts, [{ form, contactId: contact._id }], by);
  });
  await erasePerson({ ...erasing, models }, { id: contact._id, actor: actors.staff });
  expect(isSaved).toBe(true);
  expect(await stored(email, added)).toEqual([]);
});

it('a save that read the contact before the mark, and writes it after the addresses are read, is refused', async () => {
  const contact = await room.contact({ email: 'slow@example.com' });
  const form = { ...formOf(contact), phone: '+4790000911' };
  let goOn: () => void = () => undefined;
  let isReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (isReady = resolve));
  const going = new Promise<void>((resolve) => (goOn = resolve));
  const slow = heldUp(room.models, async (write) => {
    if (write !== 'contacts.bulkWrite') return;
    isReady();
    await going;
  });
  const saving = saveContacts({ ...room.contacts, models: slow }, [{ form, contactId: contact._id }], by);
  await ready;
  // By then the record is read, and its first address is erased.
  const updateMany = async (...given: unknown[]) => {
    goOn();
    await saving;
    return Reflect.apply(room.models.mails.updateMany, room.models.mails, given) as unknown;
  };
  const mails = Object.create(room.models.mails, { updateMany: { value: updateMany } }) as MailModel;
  const models = { ...room.models, mails };
  await erasePerson({ ...erasing, models }, { id: contact._id, actor: actors.staff });
  expect(await saving).toMatchObject([{ code: 'NOT_FOUND' }]);
  expect(await stored('slow@example.com')).toEqual([]);
});

it('an address that another contact has got since the record was read is not erased', async () => {
  const email = 'passed-on@example.com';
  const contact = await room.contact({ email });
  let isPassedOn = false;
  const models = heldUp(room.models, async (write) => {
    if (write !== 'contacts.updateOne' || isPassedOn) return;
    isPassedOn = true;
    const form = { ...formOf(contact), email: 'another@example.com' };
    await saveContacts(room.contacts, [{ form, contactId: contact._id }], by);
    await room.contact({ email });
  });
  await erasePerson({ ...erasing, models }, { id: contact._id, actor: actors.staff });
  expect(isPassedOn).toBe(true);
  expect(await stored(email, 'another@example.com')).toMatchObject([{ address: email }]);
});

it('an address of an erased person can be given to a contact anew', async () => {
  const email = 'erased-long-ago@example.com';
  const gone = await room.contact({ email });
  await erasePerson(erasing, { id: gone._id, actor: actors.staff });
  const contact = await room.contact({ email: 'of-another@example.com' });
  const form = { ...formOf(contact), email };
  const saved = await saveContacts(room.contacts, [{ form, contactId: contact._id }], by);
  expect(saved).toMatchObject([{ outcome: 'CHANGED' }]);
  expect(await stored(email)).toMatchObject([{ contactId: contact._id }]);
});

it('a claim that a crash has left does not keep a contact from an erased address', async () => {
  const contact = await room.contact({ email: 'before-the-crash@example.com' });
  const email = 'claimed-and-erased@example.com';
  const form = { ...formOf(contact), email };
  const crashed = { ...room.contacts, models: crashing(room.models, 1) };
  await expect(saveContacts(crashed, [{ form, contactId: contact._id }], by)).rejects.toThrow();
  expect(await stored(email)).toMatchObject([{ contactId: contact._id }]);
  await erasePerson(erasing, { id: room.idOf(email), actor: actors.staff });
  const saved = await saveContacts(room.contacts, [{ form, contactId: contact._id }], by);
  expect(saved).toMatchObject([{ outcome: 'CHANGED' }]);
});
