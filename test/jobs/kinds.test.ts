/**
 * The other kinds of jobs: links to many, corrections of machine-made opt-outs, and refreshing the index after a catalogue
 * change.
 */
import { ownStatus } from '../../src/domain/consent/effective.js';
import { afterEach, describe, expect, it } from 'vitest';
import { catalogueOf } from '../../src/domain/consent/catalogue.js';
import { facet } from '../../src/domain/filters/facet.js';
import { queueRefreshWhereDue } from '../../src/jobs/kinds/refresh-contacts.js';
import { chunkSize } from '../../src/models/job-chunk.js';
import { everybody, openBulkRoom } from '../support/bulk-room.js';
import { makeDue } from '../support/job-room.js';
import { actors, given, worldWith } from '../support/judge.js';
import { fjell, northwind, offers, trailNotes, types, units } from '../support/people.js';

const room = await openBulkRoom();
afterEach(() => room.reset());
const outcomes = async (id: string) => (await room.rows(id)).map((row) => row.outcomes);

describe('the job "links to many"', () => {
  const send = (id: string, selection: object = everybody) =>
    room.queue({ id, kind: 'SEND_LINKS', input: { selection, unitId: northwind.id } });

  it('queues one mail each, and none for contacts opted out of all, bounced, without address or of another unit', async () => {
    const plain = await room.contact({ email: 'plain@example.com', locale: 'nb' });
    const left = await room.contact({ email: 'left@example.com' });
    const bounced = await room.contact({ email: 'bounced@example.com' });
    const phone = await room.contact({ phone: '+4790000001' });
    const other = await room.contact({ email: 'other@example.com', unitIds: [fjell.id] });
    await room.act(left.subscribers.EMAIL ?? '', actors.oneClick, {
      kind: 'OPT_OUT_OF_ALL',
      unitId: northwind.id,
    });
    await room.act(bounced.subscribers.EMAIL ?? '', actors.system, {
      kind: 'MARK_UNDELIVERABLE',
      reason: 'HARD_BOUNCE',
    });
    room.later(1);
    await send('links');
    expect(await room.work()).toMatchObject({ DONE: 1 });
    const rows = await room.rows('links');
    expect(Object.fromEntries(rows.map((row) => [row.contactId, row.outcomes[0]]))).toEqual({
      [plain._id]: 'CHANGED',
      [left._id]: 'PREVIOUSLY_OPTED_OUT',
      [bounced._id]: 'UNDELIVERABLE',
      [phone._id]: 'NO_ADDRESS',
      [other._id]: 'OTHER_UNIT',
    });
    const [mail, ...others] = await room.models.mails.find({}).lean();
    expect(others).toEqual([]);
    expect(mail).toMatchObject({
      _id: `PREFERENCES_LINK:job:links:${plain.subscribers.EMAIL}`,
      ...{
        kind: 'PREFERENCES_LINK',
        unitId: northwind.id,
        locale: 'nb',
        queuedBy: 'job:links',
        state: 'QUEUED',
      },
    });
  });

  it('repeated after an interruption queues no mail twice', async () => {
    await room.crowd(30);
    room.later(1);
    await send('links');
    await room.work();
    await room.models.mails.updateMany({}, { $set: { state: 'SENT' } });
    await room.models.mails.deleteOne({ subscriberId: room.idOf('member-7@example.com') });
    await room.models.jobChunks.updateMany({}, { $set: { state: 'BEGUN' } });
    await room.models.jobs.updateOne({ _id: 'links' }, { $set: { state: 'QUEUED', cursor: 0, done: 0 } });
    await makeDue(room.models);
    expect(await room.work()).toMatchObject({ DONE: 1 });
    expect(await room.models.mails.countDocuments({ state: 'SENT' })).toBe(29);
    expect(await room.models.mails.countDocuments({ state: 'QUEUED' })).toBe(1);
  });
});

