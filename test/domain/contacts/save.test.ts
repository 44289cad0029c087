/** Contacts are created, edited and deleted. An address belongs to at most one contact, and preferences belong to the address. */
import { ownStatus } from '../../../src/domain/consent/effective.js';
import { describe, expect, it } from 'vitest';
import { deleteContact } from '../../../src/domain/contacts/delete.js';
import { findOfferedProperties } from '../../../src/domain/contacts/properties.js';
import { findContact } from '../../../src/domain/contacts/read.js';
import { createContact, editContact } from '../../../src/domain/contacts/save.js';
import { findSubscriber } from '../../../src/models/find-subscribers.js';
import type { Scope } from '../../../src/vocabulary/scope.js';
import { blankForm, faultsOf, formOf, made, openContactRoom, staff } from '../../support/contact-room.js';
import { actors } from '../../support/judge.js';
import { fjell, guestSurvey, northwind, trailNotes } from '../../support/people.js';

const room = await openContactRoom();

let number = 0;
const somebodyNew = () => `somebody-${++number}@example.com`;
const create = (form: Partial<typeof blankForm>, scope: Scope = null) =>
  createContact(room.contacts, { scope, form: { ...blankForm, ...form }, by: staff });
const subscriber = (id: string | null | undefined) => findSubscriber(room.models.subscribers, id ?? '');
const deleteOne = (contactId: string, scope: Scope = null) =>
  deleteContact(room.contacts, { scope, contactId });

describe('creating a contact', () => {
  it('stores normalised addresses, claims them in each channel, and makes the contact findable', async () => {
    const contact = await room.contact({
      firstName: '  Åsa ',
      lastName: 'Berg',
      email: 'Asa.Berg@Example.COM',
      phone: '+47 900 00 001',
      locale: 'nb',
      processingBasis: 'PERFORMANCE_OF_CONTRACT',
      unitIds: [northwind.id, fjell.id],
      properties: { City: ' Oslo ', empty: '' },
    });
    expect(contact).toMatchObject({
      ...{ firstName: 'Åsa', email: 'asa.berg@example.com', phone: '+4790000001', locale: 'nb' },
      ...{ properties: { City: 'Oslo' }, unitIds: [0, 1], source: 'STAFF', createdBy: 'user:1' },
    });
    expect(await room.stored(contact._id)).toEqual(contact);
    for (const channel of ['EMAIL', 'SMS', 'WHATSAPP'] as const) {
      const found = await subscriber(contact.subscribers[channel]);
      expect(found).toMatchObject({ channel, contactId: contact._id, seq: 0 });
    }
    expect(contact.facets).toEqual([
      ...['all', 'unit:0', 'unit:1', 'locale:nb', 'source:STAFF'],
      ...['name:åsa berg', 'domain:example.com', 'property:city=oslo', 'EMAIL'],
      ...['EMAIL:1:NOT_SPECIFIED', 'EMAIL:2:NOT_SPECIFIED', 'EMAIL:3:NOT_SPECIFIED', 'EMAIL:4:NOT_SPECIFIED'],
      ...[
        'EMAIL:7:NOT_SPECIFIED',
        'EMAIL:5:NOT_SPECIFIED',
        'WHATSAPP',
        'SMS',
        `SMS:${guestSurvey.id}:NOT_SPECIFIED`,
        'marketing:yes',
      ],
    ]);
    expect(contact.words).toEqual([
      ...['asa', 'berg', 'asa.berg@example.com', 'example.com'],
      ...['+4790000001', '4790000001', '90000001', '090000001'],
    ]);
  });

  it('keeps the earlier preferences of its address', async () => {
    const email = somebodyNew();
    const id = await room.somebody(email);
    await room.act(id, actors.freshContact, { kind: 'OPT_OUT_OF_ALL', unitId: northwind.id });
    const contact = await room.contact({ email });
    expect(contact.facets).toContain(`EMAIL:${trailNotes.id}:UNSUBSCRIBED`);
    expect(contact.facets).toContain('EMAIL:out-of-all');
    expect(contact.facets).toContain('EMAIL:out-of-all:0');
    expect(contact.facets).not.toContain('EMAIL:out-of-all:1');
    expect(await room.faults(id)).toEqual([]);
  });

  it('accepts a phone number without an e-mail address', async () => {
    const { subscribers, nameKey } = await room.contact({ phone: '+4790000002' });
    expect(subscribers.EMAIL).toBeNull();
    expect(subscribers.SMS).not.toBe(subscribers.WHATSAPP);
    expect(nameKey).toMatch(/^\+4790000002\t/);
  });

  it('is refused with one sentence for each faulty field, and leaves nothing', async () => {
    const before = await room.models.contacts.countDocuments({});
    const faults = faultsOf(
      await create({
        firstName: 'x'.repeat(101),
        email: 'no address',
        phone: '12',
        locale: 'tlh',
        processingBasis: 'WHIM',
        unitIds: [9],
        properties: { '1st': 'x' },
      }),
    );
    expect(faults.map(({ field }) => field)).toEqual([
      ...['firstName', 'email', 'phone', 'locale', 'processingBasis', 'unitIds', 'properties'],
    ]);
    expect(faultsOf(await create({ firstName: 'Nobody', unitIds: [] })).map(({ field }) => field)).toEqual([
      'email',
      'unitIds',
    ]);
    expect(await room.models.contacts.countDocuments({})).toBe(before);
  });

  it('is limited to the units of its author', async () => {
    const [fault] = faultsOf(await create({ email: somebodyNew(), unitIds: [0, 1] }, [0]));
    expect(fault?.field).toBe('unitIds');
  });
});

