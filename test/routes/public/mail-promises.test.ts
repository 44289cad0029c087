/** Pages that announce a mail: either it is queued and will be sent, or the page says why it is not. */
import { describe, expect, it } from 'vitest';
import { changeConsent } from '../../../src/domain/consent/change.js';
import { confirmationsADay } from '../../../src/mail/mailable.js';
import { mailPriorities, type MailKind } from '../../../src/models/mail.js';
import { newlyQueued } from '../../../src/models/queue.js';
import { locales } from '../../../src/vocabulary/locales.js';
import { openTestPortal } from '../../support/app.js';
import { openMailbox } from '../../support/mailbox.js';
import { mailTo } from '../../support/mails.js';
import { newcomer } from '../../support/newcomer.js';
import { fjell, northwind, offers, trailNotes, weekendLetters } from '../../support/people.js';
import { visitorOf } from '../../support/visitor.js';

const box = await openMailbox();
const portal = await openTestPortal({ hasWorker: true, env: { SMTP_URL: box.url } });
const person = visitorOf(portal);

const choice = `type-${weekendLetters.id}`;
const dayMs = 24 * 3_600_000;
let count = 0;

/** A subscriber with a link of Fjell Hotels, which requires double opt-in. */
async function somebody({ isBounced = false } = {}) {
  const who = await newcomer(portal, `reader-${++count}@example.com`, [trailNotes, offers]);
  const { subscriberId, preferences } = await portal.linksOf(who, {
    unitId: fjell.id,
    typeId: weekendLetters.id,
    locale: 'en',
  });
  const claims = { subscriberId, unitId: fjell.id, epoch: 0, locale: 'en' };
  const mintedAt = new Date(Date.now() - 181 * dayMs);
  const expired = `/p/${await portal.deps.tokens.mint('preferences', claims, mintedAt)}`;
  if (isBounced)
    await changeConsent(portal.deps, {
      subscriberId,
      channel: 'EMAIL',
      actor: { kind: 'SYSTEM' },
      wishes: [{ kind: 'MARK_UNDELIVERABLE', reason: 'HARD_BOUNCE' }],
    });
  const mails = (kind: MailKind) => portal.deps.models.mails.find({ subscriberId, kind }).lean();
  const wereMailed = async (kind: MailKind, times: number) => {
    // Never queued: the worker would take them, and drop them.
    const sent = Array.from({ length: times }, (_, at) => ({
      ...newlyQueued(`${kind}:${subscriberId}:${at}`, portal.deps.clock()),
      ...{
        state: 'SENT' as const,
        kind,
        subscriberId,
        unitId: northwind.id,
        queuedBy: 'test',
        priority: mailPriorities.AWAITED,
      },
    }));
    await portal.deps.models.mails.insertMany(sent);
  };
  const optIn = (more: Record<string, string> = {}) =>
    person.post(preferences, { shown: `${weekendLetters.id}:0`, [choice]: 'on', ...more });
  const state = () => portal.subscriberOf(who);
  return { who, subscriberId, preferences, expired, mails, wereMailed, optIn, state };
}

describe('a confirmation mail', () => {
  it('is sent although a stranger has used up the day’s lost links', async () => {
    const { who, optIn, mails, wereMailed } = await somebody();
    await wereMailed('LOST_LINK', 3);
    await person.post('/find', { address: who.address });
    const saved = await optIn();
    expect(saved.text).toContain('a link is on its way to your inbox');
    expect((await mailTo(box, who.address, /confirm/i)).to).toEqual([who.address]);
    expect((await mails('LOST_LINK')).filter(({ state }) => state === 'DROPPED')).toHaveLength(1);
  });

  it('is sent for the fourth time in one day, as the page says', async () => {
    const { who, optIn, wereMailed, mails } = await somebody();
    await wereMailed('CONFIRMATION', 3);
    expect((await optIn()).text).toContain('a link is on its way to your inbox');
    await mailTo(box, who.address, /confirm/i);
    expect((await mails('CONFIRMATION')).map(({ state }) => state)).not.toContain('DROPPED');
  });

  it('is refused at the daily limit: nothing is pending and nothing is announced', async () => {
    const { subscriberId, optIn, wereMailed, mails, state } = await somebody();
    await wereMailed('CONFIRMATION', confirmationsADay);
    const before = (await state()).seq;
    const answer = await optIn();
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('as many confirmations as one address gets in a day');
    expect(answer.text).not.toContain('on its way');
    expect(await state()).toMatchObject({ seq: before, pending: [] });
    expect(await mails('CONFIRMATION')).toHaveLength(confirmationsADay);
    await portal.deps.models.mails.updateMany(
      { subscriberId },
      { $set: { at: new Date(Date.now() - dayMs) } },
    );
    expect((await optIn()).text).toContain('a link is on its way to your inbox');
  });

  it('can be refused while the rest of the same save is done', async () => {
    const { optIn, wereMailed, state } = await somebody();
    await wereMailed('CONFIRMATION', confirmationsADay);
    const answer = await optIn({ shown: `${weekendLetters.id}:0,${trailNotes.id}:1` });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('Trail notes will no longer reach you.');
    expect(answer.text).toContain('Unchanged: Weekend letters.');
    expect((await state()).pending).toEqual([]);
  });

  it('is not announced to an address that bounced', async () => {
    const { optIn, mails, state } = await somebody({ isBounced: true });
    const answer = await optIn();
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('no address of yours that mail reaches');
    expect((await state()).pending).toEqual([]);
    expect(await mails('CONFIRMATION')).toEqual([]);
  });
});

