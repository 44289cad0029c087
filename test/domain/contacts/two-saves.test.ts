/** Saves of one contact at the same moment: each address that is listed has one contact, and its claim stays (decision 0821). */
import { expect, it } from 'vitest';
import { removeContact } from '../../../src/domain/contacts/delete.js';
import { saveContacts } from '../../../src/domain/contacts/save.js';
import type { Contact } from '../../../src/models/contact.js';
import type { Models } from '../../../src/models/index.js';
import { blankForm, formOf, made, openContactRoom, staff } from '../../support/contact-room.js';
import { heldUp } from '../../support/crashing.js';

const room = await openContactRoom();
const by = { ...staff, scope: null };

type Run = (models: Models) => Promise<unknown>;

/** Starts a run that stops right before its write `at`, until it is told to go on. */
async function startedUntil(at: number, run: Run) {
  let goOn: () => void = () => undefined;
  let stop: (isStopped: boolean) => void = () => undefined;
  const going = new Promise<void>((resolve) => (goOn = resolve));
  const stopped = new Promise<boolean>((resolve) => (stop = resolve));
  let writes = 0;
  const models = heldUp(room.models, async () => {
    if (writes++ !== at) return;
    stop(true);
    await going;
  });
  const ended = run(models);
  const isStopped = await Promise.race([stopped, ended.then(() => false)]);
  return { isStopped, goOn, ended };
}

/** The first run stops before each of its writes in turn. The second begins there, stops before each of its own, and goes on when the first has ended. */
async function interleaved(prepare: () => Promise<[Run, Run]>, check: () => Promise<void>): Promise<number> {
  let orders = 0;
  for (let first = 0, isFirstStopped = true; isFirstStopped; first++)
    for (let second = 0, isSecondStopped = true; isSecondStopped; second++) {
      const [one, other] = await prepare();
      const leading = await startedUntil(first, one);
      const following = await startedUntil(second, other);
      leading.goOn();
      await leading.ended;
      following.goOn();
      await following.ended;
      await check();
      isFirstStopped = leading.isStopped;
      isSecondStopped = following.isStopped && isFirstStopped;
      orders++;
    }
  return orders;
}

const save = (contact: Contact, changed: object) => (models: Models) =>
  saveContacts(
    { ...room.contacts, models },
    [{ form: { ...formOf(contact), ...changed }, contactId: contact._id }],
    by,
  );

/** Each address that a contact lists is claimed for it, so no other contact can get it. No other address is claimed. */
async function expectClaimed(): Promise<void> {
  const contacts = await room.models.contacts.find({}).lean();
  const listed = contacts.flatMap(({ _id, subscribers }) =>
    Object.values(subscribers).flatMap((subscriberId) => (subscriberId ? [`${subscriberId} ${_id}`] : [])),
  );
  const claimed = (await room.models.subscribers.find({}).lean())
    .filter(({ contactId }) => contactId)
    .map(({ _id, contactId }) => `${_id} ${contactId}`);
  expect(claimed.toSorted()).toEqual(listed.toSorted());
}

let last = 0;
const unused = () => `${(last += 1)}@example.com`;

it('a contact that changes its address and changes it back keeps the claim', async () => {
  const orders = await interleaved(async () => {
    const email = unused();
    const contact = await room.contact({ email });
    return [save(contact, { email: unused() }), save(contact, { email, lastName: 'Back' })];
  }, expectClaimed);
  expect(orders).toBeGreaterThan(6);
});

it('a save that is refused takes no claim from another save of the contact', async () => {
  const orders = await interleaved(async () => {
    const contact = await room.contact({ email: unused() });
    const [email, phone] = [unused(), `+479${String((last += 1)).padStart(7, '0')}`];
    let isTaken = false;
    const refused = async (models: Models) => {
      // The address is claimed when another contact takes the number.
      const overtaken = heldUp(models, async (write) => {
        if (isTaken || write !== 'subscribers.bulkWrite') return;
        const head = await room.models.subscribers.findById(room.idOf(email)).lean();
        if (head?.contactId !== contact._id) return;
        isTaken = true;
        await room.contact({ phone });
      });
      expect(await save(contact, { email, phone })(overtaken)).toMatchObject([{ code: 'ADDRESS_TAKEN' }]);
      expect(isTaken).toBe(true);
    };
    return [refused, save(contact, { email, lastName: 'Mail' })];
  }, expectClaimed);
  expect(orders).toBeGreaterThan(6);
});