it('property values of a unit are offered, however many values contacts of other units have', async () => {
  const theirs = Array.from({ length: 2100 }, (_, at) => ({
    _id: `property:aa=${String(at).padStart(4, '0')}`,
    name: 'aa',
    value: String(at),
    unitIds: [fjell.id],
  }));
  await room.models.contactProperties.insertMany(theirs);
  await room.contact({
    email: somebodyNew(),
    properties: { aa: 'Mine', zz: 'Last' },
    unitIds: [northwind.id],
  });
  const offered = await findOfferedProperties({ ...room.contacts, models: room.models }, [northwind.id]);
  const values = offered.flatMap((property) => property.values);
  expect(values).toEqual(expect.arrayContaining(['Mine', 'Last']));
  expect(values).not.toContain('0001');
  await room.models.contactProperties.deleteMany({ name: 'aa' });
});

describe('an address that belongs to a contact', () => {
  it('is refused to another contact, and its contact is named only within the scope', async () => {
    const first = await room.contact({ email: somebodyNew(), firstName: 'Ida', phone: '+4790000003' });
    const again = { email: first.email ?? '', phone: '+4790000003' };
    expect(faultsOf(await create(again))).toEqual([
      {
        field: 'email',
        message: 'There is a contact with this e-mail address already: Ida.',
        contactId: first._id,
      },
      {
        field: 'phone',
        message: 'There is a contact with this phone number already: Ida.',
        contactId: first._id,
      },
    ]);
    expect(faultsOf(await create({ ...again, unitIds: [1] }, [1]))[0]).toEqual({
      field: 'email',
      message: 'There is a contact with this e-mail address already.',
    });
  });

  it('a failed claim of several addresses releases those already claimed', async () => {
    const { email } = await room.contact({ email: somebodyNew() });
    const phone = '+4790000004';
    expect(faultsOf(await create({ email: email ?? '', phone }))).toHaveLength(1);
    expect((await subscriber(room.subscriberIds('SMS', phone)))?.contactId ?? null).toBeNull();
    await room.contact({ phone });
  });

  it('goes to one of twenty contacts that claim it at once', async () => {
    const email = somebodyNew();
    const all = await Promise.all(Array.from({ length: 20 }, () => create({ email })));
    const winners = all.flatMap((saved) =>
      'outcome' in saved && saved.outcome === 'CREATED' ? [saved.contact] : [],
    );
    expect(winners).toHaveLength(1);
    expect((await subscriber(room.idOf(email)))?.contactId).toBe(winners[0]?._id);
    expect(await room.models.contacts.countDocuments({ email })).toBe(1);
  });

  it('is taken over from a crashed claim: by a deleted contact, a half-created one, or one without the address', async () => {
    const half = await room.contact({ email: somebodyNew() });
    await room.models.contacts.updateOne(
      { _id: half._id },
      { $set: { blankUntil: new Date(Date.now() + 60_000) } },
    );
    const other = await room.contact({ email: somebodyNew() });
    for (const owner of ['gone', half._id, other._id]) {
      const email = somebodyNew();
      const id = await room.somebody(email);
      const claimedAt = new Date(room.contacts.clock().getTime() - 31_000);
      await room.models.subscribers.updateOne({ _id: id }, { $set: { contactId: owner, claimedAt } });
      const contact = await room.contact({ email });
      expect((await subscriber(id))?.contactId).toBe(contact._id);
    }
    // If the earlier process was only slow, its write finds a newer version of the contact.
    expect((await room.stored(other._id))?.projection).toBe(other.projection + 1);
  });

  it('is not taken from a contact that is being saved at this moment', async () => {
    const other = await room.contact({ email: somebodyNew() });
    const email = somebodyNew();
    const id = await room.somebody(email);
    await room.models.subscribers.updateOne(
      { _id: id },
      { $set: { contactId: other._id, claimedAt: room.contacts.clock() } },
    );
    expect(faultsOf(await create({ email }))[0]?.message).toMatch(/just now/);
    expect((await room.edit(other, { email })).email).toBe(email);
  });
});