describe('the job that corrects machine-made opt-outs', () => {
  const preview = async (id: string, scope: number[] | null = null) => {
    await room.queue({ id, kind: 'PUT_RIGHT', input: given, scope });
    expect(await room.work()).toMatchObject({ PREVIEWED: 1 });
  };
  const run = async (id: string) => {
    await room.confirm(id);
    expect(await room.work()).toMatchObject({ DONE: 1 });
  };
  const byMachine = (
    id: string,
    wish: { kind: 'OPT_OUT'; typeId: number } | { kind: 'OPT_OUT_OF_ALL'; unitId: number },
  ) => room.act(id, actors.oneClick, wish, { isMachine: true });

  it('runs after confirmation, and keeps opt-outs by persons and of other units', async () => {
    const [scanned, person, portal, nobody] = await Promise.all([1, 2, 3, 4].map(() => room.somebody()));
    const ids = [scanned, person, portal, nobody].map((id) => id ?? '');
    await room.act(scanned ?? '', actors.freshContact, { kind: 'OPT_IN', typeId: trailNotes.id });
    await byMachine(scanned ?? '', { kind: 'OPT_OUT', typeId: trailNotes.id });
    await byMachine(scanned ?? '', { kind: 'OPT_OUT_OF_ALL', unitId: fjell.id });
    await room.act(person ?? '', actors.oneClick, { kind: 'OPT_OUT', typeId: offers.id });
    await room.act(
      portal ?? '',
      actors.oneClick,
      { kind: 'OPT_OUT_OF_ALL', unitId: null },
      { isMachine: true },
    );
    room.later(1);
    await preview('right', [northwind.id]);
    expect(await room.the('right')).toMatchObject({
      state: 'WAITING',
      preview: { changed: 1, refused: 1, byCode: { NOT_ALLOWED: 1 } },
    });
    expect(await room.statusOf(scanned ?? ''), 'a preview changes nothing').toBe('UNSUBSCRIBED');
    await run('right');
    const told = new Map((await room.rows('right')).map((row) => [row.subscriberId, row.outcomes]));
    // A contact without a machine-made opt-out is not on the list.
    expect(ids.map((id) => told.get(id))).toEqual([['CHANGED'], undefined, ['NOT_ALLOWED'], undefined]);
    const { subscriptions, optOuts } = (await room.history(scanned ?? '')).subscriber;
    expect([subscriptions[trailNotes.id] !== undefined, optOuts.types]).toEqual([true, {}]);
    expect(optOuts.units[fjell.id], 'of a unit beyond').toBeDefined();
    expect((await room.history(portal ?? '')).subscriber.optOuts.portal).not.toBeNull();
  });

  it('keeps an opt-out made after the preview', async () => {
    const id = await room.somebody();
    await byMachine(id, { kind: 'OPT_OUT', typeId: trailNotes.id });
    room.later(1);
    await preview('right');
    room.later(2);
    await room.act(id, actors.oneClick, { kind: 'OPT_OUT', typeId: trailNotes.id });
    room.later(3);
    await run('right');
    expect(await outcomes('right')).toEqual([['NO_CHANGE']]);
    expect(ownStatus((await room.history(id)).subscriber, trailNotes.id)).toBe('UNSUBSCRIBED');
  });

  it('continues after an interruption, acts once, and reports it as done', async () => {
    const id = await room.somebody();
    await byMachine(id, { kind: 'OPT_OUT', typeId: trailNotes.id });
    room.later(1);
    await preview('right');
    await run('right');
    await room.models.jobChunks.updateMany({}, { $set: { state: 'BEGUN' } });
    await room.models.jobs.updateOne({ _id: 'right' }, { $set: { state: 'QUEUED', cursor: 0, done: 0 } });
    await makeDue(room.models);
    await room.act(id, actors.oneClick, { kind: 'OPT_OUT', typeId: offers.id }, { isMachine: true });
    await room.work();
    expect(await outcomes('right')).toEqual([['CHANGED']]);
    const { events, subscriber } = await room.history(id);
    expect(events.filter(({ actor }) => actor.ref === 'job:right')).toHaveLength(1);
    expect(ownStatus(subscriber, offers.id)).toBe('UNSUBSCRIBED');
  });
});

it('selects all opt-outs listed at the request, over several chunks', async () => {
  const made = async (count: number) => {
    const members = await room.crowd(count);
    for (const { subscriberId } of members)
      await room.act(
        subscriberId,
        actors.oneClick,
        { kind: 'OPT_OUT', typeId: trailNotes.id },
        { isMachine: true },
      );
    return members.map(({ subscriberId }) => subscriberId);
  };
  const listed = await made(chunkSize + 3);
  room.later(1);
  await room.queue({ id: 'right', kind: 'PUT_RIGHT', input: given });
  room.later(2);
  const late = await room.somebody();
  await room.act(late, actors.oneClick, { kind: 'OPT_OUT', typeId: trailNotes.id }, { isMachine: true });
  await room.work();
  const chunks = await room.models.jobChunks.find({ jobId: 'right' }).lean();
  expect(chunks.flatMap(({ ids }) => ids).sort()).toEqual(listed.sort());
  expect(await room.the('right')).toMatchObject({ preview: { changed: listed.length } });
});

describe('the job that refreshes the index', () => {
  const workLater = async () => {
    await makeDue(room.models);
    return room.work();
  };
  const withOneMore = () =>
    catalogueOf([...units], [...types, { ...trailNotes, id: 71, name: 'Avalanches' }], false);

  it('runs once after a new type, however many workers notice it, and not without a change', async () => {
    const members = await room.crowd(620);
    expect(await queueRefreshWhereDue(room.jobs)).toBe(true);
    await workLater();
    expect(await queueRefreshWhereDue(room.jobs)).toBe(false);
    room.setCatalogue(withOneMore());
    await Promise.all([1, 2, 3, 4].map(() => queueRefreshWhereDue(room.jobs)));
    expect(await room.models.jobs.countDocuments({ state: 'QUEUED' })).toBe(1);
    expect(await workLater()).toMatchObject({ DONE: 1 });
    const facets = facet.status('EMAIL', 71, 'NOT_SPECIFIED');
    expect(await room.models.contacts.countDocuments({ facets })).toBe(members.length);
    expect(await room.the('REFRESH_CONTACTS:2')).toMatchObject({ done: 620, total: 620, state: 'DONE' });
    room.setCatalogue(worldWith());
    expect(await queueRefreshWhereDue(room.jobs), 'back again is a change too').toBe(true);
    await workLater();
    expect(await room.models.contacts.countDocuments({ facets })).toBe(0);
  });
});
