/** Many contacts in one call: the same result as one by one, in a number of round trips that does not depend on how many there are. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContactForm } from '../../../src/domain/contacts/contact-form.js';
import { createContact, saveContacts } from '../../../src/domain/contacts/save.js';
import type { ContactRow } from '../../../src/domain/contacts/save.js';
import type { SavedContact } from '../../../src/domain/contacts/save-passes.js';
import type { Contact } from '../../../src/models/contact.js';
import type { ContactProperty } from '../../../src/models/contact-property.js';
import type { Subscriber } from '../../../src/models/subscriber.js';
import { newSubscriber } from '../../../src/models/subscriber.js';
import { channels } from '../../../src/vocabulary/terms.js';
import { watchedBy } from '../../support/connection.js';
import { blankForm, formOf, made, openContactRoom, staff } from '../../support/contact-room.js';
import { crashing, heldUp } from '../../support/crashing.js';
import { runs } from '../../support/soak.js';

const room = await openContactRoom();

const by = { ...staff, scope: null };
const row = (form: Partial<ContactForm>): ContactRow => ({ form: { ...blankForm, ...form } });
const outcomeOf = (saved: SavedContact) => ('code' in saved ? saved.code : saved.outcome);

interface Stored {
  contacts: Contact[];
  subscribers: Subscriber[];
  properties: ContactProperty[];
}

async function everything(): Promise<Stored> {
  return {
    contacts: await room.models.contacts.find({}).sort({ _id: 1 }).lean<Contact[]>(),
    subscribers: await room.models.subscribers.find({}).sort({ _id: 1 }).lean<Subscriber[]>(),
    properties: await room.models.contactProperties.find({}).sort({ _id: 1 }).lean<ContactProperty[]>(),
  };
}

async function empty(): Promise<void> {
  const { contacts, subscribers, contactProperties } = room.models;
  await Promise.all([contacts.deleteMany({}), subscribers.deleteMany({}), contactProperties.deleteMany({})]);
}

/** Each address belongs to the one contact that lists it, and no contact is half made. */
function faultsOf({ contacts, subscribers }: Stored): string[] {
  const owners = new Map(subscribers.map(({ _id, contactId }) => [_id, contactId]));
  const ready = contacts.filter(({ blankUntil }) => !blankUntil);
  const listed = ready.flatMap((contact) =>
    channels.flatMap((channel) => {
      const id = contact.subscribers[channel];
      return id ? [{ id, contactId: contact._id }] : [];
    }),
  );
  return [
    ...listed.flatMap(({ id, contactId }) => (owners.get(id) === contactId ? [] : [`${id} is not claimed`])),
    ...(new Set(listed.map(({ id }) => id)).size === listed.length ? [] : ['an address has two contacts']),
  ];
}

const byId = (one: Contact, other: Contact) => (one._id < other._id ? -1 : 1);
const phoneOf = (at: number) => `+47900${String(10_000 + at)}`;

it('takes as many round trips for 500 rows as for 50', async () => {
  let trips: string[] = [];
  const { models } = await watchedBy(room.database, (_command, name) => {
    if (['find', 'getMore', 'aggregate', 'insert', 'update', 'delete'].includes(name)) trips.push(name);
  });
  const deps = { ...room.contacts, models };
  const tripsOf = async (count: number): Promise<string[]> => {
    await empty();
    const form = (at: number) => ({
      ...{ email: `row-${at}@example.com`, phone: phoneOf(at), lastName: `Row ${at}` },
      properties: { City: `City ${at % 7}`, Number: String(at) },
    });
    const numbers = Array.from({ length: count }, (_, at) => at);
    const known = numbers.filter((at) => at % 3 === 0).map((at) => `row-${at}@example.com`);
    await room.models.subscribers.insertMany(
      known.map((email) => newSubscriber(room.idOf(email), 'EMAIL', email, room.contacts.clock())),
    );
    trips = [];
    const first = await saveContacts(
      deps,
      numbers.map((at) => row(at % 10 === 9 ? { email: 'no address' } : form(at))),
      by,
    );
    expect(first.filter((saved) => outcomeOf(saved) === 'CREATED')).toHaveLength(count * 0.9);
    const second = await saveContacts(
      deps,
      first.flatMap((saved, at) =>
        'code' in saved
          ? [row(form(at - 1))]
          : [
              {
                contactId: saved.contact._id,
                form: { ...formOf(saved.contact), email: `new-${at}@example.com` },
              },
            ],
      ),
      by,
    );
    expect(second.filter((saved) => outcomeOf(saved) === 'CHANGED')).toHaveLength(count * 0.9);
    expect(faultsOf(await everything())).toEqual([]);
    return trips;
  };
  const few = await tripsOf(50);
  expect(await tripsOf(500)).toEqual(few);
  expect(few.length).toBeLessThan(50);
}, 60_000);