it('a save and the deletion of its contact leave no claim', async () => {
  const orders = await interleaved(async () => {
    const contact = await room.contact({ email: unused() });
    const remove = (models: Models) => removeContact({ ...room.contacts, models }, contact);
    return [remove, save(contact, { email: unused() })];
  }, expectClaimed);
  expect(orders).toBeGreaterThan(4);
});

it('a save that another contact’s save overtakes after half a minute does not list the address', async () => {
  const orders = await interleaved(async () => {
    const [slow, contact] = [
      await room.contact({ email: unused() }),
      await room.contact({ email: unused() }),
    ];
    const email = unused();
    const sleeping = await startedUntil(1, save(slow, { email }));
    expect(sleeping.isStopped).toBe(true);
    room.setTime(new Date(room.contacts.clock().getTime() + 60_000));
    // Both saves of the contact take the address over; the slow one wakes when the second has it.
    const second = async (models: Models) => {
      await save(contact, { email, lastName: 'Second' })(models);
      sleeping.goOn();
      await sleeping.ended;
    };
    return [save(contact, { email }), second];
  }, expectClaimed);
  expect(orders).toBeGreaterThan(6);
});

it.each([
  ['deleted', (contact: Contact) => removeContact(room.contacts, contact)],
  ['changed', (contact: Contact) => save(contact, { lastName: 'Earlier' })(room.models)],
])('a save of a contact that is %s meanwhile keeps no claim', async (_, overtake) => {
  const contact = await room.contact({ email: unused() });
  let isOvertaken = false;
  const models = heldUp(room.models, async (write) => {
    if (isOvertaken || write !== 'contacts.bulkWrite') return;
    isOvertaken = true;
    await overtake(contact);
  });
  const form = { ...formOf(contact), email: unused() };
  const one = { form, contactId: contact._id, version: contact.version };
  expect(await saveContacts({ ...room.contacts, models }, [one], by)).toMatchObject([
    { faults: expect.anything() },
  ]);
  expect(isOvertaken).toBe(true);
  await expectClaimed();
});

it('a slow creation leaves the contact that its repetition has made, and staff have edited, as it is', async () => {
  const email = unused();
  const row = { form: { ...blankForm, email }, fresh: { id: 'made-twice' } };
  let isOvertaken = false;
  const models = heldUp(room.models, async (write) => {
    if (isOvertaken || write !== 'contacts.bulkWrite') return;
    isOvertaken = true;
    const [contact] = (await saveContacts(room.contacts, [row], by)).map(made);
    if (!contact) throw new Error('The repetition made no contact.');
    await room.edit(contact, { email: unused(), lastName: 'Staff' });
    await room.contact({ email, lastName: 'Other' });
  });
  const saved = await saveContacts({ ...room.contacts, models }, [row], by);
  // It answers with the contact as it is, and takes nothing from it.
  expect(saved).toMatchObject([{ outcome: 'UNCHANGED', contact: { lastName: 'Staff' } }]);
  expect(await room.stored('made-twice')).toMatchObject({ lastName: 'Staff' });
  await expectClaimed();
});

it('a creation is reported as one, also if an edit of the same call is overtaken', async () => {
  const contact = await room.contact({ email: unused() });
  let isOvertaken = false;
  const models = heldUp(room.models, async (write) => {
    if (isOvertaken || write !== 'contacts.bulkWrite') return;
    isOvertaken = true;
    await save(contact, { lastName: 'Earlier' })(room.models);
  });
  const rows = [
    { form: { ...blankForm, email: unused(), properties: { City: 'Oslo' } } },
    { form: { ...formOf(contact), firstName: 'Later' }, contactId: contact._id },
  ];
  const saved = await saveContacts({ ...room.contacts, models }, rows, by);
  expect(isOvertaken).toBe(true);
  expect(saved).toMatchObject([{ outcome: 'CREATED' }, { outcome: 'CHANGED' }]);
});
