/** Marketing contacts on a real database with workers: at once, at the update, taken back, once, and what eligibility and filters say. */
import { beforeEach, expect, it } from 'vitest';
import { maySend } from '../../../src/domain/marketing/may-send.js';
import { countContacts } from '../../../src/domain/contacts/find.js';
import { allOf, type Condition } from '../../../src/domain/filters/filter.js';
import { setMarketingStatus } from '../../../src/domain/marketing/status.js';
import {
  countUsage,
  keepUsage,
  readLastMonth,
  readMarketingState,
  warningOf,
} from '../../../src/domain/marketing/usage.js';
import { wantedOf } from '../../../src/jobs/kind.js';
import { queueUpdateWhereDue, setMarketing } from '../../../src/jobs/kinds/marketing.js';
import { catalogueOf } from '../../../src/domain/consent/catalogue.js';
import { openBulkRoom, everybody } from '../../support/bulk-room.js';
import { trailNotes, types, units } from '../../support/people.js';

const room = await openBulkRoom();
beforeEach(async () => {
  await room.reset();
  await room.models.settings.deleteMany({ _id: /^marketing/ });
});

const theContact = async (id: string) => {
  const contact = await room.stored(id);
  if (!contact) expect.fail('the contact is gone');
  return contact;
};
const set = (contactIds: string[], isMarketing: boolean) =>
  setMarketingStatus(room.jobs, { contactIds, isMarketing, scope: null });

async function inZone(timeZone: string, day: number): Promise<void> {
  room.setCatalogue(catalogueOf([...units], [...types], false, { timeZone }));
  await room.models.settings.updateOne({ _id: 'marketing' }, { $set: { value: { day } } }, { upsert: true });
}

/** What a worker does once a minute, by several workers at once. */
async function work(now: string): Promise<void> {
  room.setTime(new Date(now));
  await Promise.all([queueUpdateWhereDue(room.jobs), queueUpdateWhereDue(room.jobs)]);
  await Promise.all([room.work(), room.work()]);
}

const monthIn = (moment: string, timeZone: string) =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit' }).format(new Date(moment));

const updates = () => room.models.jobs.find({ kind: 'MARKETING_UPDATE' }).sort({ _id: 1 }).lean();

it('a new contact is a marketing contact, unless the tool that made it has another default', async () => {
  expect((await room.contact({ email: 'a@example.com' })).isMarketing).toBe(true);
  room.setCatalogue(catalogueOf([...units], [...types], false, { nonMarketingSources: ['STAFF'] }));
  const contact = await room.contact({ email: 'b@example.com' });
  expect(contact).toMatchObject({ isMarketing: false });
  expect(contact.facets).toContain('marketing:no');
  // The default of the tool concerns new contacts only.
  expect(await room.edit(await theContact(contact._id), { firstName: 'B' })).toMatchObject({
    isMarketing: false,
  });
});

it('non-marketing waits for the update and can be taken back; marketing takes effect at once', async () => {
  await inZone('Europe/Oslo', 1);
  await work('2025-11-10T12:00:00Z');
  const [a, b] = await Promise.all(['a', 'b'].map((name) => room.contact({ email: `${name}@example.com` })));
  const ids = [a?._id ?? '', b?._id ?? ''];
  expect(await set([...ids, 'gone'], false)).toEqual(['CHANGED', 'CHANGED', 'NO_CONTACT']);
  expect(await set(ids, false)).toEqual(['NO_CHANGE', 'NO_CHANGE']);
  expect(await countUsage(room.jobs)).toMatchObject({ marketing: 2, nonMarketing: 0, untilUpdate: 2 });
  expect(await set(ids.slice(1), true)).toEqual(['CHANGED']);
  // One minute before midnight in Oslo, and at midnight.
  await work('2025-11-30T22:59:00Z');
  expect(await countUsage(room.jobs)).toMatchObject({ marketing: 2, nonMarketing: 0, untilUpdate: 1 });
  await work('2025-11-30T23:00:00Z');
  expect(await countUsage(room.jobs)).toMatchObject({ marketing: 1, nonMarketing: 1, untilUpdate: 0 });
  await work('2026-01-31T23:00:00Z');
  expect(await theContact(ids[0] ?? '')).toMatchObject({ isMarketing: false });
  expect(await set(ids.slice(0, 1), true)).toEqual(['CHANGED']);
  expect(await theContact(ids[0] ?? '')).toMatchObject({ isMarketing: true, leavesMarketingSince: null });
});