describe('a fresh link', () => {
  it('is sent although a stranger has used up the day’s lost links', async () => {
    const { who, expired, wereMailed } = await somebody();
    await wereMailed('LOST_LINK', 3);
    const page = await person.open(expired);
    expect((await person.press(page, /fresh link/)).text).toContain('We have mailed a fresh link');
    await mailTo(box, who.address, /your link/i);
  });

  it('is refused at the daily limit', async () => {
    const { expired, wereMailed, mails } = await somebody();
    await wereMailed('FRESH_LINK', 3);
    const answer = await person.press(await person.open(expired), /fresh link/);
    expect(answer.text).toContain('as many fresh links as one address gets in a day');
    expect(answer.text).not.toContain('We have mailed a fresh link');
    expect(await mails('FRESH_LINK')).toHaveLength(3);
  });

  it('is neither offered nor announced to an address that bounced', async () => {
    const { expired, mails } = await somebody({ isBounced: true });
    const page = await person.open(expired);
    expect(page.forms.flatMap(({ buttons }) => buttons.map(({ label }) => label)).join()).not.toMatch(/link/);
    const answer = await person.post(`${expired}/fresh-link`, {});
    expect(answer.text).toContain('No link was sent');
    expect(await mails('FRESH_LINK')).toEqual([]);
    // Opting out still works.
    const stopped = await person.press(page, /Stop everything from Fjell/);
    expect(stopped.text).toContain('You are unsubscribed');
  });

  it('is not announced for a subscriber that the database does not know', async () => {
    const claims = {
      subscriberId: portal.deps.subscriberIds('EMAIL', 'lost@example.com'),
      unitId: 0,
      epoch: 0,
    };
    const mintedAt = new Date(Date.now() - 181 * dayMs);
    const path = `/p/${await portal.deps.tokens.mint('preferences', claims, mintedAt)}`;
    expect((await person.open(path)).text).toContain('We cannot mail you a fresh link');
    expect((await person.post(`${path}/fresh-link`, {})).text).toContain('No link was sent');
    expect(await portal.deps.models.mails.countDocuments({ subscriberId: claims.subscriberId })).toBe(0);
  });
});

it.each(locales)('a page says in %s why a mail is not sent', async (locale) => {
  const { expired, preferences } = await somebody({ isBounced: true });
  const said = async (answer: Promise<{ text: string }>) => {
    const { text } = await answer;
    expect(text).not.toMatch(/\{\{|refused|freshLink|Unmailable/);
    return text;
  };
  const texts = await Promise.all([
    said(person.post(`${expired}/fresh-link?lang=${locale}`, {})),
    said(person.open(`${expired}?lang=${locale}`)),
    said(person.post(`${preferences}?lang=${locale}`, { shown: `${weekendLetters.id}:0`, [choice]: 'on' })),
    said(person.post(`/find?lang=${locale}`, { address: 'a-stranger@example.com' })),
  ]);
  if (locale !== 'en') expect(texts.join()).not.toMatch(/mail reaches|One address gets/);
  expect(texts[3]).toContain('3');
});

// Last, since mails queued by an advanced clock are not due by the database's clock.
it('a repeated confirmation mail is not announced beyond the daily limit', async () => {
  const { optIn, wereMailed, mails } = await somebody();
  await optIn();
  await wereMailed('CONFIRMATION', confirmationsADay);
  portal.advance(10 * 60_000);
  const before = (await mails('CONFIRMATION')).length;
  const answer = await optIn();
  expect(answer.status).toBe(422);
  expect(answer.text).not.toContain('on its way');
  expect(await mails('CONFIRMATION')).toHaveLength(before);
});