describe('editing a contact', () => {
  it('releases the old address with its preferences, and keeps those of the new one', async () => {
    const [before, after] = [somebodyNew(), somebodyNew()];
    const contact = await room.contact({ email: before });
    await room.act(room.idOf(before), actors.freshContact, { kind: 'OPT_OUT', typeId: trailNotes.id });
    const edited = await room.edit(contact, { email: after });
    expect(edited.facets).toContain(`EMAIL:${trailNotes.id}:NOT_SPECIFIED`);
    const old = await subscriber(room.idOf(before));
    expect(old?.contactId).toBeNull();
    expect(old && ownStatus(old, trailNotes.id)).toBe('UNSUBSCRIBED');
    const back = await room.edit(edited, { email: before });
    expect(back.facets).toContain(`EMAIL:${trailNotes.id}:UNSUBSCRIBED`);
    expect((await subscriber(room.idOf(after)))?.contactId).toBeNull();
  });

  it('is refused for an outdated form, which says so', async () => {
    const contact = await room.contact({ email: somebodyNew() });
    await room.edit(contact, { firstName: 'Newer' });
    const stale = { contactId: contact._id, scope: null, form: formOf(contact), version: contact.version };
    expect(faultsOf(await editContact(room.contacts, stale)).map(({ field }) => field)).toEqual(['version']);
    expect((await room.stored(contact._id))?.firstName).toBe('Newer');
  });

  it('keeps the units that the editor does not reach', async () => {
    const contact = await room.contact({ email: somebodyNew(), unitIds: [0, 1] });
    const form = { ...formOf(contact), unitIds: [0], locale: 'nb' };
    expect(
      made(await editContact(room.contacts, { contactId: contact._id, scope: [0], form })).unitIds,
    ).toEqual([0, 1]);
  });

  it.each([
    ['firstName', 'Other'],
    ['lastName', 'Other'],
    ['email', 'other@example.com'],
    ['email', ''],
    ['phone', '+4790000017'],
  ] as const)('keeps its %s when the editor reaches only some of its units', async (field, value) => {
    const contact = await room.contact({
      email: somebodyNew(),
      phone: `+47900001${++number}`,
      unitIds: [0, 1],
    });
    const form = { ...formOf(contact), unitIds: [0], properties: { city: 'Oslo' }, [field]: value };
    const edit = (scope: Scope) => editContact(room.contacts, { contactId: contact._id, scope, form });
    expect(faultsOf(await edit([0])).map((fault) => fault.field)).toEqual([field]);
    expect(await room.stored(contact._id)).toEqual(contact);
    expect(made(await edit([0, 1]))[field] ?? '').toBe(value);
  });

  it('answers a user of other units as if it did not exist', async () => {
    const { _id: contactId } = await room.contact({ email: somebodyNew(), unitIds: [0] });
    expect(await findContact(room.contacts, { scope: [1], contactId })).toBeNull();
    expect((await findContact(room.contacts, { scope: [0], contactId }))?._id).toBe(contactId);
    await expect(
      editContact(room.contacts, { contactId, scope: [1], form: { ...blankForm, unitIds: [1] } }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(deleteOne(contactId, [1])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('deleting a contact', () => {
  it('leaves the preferences with the address for its next contact', async () => {
    const email = somebodyNew();
    const contact = await room.contact({ email, phone: '+4790000005' });
    await room.act(room.idOf(email), actors.oneClick, { kind: 'OPT_OUT_OF_ALL', unitId: null });
    await deleteOne(contact._id);
    expect(await room.stored(contact._id)).toBeNull();
    const left = await subscriber(room.idOf(email));
    expect(left).toMatchObject({ contactId: null, address: email });
    expect((await room.contact({ email, phone: '+4790000005' })).facets).toContain('EMAIL:out-of-all');
    expect(await room.faults(room.idOf(email))).toEqual([]);
  });

  it('is only for a user who reaches all of its units', async () => {
    const { _id } = await room.contact({ email: somebodyNew(), unitIds: [0, 1] });
    await expect(deleteOne(_id, [0])).rejects.toMatchObject({ code: 'NOT_PERMITTED' });
    await deleteOne(_id, [0, 1]);
  });
});
