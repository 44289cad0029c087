/**
 * The record as staff read it: the current state and who decided it, within a scope, reading only the documents that it shows.
 */
import { cursorIn, cursorText } from '../../../src/cursor.js';
import { leadingOf } from '../../../src/domain/consent/opt-out-sets.js';
import mongoose from 'mongoose';
import { describe, expect, it } from 'vitest';
import { catalogueOf } from '../../../src/domain/consent/catalogue.js';
import { channels } from '../../../src/vocabulary/terms.js';
import type { ConsentEvent } from '../../../src/vocabulary/terms.js';
import { eventCap } from '../../../src/domain/consent/archive.js';
import { deleteContact } from '../../../src/domain/contacts/delete.js';
import { erasePerson } from '../../../src/domain/contacts/erase.js';
import { refreshContacts } from '../../../src/domain/contacts/project.js';
import { newestEvents, eventPlace, readEventsPage } from '../../../src/domain/consent/newest-events.js';
import type { EventPlace } from '../../../src/domain/consent/newest-events.js';
import { eventsOfRecord } from '../../../src/domain/contacts/history.js';
import type { WantedHistory } from '../../../src/domain/contacts/history.js';
import { readRecord } from '../../../src/domain/contacts/record.js';
import type { ChannelRecord, FoundRecord } from '../../../src/domain/contacts/record.js';
import { queueMail } from '../../../src/mail/queue.js';
import type { MailModel } from '../../../src/models/mail.js';
import { findSubscriber } from '../../../src/models/find-subscribers.js';
import type { Contact } from '../../../src/models/contact.js';
import type { Scope } from '../../../src/vocabulary/scope.js';
import { watchedBy } from '../../support/connection.js';
import { openContactRoom } from '../../support/contact-room.js';
import type { ContactRoom } from '../../support/contact-room.js';
import { actors, given, worldWith } from '../../support/judge.js';
import {
  fjell,
  guestSurvey,
  northwind,
  offers,
  productNews,
  trailNotes,
  types,
  units,
  weekendLetters,
} from '../../support/people.js';
import { optIn, optOut, stop } from '../../support/wishes.js';

const room = await openContactRoom();
room.setCatalogue(worldWith({ isPrivacyMode: true, hasDoubleOptIn: false }));

let number = 0;
const newContact = (form: Parameters<ContactRoom['contact']>[0] = {}) =>
  room.contact({ email: `record-${++number}@example.com`, unitIds: [0, 1], ...form });
const emailOf = ({ subscribers }: Contact) => subscribers.EMAIL ?? '';
const read = ({ _id: id }: Contact, scope: Scope = null) =>
  readRecord({ ...room.contacts, models: room.models }, { scope, id });
const email = (record: FoundRecord): ChannelRecord => {
  const found = record.channels.find(({ channel }) => channel === 'EMAIL');
  if (!found) throw new Error('there is no e-mail');
  return found;
};
/** Who decided on a type of e-mail, and the event. */
const typeIn = (record: FoundRecord, { id }: { id: number }) => {
  const { subscriber, events } = email(record);
  const standing = leadingOf(subscriber.optOuts.types[id]) ?? subscriber.subscriptions[id];
  return { standing, event: standing && events.get(standing.seq) };
};

