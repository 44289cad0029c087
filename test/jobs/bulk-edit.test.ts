/** Editing the subscriptions of many contacts: the result equals the preview, refusals are rows, and a later opt-out is kept. */
import { ownStatus } from '../../src/domain/consent/effective.js';
import { afterEach, describe, expect, it } from 'vitest';
import { catalogueOf } from '../../src/domain/consent/catalogue.js';
import { facet } from '../../src/domain/filters/facet.js';
import { openBulkRoom } from '../support/bulk-room.js';
import { actors } from '../support/judge.js';
import { fjell, northwind, trailNotes, types, units, weekendLetters } from '../support/people.js';

const room = await openBulkRoom();
afterEach(() => room.reset());

const outcomes = async (id: string) =>
  Object.fromEntries((await room.rows(id)).map((row) => [row.contactId, row.outcomes]));
const optedIn = facet.status('EMAIL', trailNotes.id, 'SUBSCRIBED');
const textMessage = { ...trailNotes, id: 70, channel: 'SMS' as const, name: 'Snow by text' };

describe('a bulk edit', () => {
  it('is previewed without a trace, waits for staff, and gives the previewed result', async () => {
    const members = await room.crowd(1203);
    for (const [index, { subscriberId }] of members.entries()) {
      if (index % 100 === 1)
        await room.act(subscriberId, actors.oneClick, { kind: 'OPT_OUT', typeId: trailNotes.id });
      if (index % 100 === 2)
        await room.act(subscriberId, actors.importer, { kind: 'OPT_OUT', typeId: trailNotes.id });
      if (index % 100 === 3)
        await room.act(subscriberId, actors.freshContact, { kind: 'OPT_IN', typeId: trailNotes.id });
    }
    room.later(1);
    await room.queueEdit('edit');
    expect(await room.work()).toMatchObject({ PREVIEWED: 1 });
    const previewed = await room.the('edit');
    expect(previewed).toMatchObject({ state: 'WAITING', total: 1203, done: 1203, chunks: 3 });
    expect(previewed.preview).toEqual({
      changed: 1203 - 13 - 12,
      unchanged: 12,
      refused: 13,
      byCode: { PREVIOUSLY_OPTED_OUT: 13 },
      byOverride: { '0:NOT_SPECIFIED': 1203 - 13 - 12 - 13, '0:IMPORT': 13 },
    });
    const { byOverride: _, ...expected } = previewed.preview ?? {};
    expect(await room.statusOf(members[0]?.subscriberId ?? '')).toBe('NOT_SPECIFIED');
    await room.confirm('edit');
    expect(await room.work()).toMatchObject({ DONE: 1 });
    const done = await room.the('edit');
    expect(done).toMatchObject({ state: 'DONE', done: 1203, counts: expected });
    const rows = await room.rows('edit');
    expect(rows.map(({ contactId }) => contactId)).toEqual(members.map(({ contactId }) => contactId));
    for (const [index, { subscriberId, contactId }] of members.entries()) {
      if (index > 103) break;
      const { events, subscriber } = await room.history(subscriberId);
      expect(await room.faults(subscriberId)).toEqual([]);
      const isRefused = index % 100 === 1;
      expect(ownStatus(subscriber, trailNotes.id)).toBe(isRefused ? 'UNSUBSCRIBED' : 'SUBSCRIBED');
      expect(events.filter(({ actor }) => actor.ref === 'job:edit')).toHaveLength(
        isRefused || index % 100 === 3 ? 0 : 1,
      );
      const { facets } = (await room.stored(contactId)) ?? {};
      if (!isRefused && index % 100 !== 3) expect(facets).toContain(optedIn);
    }
  });

  it('without contacts has an empty preview, and is done at once', async () => {
    room.later(1);
    await room.queueEdit('nobody');
    expect(await room.work()).toMatchObject({ PREVIEWED: 1 });
    expect(await room.the('nobody')).toMatchObject({ total: 0, done: 0 });
    await room.confirm('nobody');
    expect(await room.work()).toMatchObject({ DONE: 1 });
    expect(await room.rows('nobody')).toEqual([]);
  });

  it('leaves out contacts added after the request, and reports those deleted since', async () => {
    const [first, second] = await room.crowd(2);
    room.later(1);
    await room.queueEdit('edit');
    room.later(2);
    await room.contact({ email: 'late@example.com' });
    await room.work();
    expect(await room.the('edit')).toMatchObject({ total: 2, preview: { changed: 2 } });
    await room.models.contacts.deleteOne({ _id: second?.contactId ?? '' });
    await room.confirm('edit');
    await room.work();
    expect(await outcomes('edit')).toEqual({
      [first?.contactId ?? '']: ['CHANGED'],
      [second?.contactId ?? '']: ['NO_CONTACT'],
    });
    expect((await room.the('edit')).counts).toEqual({
      ...{ changed: 1, unchanged: 0, refused: 1 },
      byCode: { NO_CONTACT: 1 },
    });
  });

  it('refuses in a row a contact that any party opted out between confirmation and its turn', async () => {
    const members = await room.crowd(4);
    const [byPage, byStaff, byLift, other] = members.map(({ subscriberId }) => subscriberId);
    await room.act(byLift ?? '', actors.staff, { kind: 'OPT_OUT_OF_ALL', unitId: northwind.id });
    room.later(1);
    await room.queueEdit('edit', { hasOptOutOfAllRemoved: true });
    await room.work();
    expect((await room.the('edit')).preview).toMatchObject({ changed: 4, refused: 0 });
    room.later(2);
    await room.confirm('edit');
    room.later(3);
    await room.act(byPage ?? '', actors.freshContact, { kind: 'OPT_OUT', typeId: trailNotes.id });
    await room.act(byStaff ?? '', actors.staff, { kind: 'OPT_OUT', typeId: trailNotes.id });
    await room.act(byLift ?? '', actors.staff, { kind: 'OPT_OUT', typeId: trailNotes.id });
    await room.work();
    const told = (await room.rows('edit')).map((row) => row.outcomes);
    expect(told).toEqual([
      ['NO_CHANGE', 'PREVIOUSLY_OPTED_OUT'],
      ['NO_CHANGE', 'PREVIOUSLY_OPTED_OUT'],
      ['CHANGED', 'PREVIOUSLY_OPTED_OUT'],
      ['NO_CHANGE', 'CHANGED'],
    ]);
    for (const id of [byPage, byStaff, byLift]) expect(await room.statusOf(id ?? '')).toBe('UNSUBSCRIBED');
    expect(await room.statusOf(other ?? '')).toBe('SUBSCRIBED');
    expect((await room.the('edit')).counts).toEqual({
      ...{ changed: 2, unchanged: 0, refused: 2 },
      byCode: { PREVIOUSLY_OPTED_OUT: 3 },
    });
  });

  it('also keeps an opt-out between the preview and its confirmation', async () => {
    const [byPage, byImport] = (await room.crowd(2)).map(({ subscriberId }) => subscriberId);
    room.later(1);
    await room.queueEdit('in');
    await room.queueEdit('back', { status: 'NOT_OPTED', legalBasis: null, explanation: '' });
    await room.work();
    room.later(2);
    await room.act(byPage ?? '', actors.freshContact, { kind: 'OPT_OUT', typeId: trailNotes.id });
    await room.act(byImport ?? '', actors.importer, { kind: 'OPT_OUT', typeId: trailNotes.id });
    room.later(3);
    for (const id of ['in', 'back']) {
      await room.confirm(id);
      await room.work();
      expect((await room.rows(id)).map((row) => row.outcomes)).toEqual([
        ['PREVIOUSLY_OPTED_OUT'],
        ['PREVIOUSLY_OPTED_OUT'],
      ]);
    }
    for (const id of [byPage, byImport]) expect(await room.statusOf(id ?? '')).toBe('UNSUBSCRIBED');
  });

  it('opts in under an opt-out of all only when the box removes it, and the preview says so', async () => {
    const [staffs, imports] = (await room.crowd(2)).map(({ subscriberId }) => subscriberId);
    await room.act(staffs ?? '', actors.staff, { kind: 'OPT_OUT_OF_ALL', unitId: northwind.id });
    await room.act(imports ?? '', actors.importer, { kind: 'OPT_OUT_OF_ALL', unitId: null });
    room.later(1);
    await room.queueEdit('plain');
    await room.queueEdit('asked', { hasOptOutOfAllRemoved: true });
    await room.work();
    expect((await room.the('plain')).preview).toMatchObject({ changed: 0, byCode: { OPTED_OUT_OF_ALL: 2 } });
    await room.confirm('plain');
    await room.work();
    expect(await room.statusOf(staffs ?? '')).toBe('NOT_SPECIFIED');
    expect((await room.history(staffs ?? '')).subscriber.optOuts.units[northwind.id]).toHaveLength(1);
    await room.confirm('asked');
    await room.work();
    expect((await room.rows('asked')).map((row) => row.outcomes)).toEqual([
      ['CHANGED', 'CHANGED'],
      ['NOT_SET_BY_STAFF', 'OPTED_OUT_OF_ALL'],
    ]);
    expect(await room.statusOf(staffs ?? '')).toBe('SUBSCRIBED');
  });

  it('neither resets nor opts in where the contact opted out', async () => {
    const [own, staffs] = (await room.crowd(2)).map(({ subscriberId }) => subscriberId);
    await room.act(own ?? '', actors.freshContact, { kind: 'OPT_OUT', typeId: trailNotes.id });
    await room.act(staffs ?? '', actors.staff, { kind: 'OPT_OUT', typeId: trailNotes.id });
    room.later(1);
    for (const [id, edit] of [
      ['back', { status: 'NOT_OPTED', legalBasis: null, explanation: '' }],
      ['in', {}],
    ] as const) {
      await room.queueEdit(id, edit);
      await room.work();
      expect((await room.the(id)).preview).toMatchObject({ changed: 1, byCode: { PREVIOUSLY_OPTED_OUT: 1 } });
      await room.confirm(id);
      await room.work();
      expect((await room.rows(id)).map((row) => row.outcomes)).toEqual([
        ['PREVIOUSLY_OPTED_OUT'],
        ['CHANGED'],
      ]);
    }
    expect(await room.statusOf(own ?? '')).toBe('UNSUBSCRIBED');
    expect(await room.statusOf(staffs ?? '')).toBe('SUBSCRIBED');
  });

  it('removes only opt-outs of all that staff set', async () => {
    const [own, staffs, both] = (await room.crowd(3)).map(({ subscriberId }) => subscriberId);
    await room.act(own ?? '', actors.oneClick, { kind: 'OPT_OUT_OF_ALL', unitId: null });
    await room.act(staffs ?? '', actors.staff, { kind: 'OPT_OUT_OF_ALL', unitId: null });
    await room.act(both ?? '', actors.staff, [
      { kind: 'OPT_OUT_OF_ALL', unitId: northwind.id },
      { kind: 'OPT_OUT_OF_ALL', unitId: fjell.id },
    ]);
    room.later(1);
    await room.queueEdit('lift', { status: null, typeIds: [], hasOptOutOfAllRemoved: true });
    await room.work();
    await room.confirm('lift');
    await room.work();
    expect((await room.rows('lift')).map((row) => row.outcomes)).toEqual([
      ['NOT_SET_BY_STAFF'],
      ['CHANGED'],
      ['CHANGED'],
    ]);
    expect((await room.history(both ?? '')).subscriber.optOuts).toEqual({
      portal: null,
      units: {},
      types: {},
    });
  });

  it('of text messages refuses contacts without a number, and resets to "not opted"', async () => {
    const withPhone = await room.contact({ email: 'ann@example.com', phone: '+4790000001' });
    const without = await room.contact({ email: 'bo@example.com' });
    room.setCatalogue(catalogueOf([...units], [...types, textMessage], false));
    const phone = withPhone.subscribers.SMS ?? '';
    await room.change({
      subscriberId: phone,
      actor: actors.staff,
      wishes: [{ kind: 'OPT_OUT', typeId: textMessage.id }],
    });
    room.later(1);
    await room.queueEdit('sms', { channel: 'SMS', typeIds: [textMessage.id], status: 'NOT_OPTED' });
    await room.work();
    await room.confirm('sms');
    await room.work();
    expect(await outcomes('sms')).toEqual({ [withPhone._id]: ['CHANGED'], [without._id]: ['NO_ADDRESS'] });
    expect(await room.statusOf(phone, textMessage.id)).toBe('NOT_SPECIFIED');
  });

  it('changes no contact or type outside the scope of its user', async () => {
    const north = await room.contact({ email: 'north@example.com', unitIds: [northwind.id] });
    const both = await room.contact({ email: 'both@example.com', unitIds: [northwind.id, fjell.id] });
    room.later(1);
    const typeIds = [trailNotes.id, weekendLetters.id];
    const about = { selection: { kind: 'IDS' as const, ids: [north._id, both._id] }, typeIds };
    await room.queueEdit('scoped', { ...about, status: 'OPT_OUT' }, [fjell.id]);
    await room.work();
    await room.confirm('scoped');
    await room.work();
    expect(await outcomes('scoped')).toEqual({ [both._id]: ['UNKNOWN_TYPE', 'CHANGED'] });
    const { optOuts: decided } = (await room.history(both.subscribers.EMAIL ?? '')).subscriber;
    expect(Object.keys(decided.types)).toEqual([String(weekendLetters.id)]);
  });

  it('by a user of some units lifts no opt-out of the whole account', async () => {
    const both = await room.contact({ email: 'both@example.com', unitIds: [northwind.id, fjell.id] });
    const subscriberId = both.subscribers.EMAIL ?? '';
    await room.act(subscriberId, actors.staff, { kind: 'OPT_OUT_OF_ALL', unitId: null });
    room.later(1);
    await room.queueEdit('scoped', { hasOptOutOfAllRemoved: true }, [northwind.id]);
    await room.work();
    expect((await room.the('scoped')).preview).toMatchObject({ changed: 0, byCode: { OPTED_OUT_OF_ALL: 1 } });
    await room.confirm('scoped');
    await room.work();
    expect(await outcomes('scoped')).toEqual({ [both._id]: ['NO_CHANGE', 'OPTED_OUT_OF_ALL'] });
    const { subscriber, events } = await room.history(subscriberId);
    expect(subscriber.optOuts.portal).toMatchObject([{ by: 'STAFF' }]);
    expect(events).toHaveLength(1);
  });

  it('sets a legal basis for processing on contacts that have none and were not refused', async () => {
    const [none, has, refused] = await Promise.all([
      room.contact({ email: 'none@example.com' }),
      room.contact({ email: 'has@example.com', processingBasis: 'PERFORMANCE_OF_CONTRACT' }),
      room.contact({ email: 'refused@example.com' }),
    ]);
    await room.act(refused.subscribers.EMAIL ?? '', actors.oneClick, {
      kind: 'OPT_OUT',
      typeId: trailNotes.id,
    });
    room.later(1);
    await room.queueEdit('basis', { processingBasis: 'CONSENT_WITH_NOTICE' });
    await room.work();
    expect((await room.stored(none._id))?.processingBasis).toBeNull();
    await room.confirm('basis');
    await room.work();
    const bases = await Promise.all(
      [none, has, refused].map(async ({ _id }) => (await room.stored(_id))?.processingBasis),
    );
    expect(bases).toEqual(['CONSENT_WITH_NOTICE', 'PERFORMANCE_OF_CONTRACT', null]);
  });
});