const codes = ['CREATED', 'INVALID_FORM', 'ADDRESS_TAKEN', 'CREATED', 'CHANGED', 'STALE', 'NOT_FOUND'];

it('gives each row its result, and a refused row does not stop the others', async () => {
  await empty();
  const known = await room.contact({ email: 'known@example.com' });
  const edit = { contactId: known._id, form: { ...formOf(known), firstName: 'New' }, version: known.version };
  const saved = await saveContacts(
    room.contacts,
    [
      row({ email: 'one@example.com' }),
      row({ email: 'nothing' }),
      row({ email: 'ONE@example.com', phone: '+4790000001' }),
      row({ phone: '+4790000001' }),
      edit,
      edit,
      { ...edit, contactId: 'nobody' },
    ],
    by,
  );
  expect(saved.map(outcomeOf)).toEqual(codes);
  expect(faultsOf(await everything())).toEqual([]);
  const current = await room.stored(known._id);
  const again = { contactId: known._id, form: { ...edit.form } };
  expect((await saveContacts(room.contacts, [again], by)).map(outcomeOf)).toEqual(['UNCHANGED']);
  expect(await room.stored(known._id)).toEqual(current);
});

it('lets go of what it claimed where another contact gets one of the addresses first', async () => {
  const form = { email: 'slow@example.com', phone: '+4790000002' };
  let claims = 0;
  const models = heldUp(room.models, async (write) => {
    if (write !== 'subscribers.bulkWrite' || ++claims !== 2) return;
    made(await createContact(room.contacts, { scope: null, form: { ...blankForm, phone: form.phone }, by }));
  });
  const saved = await saveContacts({ ...room.contacts, models }, [row(form)], by);
  expect(saved.map(outcomeOf)).toEqual(['ADDRESS_TAKEN']);
  const left = await room.models.subscribers.findById(room.idOf(form.email)).lean();
  expect(left).toMatchObject({ contactId: null, address: form.email });
  const { contacts } = await everything();
  expect(contacts.filter(({ blankUntil }) => blankUntil)).toEqual([]);
});

/** `café`, as an older release may have hashed it. */
const decomposed = 'cafe\u0301@example.com';
const emails = ['', 'a@example.com', 'b@example.com', 'c@example.com', 'caf\u00e9@example.com', 'wrong'];
const phones = ['', '', '+4790000011', '+4790000012'];
const rows = fc.array(
  fc.record({
    /** Which contact is edited; beyond those that there are, a new one is made. */
    edits: fc.nat(4),
    email: fc.constantFrom(...emails),
    phone: fc.constantFrom(...phones),
    city: fc.constantFrom('', 'Oslo', 'oslo', 'Bergen'),
    version: fc.constantFrom(undefined, undefined, 1, 2),
    unitIds: fc.constantFrom([0], [1], [0, 1]),
  }),
  { minLength: 1, maxLength: 8 },
);