it('the update runs once per month with two workers, and once after a week of downtime', async () => {
  await inZone('Australia/Sydney', 31);
  await work('2026-01-31T12:00:00Z');
  const early = await room.contact({ email: 'a@example.com' });
  await set([early._id], false);
  // 28 February begins in Sydney at 13:00 UTC on the day before. The portal was down from the 26th for more than a week.
  room.setTime(new Date('2026-02-25T12:00:00Z'));
  const before = await room.contact({ email: 'b@example.com' });
  await set([before._id], false);
  room.setTime(new Date('2026-03-06T12:00:00Z'));
  const after = await room.contact({ email: 'c@example.com' });
  await set([after._id], false);
  for (const minute of [0, 1, 2]) await work(`2026-03-06T12:0${minute}:00Z`);
  expect((await updates()).map(({ _id, counts }) => [_id, counts.changed])).toEqual([
    ['MARKETING_UPDATE:2026-02', 2],
  ]);
  expect(await theContact(after._id)).toMatchObject({ isMarketing: true });
  // Several missed months are one update.
  await work('2026-07-15T12:00:00Z');
  expect((await updates()).map(({ _id }) => _id)).toEqual([
    'MARKETING_UPDATE:2026-02',
    'MARKETING_UPDATE:2026-06',
  ]);
  expect(await theContact(after._id)).toMatchObject({ isMarketing: false });
});

it.each([
  // Moments of the 31st, or the last day, at local midnight; in the second month, clocks have changed since the first.
  ['UTC', '2026-03-31T00:00:00Z', '2026-04-30T00:00:00Z'],
  ['Europe/Oslo', '2026-02-27T23:00:00Z', '2026-03-30T22:00:00Z'],
  ['America/St_Johns', '2026-02-28T03:30:00Z', '2026-03-31T02:30:00Z'],
  ['Asia/Kathmandu', '2026-02-27T18:15:00Z', '2026-03-30T18:15:00Z'],
  ['Australia/Sydney', '2026-03-30T13:00:00Z', '2026-04-29T14:00:00Z'],
  ['America/Santiago', '2026-03-31T03:00:00Z', '2026-04-30T04:00:00Z'],
])('in %s the update runs at its moment, once, also after a change of clocks', async (zone, ...moments) => {
  await inZone(zone, 31);
  await work(new Date(Date.parse(moments[0] ?? '') - 20 * 86_400_000).toISOString());
  for (const [number, moment] of moments.entries()) {
    const { _id } = await room.contact({ email: `${number}@example.com` });
    await set([_id], false);
    await work(new Date(Date.parse(moment) - 1000).toISOString());
    expect((await theContact(_id)).isMarketing).toBe(true);
    await work(moment);
    expect((await theContact(_id)).isMarketing).toBe(false);
    await work(new Date(Date.parse(moment) + 60_000).toISOString());
    const ofMonth = (await updates()).filter(
      (job) => job._id === `MARKETING_UPDATE:${monthIn(moment, zone)}`,
    );
    expect(ofMonth.map(({ counts }) => counts.changed)).toEqual([1]);
  }
});

