/** Double opt-in through the pages: asked for, mailed, ticked, confirmed; and void after an opt-out. */
import { describe, expect, it } from 'vitest';
import { effectiveStatus } from '../../../src/domain/consent/effective.js';
import { openTestPortal } from '../../support/app.js';
import { dumpOf } from '../../support/dump.js';
import { fjell, weekendLetters } from '../../support/people.js';
import { visitorOf } from '../../support/visitor.js';

const portal = await openTestPortal();
const person = visitorOf(portal);

const choice = `type-${weekendLetters.id}`;
let count = 0;
/** A new subscriber who has just asked for the weekend letters on the page. */
async function asker() {
  const who = { address: `asker-${++count}@example.com` };
  const links = await portal.linksOf(who, { unitId: fjell.id, typeId: weekendLetters.id, locale: 'en' });
  const asked = await person.press(await person.open(links.preferences), /Save/, { [choice]: 'on' });
  const state = () => portal.subscriberOf(who);
  const [{ id: pendingId } = { id: 'none' }] = (await state()).pending;
  const claims = { subscriberId: links.subscriberId, unitId: fjell.id, epoch: 0, pendingId, locale: 'en' };
  const confirm = `/c/${await portal.deps.tokens.mint('confirm', claims, portal.deps.clock())}`;
  const status = async () => effectiveStatus(await state(), weekendLetters).status;
  const mails = () => portal.deps.models.mails.find({ pendingId }).lean();
  return { ...links, asked, state, pendingId, confirm, status, mails };
}

it('an opt-in stays pending: nothing is on, a mail is queued, and the page says both', async () => {
  const { asked, status, mails, preferences } = await asker();
  expect(asked.text).toContain(
    'Weekend letters will start once you confirm: a link is on its way to your inbox.',
  );
  expect((await person.open(preferences)).text).toContain('waiting for your confirmation');
  expect(await status()).toBe('NOT_SPECIFIED');
  expect(await mails()).toHaveLength(1);
});

it('a double click mails once; asking again later mails once more, and the page says so', async () => {
  const { preferences, mails } = await asker();
  const again = () => person.post(preferences, { shown: '5:0', [choice]: 'on' });
  expect((await again()).text).toContain('a link is on its way to your inbox.');
  expect(await mails()).toHaveLength(1);
  portal.advance(10 * 60_000);
  const answer = await again();
  expect(answer.text).toContain('Look in your inbox Weekend letters will start');
  expect(await mails()).toHaveLength(2);
});

describe('the link of the confirmation mail', () => {
  it('confirms when the box is ticked, and gives the same answer the second time', async () => {
    const { confirm, status, state } = await asker();
    const page = await person.open(confirm);
    const unticked = await person.press(page, /Confirm/);
    expect([unticked.status, await status()]).toEqual([422, 'NOT_SPECIFIED']);
    expect(unticked.text).toContain('Please tick the box first');
    const done = await person.press(unticked, /Confirm/, { sure: 'yes' });
    expect(done.text).toContain('You are in');
    // The contact can change their mind although this link shows no preferences.
    expect(done.html).toContain('href="/find"');
    expect(await status()).toBe('SUBSCRIBED');
    const { seq } = await state();
    expect((await person.post(confirm, { sure: 'yes' })).text).toContain('You are in');
    expect((await state()).seq).toBe(seq);
  });

  it.each(['of the type', 'of everything'])('is void after a later opt-out %s', async (what) => {
    const { confirm, status, oneClick, preferences } = await asker();
    if (what === 'of the type') await person.ask('POST', oneClick);
    else await person.post(preferences, { stop: 'all' });
    const answer = await person.post(confirm, { sure: 'yes' });
    expect([answer.status, await status()]).toEqual([410, 'UNSUBSCRIBED']);
    expect(answer.text).toContain('Nothing was switched on.');
  });

  it('does not say "on" after the type was switched off again', async () => {
    const { confirm, oneClick, status } = await asker();
    await person.post(confirm, { sure: 'yes' });
    await person.ask('POST', oneClick);
    const { text } = await person.open(confirm);
    expect(text).toContain('This link was used before');
    expect(text).not.toContain('You are in');
    expect((await person.post(confirm, { sure: 'yes' })).text).not.toContain('You are in');
    expect(await status()).toBe('UNSUBSCRIBED');
  });

  it('is void after staff revoked links', async () => {
    const { confirm, status, subscriberId } = await asker();
    await portal.deps.models.subscribers.updateOne({ _id: subscriberId }, { $set: { epoch: 1 } });
    expect((await person.post(confirm, { sure: 'yes' })).status).toBe(410);
    expect((await person.open(confirm)).text).toContain('This link has expired');
    expect(await status()).toBe('NOT_SPECIFIED');
  });

  it('expires after 48 hours', async () => {
    const { confirm, status } = await asker();
    portal.advance(48 * 3_600_000 + 1000);
    const before = await dumpOf(portal.database.connection);
    expect((await person.open(confirm)).text).toContain('This link has expired');
    expect((await person.post(confirm, { sure: 'yes' })).status).toBe(410);
    expect(await dumpOf(portal.database.connection)).toEqual(before);
    expect(await status()).toBe('NOT_SPECIFIED');
  });

  it('confirms nothing for another contact’s wish or for an unknown one', async () => {
    const [one, other] = [await asker(), await asker()];
    const claims = { subscriberId: one.subscriberId, unitId: fjell.id, epoch: 0, pendingId: other.pendingId };
    const token = await portal.deps.tokens.mint('confirm', claims, portal.deps.clock());
    expect((await person.post(`/c/${token}`, { sure: 'yes' })).status).toBe(410);
    expect([await one.status(), await other.status()]).toEqual(['NOT_SPECIFIED', 'NOT_SPECIFIED']);
  });
});