describe('the documents', () => {
  it('are the same as those of saving one by one', async () => {
    await empty();
    const starts = [
      await room.contact({ email: 'a@example.com', phone: '+4790000011', unitIds: [0, 1] }),
      await room.contact({ email: 'b@example.com', properties: { City: 'Oslo' } }),
    ];
    const old = newSubscriber(
      room.subscriberIds('EMAIL', decomposed),
      'EMAIL',
      decomposed,
      room.contacts.clock(),
    );
    await room.models.subscribers.collection.insertOne(old as never);
    const start = await everything();
    const run = async (save: (all: ContactRow[]) => Promise<SavedContact[]>, all: ContactRow[]) => {
      await empty();
      await room.models.contacts.collection.insertMany(start.contacts as never[]);
      await room.models.subscribers.collection.insertMany(start.subscribers as never[]);
      await room.models.contactProperties.collection.insertMany(start.properties as never[]);
      const saved = await save(all);
      const { contacts, subscribers, properties } = await everything();
      // Ids of new contacts are random: each is named by its row.
      let text = JSON.stringify({ saved, contacts, subscribers });
      for (const [at, one] of saved.entries())
        if ('outcome' in one && one.outcome === 'CREATED')
          text = text.replaceAll(one.contact._id, `row ${at}`);
      const named: { contacts: Contact[] } = JSON.parse(text, (key, value: unknown) =>
        // The number that saves are conditional on begins at random.
        key === 'bucket' ? 'by the id' : key === 'projection' ? 'a number' : value,
      );
      // A row that waits for a pass is noted later: units of a value are a set, and its spelling is that of the first.
      const noted = properties.map(({ _id, unitIds }) => ({ _id, unitIds: unitIds.toSorted() }));
      return { ...named, contacts: named.contacts.toSorted(byId), properties: noted };
    };
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom(null, [0], [0, 1]), async (drawn, scope) => {
        const all = drawn.map(({ edits, email, phone, city, version, unitIds }): ContactRow => {
          const contactId = starts[edits]?._id;
          const form = { ...blankForm, email, phone, unitIds, properties: { City: city } };
          if (contactId === undefined) return { form };
          return { form, contactId, ...(version === undefined ? {} : { version }) };
        });
        const author = { ...staff, scope };
        const together = await run((many) => saveContacts(room.contacts, many, author), all);
        const inTurn = await run(async (many) => {
          const saved: SavedContact[] = [];
          for (const one of many) saved.push(...(await saveContacts(room.contacts, [one], author)));
          return saved;
        }, all);
        expect(together).toEqual(inTurn);
        expect(faultsOf(await everything())).toEqual([]);
      }),
      // Without a time limit: a run that is interrupted goes on writing into the next test.
      runs(50),
    );
  });
});

it('leaves each address with one contact where several calls save the same rows at once', async () => {
  await empty();
  const numbers = Array.from({ length: 60 }, (_, at) => at);
  const all = numbers.map((at) => row({ email: `many-${at}@example.com`, phone: phoneOf(at) }));
  const others = numbers.map((at) => row({ email: `other-${at}@example.com`, phone: phoneOf(at) }));
  const results = await Promise.all(
    [all, [...all].reverse(), others, [...others, ...all]].map((some) =>
      saveContacts(room.contacts, some, by),
    ),
  );
  const stored = await everything();
  expect(faultsOf(stored)).toEqual([]);
  const created = results.flat().filter((saved) => outcomeOf(saved) === 'CREATED');
  expect(stored.contacts).toHaveLength(created.length);
  const taken = new Set(stored.contacts.map(({ phone }) => phone));
  expect(numbers.map(phoneOf).filter((phone) => !taken.has(phone))).toEqual([]);
}, 60_000);

it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
  'leaves nothing that a repeat does not heal after %i writes',
  async (after) => {
    await empty();
    const known = await room.contact({ email: 'before@example.com' });
    const fresh = [1, 2, 3].map((at) =>
      row({ email: `kill-${at}@example.com`, phone: phoneOf(at), properties: { City: `City ${at}` } }),
    );
    const form = { ...formOf(known), email: 'after@example.com' };
    const all = [...fresh, { contactId: known._id, form }];
    const models = crashing(room.models, after);
    const broken = await saveContacts({ ...room.contacts, models }, all, by).catch(() => null);
    if (after < 7) expect(broken).toBeNull();
    room.setTime(new Date(room.contacts.clock().getTime() + 60_000));
    await saveContacts(room.contacts, all, by);
    const stored = await everything();
    expect(faultsOf(stored)).toEqual([]);
    const ready = stored.contacts.filter(({ blankUntil }) => !blankUntil);
    expect(ready.map(({ email }) => email).sort()).toEqual([
      'after@example.com',
      ...[1, 2, 3].map((at) => `kill-${at}@example.com`),
    ]);
    expect(stored.properties).toHaveLength(3);
    expect(
      (await saveContacts(room.contacts, [row({ email: 'before@example.com' })], by)).map(outcomeOf),
    ).toEqual(['CREATED']);
    expect(faultsOf(await everything())).toEqual([]);
  },
);