it('a change of the day or of the time zone makes no month twice', async () => {
  await inZone('Europe/Oslo', 1);
  await work('2025-10-15T12:00:00Z');
  const contact = await room.contact({ email: 'a@example.com' });
  await set([contact._id], false);
  await work('2025-11-01T12:00:00Z');
  await inZone('America/Santiago', 20);
  await work('2025-11-25T12:00:00Z');
  expect(await updates()).toHaveLength(1);
  expect((await readMarketingState(room.jobs)).next.month).toBe('2025-12');
  await work('2025-12-20T12:00:00Z');
  expect(await updates()).toHaveLength(2);
  expect(await readLastMonth(room.models)).toBe('2025-12');
});

it('the first month of an account is an update only if somebody is to leave', async () => {
  await inZone('UTC', 1);
  room.setTime(new Date('2025-10-20T12:00:00Z'));
  const contact = await room.contact({ email: 'a@example.com' });
  await set([contact._id], false);
  await work('2025-11-02T12:00:00Z');
  expect(await theContact(contact._id)).toMatchObject({ isMarketing: false });
});

it('marketing may be sent until the moment of the update, and an address without a contact is judged by consent alone', async () => {
  await inZone('UTC', 1);
  await work('2025-11-10T12:00:00Z');
  const contact = await room.contact({ email: 'a@example.com' });
  const ask = (address: string) => maySend(room.jobs, { address, typeId: trailNotes.id });
  expect((await ask('a@example.com')).isEligible).toBe(true);
  await set([contact._id], false);
  expect((await ask('a@example.com')).isEligible).toBe(true);
  await work('2025-12-01T00:00:00Z');
  expect(await ask('a@example.com')).toMatchObject({ isEligible: false, rule: 'NOT_A_MARKETING_CONTACT' });
  expect((await ask('nobody@example.com')).isEligible).toBe(true);
});

it('filters find the status, and a contact from before there was one is a marketing contact', async () => {
  await room.crowd(3);
  await room.models.contacts.collection.updateMany({}, { $unset: { isMarketing: '' } });
  await room.jobs.refreshContacts?.(['c000000', 'c000001', 'c000002']);
  await set(['c000000'], false);
  const is = (on: string, op: Condition['is'], ...values: string[]): Condition => ({
    on,
    of: '',
    is: op,
    values,
  });
  const count = async (one: Condition) =>
    (await countContacts(room.jobs, { filter: allOf([one]), search: '', scope: null })).count;
  expect(await count(is('marketing', 'IS', 'yes'))).toBe(3);
  expect(await count(is('until-update', 'IS_TRUE'))).toBe(1);
  expect(await count(is('marketing', 'IS_NOT', 'yes'))).toBe(0);
});

it('only somebody who reaches all units of a contact changes its status, and a job says whom it left out', async () => {
  await room.contact({ email: 'a@example.com', unitIds: [0] });
  await room.contact({ email: 'b@example.com', unitIds: [0, 1] });
  room.later(1);
  await room.queue({
    id: 'set',
    ...wantedOf(setMarketing, { selection: everybody, isMarketing: false }),
    scope: [0],
  });
  await room.work();
  expect(await room.the('set')).toMatchObject({
    state: 'DONE',
    counts: { changed: 1, refused: 1, byCode: { SHARED_CONTACT: 1 } },
  });
});

it('usage is kept by month, and warns from 80 and from 100 percent', async () => {
  await inZone('UTC', 1);
  await room.contact({ email: 'a@example.com' });
  room.setTime(new Date('2025-11-10T12:00:00Z'));
  await keepUsage(room.jobs);
  room.setTime(new Date('2025-12-10T12:00:00Z'));
  await room.contact({ email: 'b@example.com' });
  await keepUsage(room.jobs);
  const { months, last } = await readMarketingState(room.jobs);
  expect(months).toEqual({
    '2025-11': { marketing: 1, nonMarketing: 0 },
    '2025-12': { marketing: 2, nonMarketing: 0 },
  });
  expect(last).toMatchObject({ marketing: 2 });
  expect([79, 80, 99, 100, 101].map((count) => warningOf(count, 100))).toEqual([null, 80, 80, 100, 100]);
  expect(warningOf(1_000_000, null)).toBeNull();
});