describe('the record of a contact', () => {
  it('has each address with the events behind its current state, and no replaced event', async () => {
    const contact = await newContact({ phone: '+4790000200' });
    const ida = { ...actors.staff, ref: 'user:ida' };
    await room.act(emailOf(contact), ida, [optIn(trailNotes), optOut(offers)], given);
    await room.act(emailOf(contact), actors.freshContact, stop(fjell.id));
    await room.act(emailOf(contact), actors.freshContact, optIn(offers));
    const record = await read(contact);
    expect(record.channels.map(({ channel }) => channel)).toEqual(['EMAIL', 'WHATSAPP', 'SMS']);
    expect([...email(record).events.keys()].sort()).toEqual([1, 3, 4]);
    expect(typeIn(record, trailNotes)).toMatchObject({
      standing: { ...given, by: 'STAFF' },
      event: { actor: { ref: 'user:ida' } },
    });
    expect(typeIn(record, offers)).toMatchObject({ event: { actor: { kind: 'CONTACT' } } });
    expect(typeIn(record, productNews)).toEqual({ standing: undefined, event: undefined });
    const ofFjell = email(record).subscriber.optOuts.units[fjell.id];
    expect(email(record).events.get(ofFjell?.[0]?.seq ?? 0)).toMatchObject({ change: { unitId: fjell.id } });
    expect(record.isWhollyInScope).toBe(true);
  });

  it('names the actor of an old decision whose event is archived, without reading more for a longer history', async () => {
    const contact = await newContact();
    await room.act(emailOf(contact), { ...actors.staff, ref: 'user:old' }, optIn(productNews), given);
    for (let turn = 0; turn < eventCap + 25; turn++)
      await room.act(emailOf(contact), actors.freshContact, turn % 2 ? optIn(offers) : optOut(offers));
    const { subscriber } = await room.history(emailOf(contact));
    expect(subscriber.events[0]?.seq).toBeGreaterThan(1);
    const finds: unknown[] = [];
    const { models } = await watchedBy(room.database, (command, name) => {
      if (name === 'find') finds.push(command['find']);
      else if (name === 'aggregate' || name === 'getMore') finds.push(name);
    });
    const record = await readRecord({ ...room.contacts, models }, { scope: null, id: contact._id });
    expect(typeIn(record, productNews).event?.actor.ref).toBe('user:old');
    expect(finds).toEqual(['contacts', 'subscribers', 'archived_events']);
  });

  it('shows a user of one unit that unit and what is portal-wide', async () => {
    const contact = await newContact();
    await room.act(emailOf(contact), actors.freshContact, [optIn(weekendLetters), optIn(trailNotes)]);
    await room.act(emailOf(contact), actors.staff, stop(null));
    const record = await read(contact, [northwind.id]);
    expect(record.contact?.unitIds).toEqual([northwind.id]);
    expect(record.isWhollyInScope).toBe(false);
    const told = [...email(record).events.values()].map(({ change }) => change.unitId);
    expect(told.sort()).toEqual([northwind.id, null]);
    await expect(read(contact, [7])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('has the event that a correction of a machine’s opt-out names', async () => {
    const contact = await newContact();
    await room.act(emailOf(contact), actors.oneClick, optOut(trailNotes), { isMachine: true });
    expect(typeIn(await read(contact), trailNotes)).toMatchObject({ event: { seq: 1, isMachine: true } });
    expect(email(await read(contact, [fjell.id])).events.size).toBe(0);
    const retired = types.map((type) => ({ ...type, isActive: type.id !== trailNotes.id }));
    room.setCatalogue(catalogueOf([...units], retired, true));
    expect(typeIn(await read(contact, [northwind.id]), trailNotes)).toMatchObject({ event: { seq: 1 } });
    room.setCatalogue(worldWith({ isPrivacyMode: true, hasDoubleOptIn: false }));
  });
});

describe('the history of a contact', () => {
  it('has every event of every address, newest first, archived ones too, and none of other units', async () => {
    const contact = await newContact({ phone: '+4790000201' });
    let at = Date.parse('2026-03-02T12:00:00Z');
    const later = () => room.setTime(new Date((at += 60_000)));
    for (let turn = 0; turn < eventCap + 5; turn++) {
      later();
      await room.act(emailOf(contact), actors.freshContact, turn % 2 ? optIn(offers) : optOut(offers));
    }
    later();
    await room.act(emailOf(contact), actors.freshContact, [optOut(weekendLetters), stop(null)]);
    later();
    await room.act(contact.subscribers.SMS ?? '', actors.staff, { kind: 'OPT_OUT', typeId: guestSurvey.id });
    await room.history(emailOf(contact));
    const addresses = channels.flatMap((channel) => {
      const subscriberId = contact.subscribers[channel];
      return subscriberId ? [{ channel, subscriberId }] : [];
    });
    const history = async (wanted: Partial<WantedHistory> = {}) => {
      const events: ConsentEvent[] = [];
      const ofRecord = eventsOfRecord({ scope: null, addresses, ...wanted });
      for await (const event of newestEvents(room.models, ofRecord)) events.push(event);
      return events;
    };
    const all = await history();
    expect(all).toHaveLength(eventCap + 8);
    expect(all[0]).toMatchObject({ channel: 'SMS' });
    const times = all.map((event) => event.at.getTime());
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(await history({ channel: 'SMS' })).toHaveLength(1);
    expect(await history({ channel: 'WHATSAPP' })).toEqual([]);
    const ofFjell = await history({ scope: [fjell.id] });
    expect(ofFjell.map(({ change }) => change.unitId)).toEqual([fjell.id, null, fjell.id]);
    expect((await history({ unitId: northwind.id })).every(({ change }) => change.unitId !== fjell.id)).toBe(
      true,
    );

    // The pages together give the same events, although one is added after the first page.
    const paged: ConsentEvent[] = [];
    let before: EventPlace | null = null;
    for (let pages = 0; pages < 9; pages++) {
      const ofRecord = eventsOfRecord({ scope: null, addresses, before });
      const page = await readEventsPage(room.models, ofRecord, 7);
      paged.push(...page.events);
      if (!page.next) break;
      before = cursorIn(cursorText(page.next), eventPlace);
      expect(before).toEqual(page.next);
      later();
      if (pages === 0) await room.act(emailOf(contact), actors.freshContact, optIn(offers));
    }
    expect(paged).toEqual(all);
    room.setTime(new Date('2026-03-02T12:00:00Z'));
  });
});

describe('erasing a contact', () => {
  it('erases each address, drops queued mails, deletes the record, and keeps the suppression', async () => {
    const contact = await newContact({ phone: '+4790000202' });
    await room.act(emailOf(contact), actors.freshContact, stop(null));
    const mail = {
      id: `WAITING:${contact._id}`,
      kind: 'PREFERENCES_LINK' as const,
      unitId: 0,
      queuedBy: 'user:1',
    };
    await queueMail(
      { models: room.models, clock: room.deps.clock },
      { ...mail, subscriberId: emailOf(contact) },
    );
    const deps = { ...room.deps, models: room.models, subscriberIds: room.subscriberIds };
    const wanted = { id: contact._id, actor: actors.staff };
    const limited = { ...actors.staff, scope: [0, 1] };
    await expect(erasePerson(deps, { ...wanted, actor: limited })).rejects.toMatchObject({
      code: 'NOT_PERMITTED',
    });
    await erasePerson(deps, wanted);
    expect(await room.stored(contact._id)).toBeNull();
    expect(await room.models.mails.findById(mail.id).lean()).toMatchObject({
      state: 'DROPPED',
      lastError: 'erased',
    });
    for (const id of Object.values(contact.subscribers)) {
      const left = await findSubscriber(room.models.subscribers, id ?? '');
      expect(left).toMatchObject({ address: null, contactId: null, optOuts: { portal: expect.any(Object) } });
      expect(await room.faults(id ?? '')).toEqual([]);
    }
    const text = JSON.stringify([
      await room.models.contacts.find({}).lean(),
      await room.models.subscribers.find({}).lean(),
    ]);
    expect(text).not.toContain(contact.email);
    expect(text).not.toContain(contact.phone);
    await expect(erasePerson(deps, wanted)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('can be repeated after an interruption, also when its facets are refreshed in between', async () => {
    const contact = await newContact({ phone: '+4790000203' });
    const wanted = { id: contact._id, actor: actors.staff };
    // By then the first address is erased and the others are not.
    const stop = () => Promise.reject(new Error('The process stops here.'));
    const mails = Object.create(room.models.mails, { updateMany: { value: stop } }) as MailModel;
    const whole = { ...room.deps, models: room.models, subscriberIds: room.subscriberIds };
    const broken = { ...whole, models: { ...room.models, mails } };
    await expect(erasePerson(broken, wanted)).rejects.toThrow('The process stops here.');
    const erased = () =>
      room.models.subscribers.countDocuments({
        _id: mongoose.trusted({ $in: Object.values(contact.subscribers) }),
        address: null,
      });
    expect(await erased()).toBe(1);
    await refreshContacts(room.contacts, [contact._id]);
    await erasePerson(whole, wanted);
    expect(await erased()).toBe(3);
    expect(await room.stored(contact._id)).toBeNull();
  });
});

it('a contact deleted and created again is still opted out, since preferences belong to the address', async () => {
  const contact = await newContact();
  await room.act(emailOf(contact), actors.oneClick, stop(northwind.id));
  await deleteContact(room.contacts, { scope: null, contactId: contact._id });
  const again = await room.contact({ email: contact.email ?? '' });
  expect(email(await read(again)).subscriber.optOuts.units[northwind.id]).toMatchObject([
    { by: 'ONE_CLICK' },
  ]);
});
