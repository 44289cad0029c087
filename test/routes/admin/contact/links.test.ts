/** Links from the record: mailed, copied, previewed without any link, and revoked. */
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../../../src/admin-paths.js';
import { changeConsent } from '../../../../src/domain/consent/change.js';
import { readEvents } from '../../../../src/domain/consent/newest-events.js';
import type { Contact } from '../../../../src/models/contact.js';
import { guestSurvey, northwind, offers, trailNotes } from '../../../support/people.js';
import { byContact, openRecordRoom } from '../../../support/record-room.js';
import { signedIn } from '../../../support/staff.js';
import { visitorOf } from '../../../support/visitor.js';

const room = await openRecordRoom();

const linkOn = (html: string) => /id="secret"[^>]*>([^<]+)</.exec(html)?.[1] ?? '';

it('the preferences link is mailed at most once a minute, in the contact’s language', async () => {
  const guro = await room.somebody({ locale: 'nb' });
  const page = await room.ida.open(adminPaths.linkMails(guro._id));
  expect(page.text).toContain(`goes to ${guro.email ?? ''}`);
  const after = await room.ida.press(page, /Send the link/);
  expect(after.text).toContain('The mail is queued.');
  expect((await room.ida.press(page, /Send the link/)).text).toContain('The link was sent a moment ago.');
  const mails = await room.portal.deps.models.mails.find({ subscriberId: guro.subscribers.EMAIL }).lean();
  expect(mails).toMatchObject([
    { kind: 'PREFERENCES_LINK', locale: 'nb', queuedBy: `user:${room.ida.user._id}` },
  ]);
});

it('a link is not mailed to an address that bounced, and both pages say so', async () => {
  const guro = await room.somebody();
  const subscriberId = guro.subscribers.EMAIL ?? '';
  const form = await room.ida.open(adminPaths.linkMails(guro._id));
  await changeConsent(room.portal.deps, {
    subscriberId,
    channel: 'EMAIL',
    actor: { kind: 'SYSTEM' },
    wishes: [{ kind: 'MARK_UNDELIVERABLE', reason: 'HARD_BOUNCE' }],
  });
  expect((await room.ida.press(form, /Send the link/)).status).toBe(409);
  const page = await room.ida.open(adminPaths.linkMails(guro._id));
  expect(page.forms.flatMap(({ buttons }) => buttons.map(({ label }) => label))).not.toContain(
    'Send the link',
  );
  expect(await room.portal.deps.models.mails.countDocuments({ subscriberId })).toBe(0);
});

it('a copied link opens the preferences, is audited, and appears in no staff URL', async () => {
  const guro = await room.somebody();
  const page = await room.ida.open(adminPaths.linkCopies(guro._id));
  const made = await room.ida.press(page, /Make the link/);
  const url = linkOn(made.html);
  expect(made.path).toBe(adminPaths.linkCopies(guro._id));
  const opened = await visitorOf(room.portal).open(new URL(url).pathname);
  expect(opened.status).toBe(200);
  expect(opened.text).toContain('What would you like to hear from us?');
  const entry = await room.portal.deps.models.auditEntries
    .findOne({ kind: 'LINK_COPIED', about: `contact:${guro._id}` })
    .lean();
  expect(entry?.by).toBe(`user:${room.ida.user._id}`);
  expect(JSON.stringify(entry)).not.toContain(guro.email);
  const token = url.slice(url.lastIndexOf('/') + 1);
  expect(room.portal.logged.join()).not.toContain(token);
});

describe('an act through a link that staff copied', () => {
  async function copied(guro: Contact, channel = 'EMAIL') {
    const made = await room.ida.press(await room.ida.open(adminPaths.linkCopies(guro._id)), /Make the link/, {
      channel,
    });
    return new URL(linkOn(made.html)).pathname;
  }
  const optOut = { kind: 'OPT_OUT', typeId: trailNotes.id } as const;
  const visitor = () => visitorOf(room.portal);

  it('is recorded as the contact’s, with the user who copied the link', async () => {
    const guro = await room.somebody();
    await visitor().press(await visitor().open(await copied(guro)), /Save/, {
      [`type-${trailNotes.id}`]: 'on',
    });
    expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
    const history = await room.ida.open(adminPaths.contactHistory(guro._id));
    expect(history.text).toMatch(new RegExp(`Contact, by a link that ${room.ida.user.name}.* copied`));
    const own = (await room.portal.linksOf({ address: guro.email ?? '' })).preferences;
    expect((await visitor().open(`${own}/data`)).text).toContain(
      'you, through a link that the people at Northwind Outdoors copied',
    );
    const events = await readEvents(room.portal.deps.models, guro.subscribers.EMAIL ?? '');
    const event = events.at(-1);
    expect(event?.actor).toEqual({
      kind: 'CONTACT',
      ref: 'copied preferences link',
      by: `user:${room.ida.user._id}`,
    });
  });

  it.each([
    ['the contact’s own opt-out', {}, optOut],
    ['an automated one', { isMachine: true }, optOut],
    ['one of all', {}, { kind: 'OPT_OUT_OF_ALL', unitId: null }],
  ] as const)('undoes %s only after the contact confirms by mail', async (_what, why, wish) => {
    const guro = await room.somebody();
    await room.decided(guro, [wish], byContact, why);
    const link = await copied(guro);
    const saved = await visitor().press(await visitor().open(link), /Save/, {
      [`type-${trailNotes.id}`]: 'on',
    });
    expect(saved.text).toContain('Trail notes will start once you confirm');
    expect(await room.statusOf(guro, trailNotes)).toBe('UNSUBSCRIBED');
    const {
      pending,
      epoch,
      _id: subscriberId,
    } = await room.portal.subscriberOf({ address: guro.email ?? '' });
    const pendingId = pending[0]?.id ?? '';
    expect(await room.portal.deps.models.mails.countDocuments({ pendingId, kind: 'CONFIRMATION' })).toBe(1);
    const { tokens, clock } = room.portal.deps;
    const claims = { subscriberId, unitId: northwind.id, epoch, pendingId };
    const confirm = await visitor().open(`/c/${await tokens.mint('confirm', claims, clock())}`);
    await visitor().press(confirm, /./, { sure: 'yes' });
    expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
  });

  it.each([
    { hasOptedOut: false, status: 'SUBSCRIBED' },
    { hasOptedOut: true, status: 'UNSUBSCRIBED' },
  ])(
    'is undone on its page, but not if the contact opted out since: $hasOptedOut',
    async ({ hasOptedOut, status }) => {
      const guro = await room.somebody();
      await room.decided(guro, [{ kind: 'OPT_IN', typeId: trailNotes.id }]);
      const holder = visitor();
      const saved = await holder.press(await holder.open(await copied(guro)), /Save/, {
        [`type-${trailNotes.id}`]: null,
      });
      expect(saved.text).toContain('Trail notes will no longer reach you.');
      if (hasOptedOut) {
        const { oneClick } = await room.portal.linksOf({ address: guro.email ?? '' });
        const answer = await visitor().post(oneClick, { 'List-Unsubscribe': 'One-Click' });
        expect(answer.status).toBe(200);
      }
      await holder.press(saved, /Undo/);
      expect(await room.statusOf(guro, trailNotes)).toBe(status);
    },
  );

  it('is offered no Undo of the contact’s own save, although it repeats it at once', async () => {
    const guro = await room.somebody();
    await room.decided(guro, [{ kind: 'OPT_IN', typeId: trailNotes.id }]);
    const { preferences } = await room.portal.linksOf({ address: guro.email ?? '' });
    const link = await copied(guro);
    const [own, holders] = [await visitor().open(preferences), await visitor().open(link)];
    const off = { [`type-${trailNotes.id}`]: null };
    expect((await visitor().press(own, /Save/, off)).html).toContain('Undo');
    const repeated = await visitor().press(holders, /Save/, off);
    expect(repeated.html).not.toContain('Undo');
    // The holder's own double click still gets it.
    await visitor().press(await visitor().open(link), /Save/, { [`type-${offers.id}`]: 'on' });
    const again = await visitor().post(link, { shown: `${offers.id}:0`, [`type-${offers.id}`]: 'on' });
    expect(again.html).toContain('Undo');
  });

  it('undoes an opt-out by staff at once', async () => {
    const guro = await room.somebody();
    await room.decided(guro, [optOut], { kind: 'STAFF', isBulk: false, ref: 'user:1', scope: null });
    await visitor().press(await visitor().open(await copied(guro)), /Save/, {
      [`type-${trailNotes.id}`]: 'on',
    });
    expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
  });

  it('is refused with a sentence when the contact cannot receive mail', async () => {
    const guro = await room.somebody();
    await room.decided(guro, [optOut]);
    await room.decided(guro, [{ kind: 'MARK_UNDELIVERABLE', reason: 'HARD_BOUNCE' }], { kind: 'SYSTEM' });
    const link = await copied(guro);
    const refused = await visitor().press(await visitor().open(link), /Save/, {
      [`type-${trailNotes.id}`]: 'on',
    });
    expect(refused.status).toBe(422);
    expect(refused.text).toMatch(/Trail notes.*mail/);
    expect(await room.statusOf(guro, trailNotes)).toBe('UNSUBSCRIBED');
    const phone = await room.somebody({ phone: '+4790000515' });
    const subscriberId = phone.subscribers.SMS ?? '';
    const typeId = guestSurvey.id;
    await changeConsent(room.portal.deps, {
      ...{ subscriberId, channel: 'SMS', actor: byContact, wishes: [{ kind: 'OPT_OUT', typeId }] },
    });
    const sms = await copied(phone, 'SMS');
    const shown = await visitor().open(sms);
    const asked = await visitor().post(sms, { shown: `${typeId}:0`, [`type-${typeId}`]: 'on' });
    expect([shown.status, asked.status]).toEqual([200, 422]);
    const stored = await room.portal.deps.models.subscribers.findById(subscriberId).lean();
    expect(stored?.optOuts.types[typeId]).toHaveLength(1);
  });
});

it('the staff preview of the contact’s page has no token and no usable form, and records nothing', async () => {
  const guro = await room.somebody({ locale: 'de' });
  await room.decided(guro, [{ kind: 'OPT_IN', typeId: trailNotes.id }]);
  const before = await room.portal.subscriberOf({ address: guro.email ?? '' });
  const page = await room.ida.open(adminPaths.preview(guro._id));
  expect(page.text).toMatch(/A preview of what Guro Haugen \d+ sees\./);
  expect(page.text).toContain('Wegnotizen');
  expect(page.html).toContain('<div class="previewed" inert>');
  expect(page.html).not.toMatch(/\/[pucoe]\/[\w-]{10,}/);
  expect(page.html).not.toMatch(/action="[^"]+"/);
  expect(page.headers.get('content-security-policy')).toContain("form-action 'none'");
  const { version, seq } = before;
  expect(await room.portal.subscriberOf({ address: guro.email ?? '' })).toMatchObject({ version, seq });
});

it('the staff preview shows a user of one unit that unit only', async () => {
  const kari = await signedIn(room.portal, 'auditor', [northwind.id]);
  const guro = await room.somebody();
  const page = await kari.open(adminPaths.preview(guro._id));
  expect(page.text).toContain('Only your business units are shown.');
  expect(page.html).not.toMatch(/Fjell|Weekend/);
});

it('revoked links can only opt out, and a user of one unit cannot revoke', async () => {
  const guro = await room.somebody();
  const made = await room.ida.press(await room.ida.open(adminPaths.linkCopies(guro._id)), /Make the link/);
  const kari = await signedIn(room.portal, 'support', [northwind.id]);
  expect((await kari.open(adminPaths.contact(guro._id))).text).not.toContain('Revoke links');
  expect((await kari.open(adminPaths.linkRevocations(guro._id))).status).toBe(404);
  expect((await kari.post(adminPaths.linkRevocations(guro._id), {})).status).toBe(404);
  const after = await room.ida.press(
    await room.ida.open(adminPaths.linkRevocations(guro._id)),
    /^Revoke links$/,
  );
  expect(after.text).toContain('Links revoked.');
  const old = await visitorOf(room.portal).open(new URL(linkOn(made.html)).pathname);
  expect(old.text).not.toContain('What would you like to hear from us?');
});

it('a user of one unit cannot copy a link, since it would open all units', async () => {
  const guro = await room.somebody();
  const kari = await signedIn(room.portal, 'support', [northwind.id]);
  const record = await kari.open(adminPaths.contact(guro._id));
  expect(record.text).toContain('Send preferences link');
  expect(record.text).not.toContain('Copy link');
  expect((await kari.open(adminPaths.linkCopies(guro._id))).status).toBe(404);
  const made = await kari.post(adminPaths.linkCopies(guro._id), { unit: String(northwind.id) });
  expect([made.status, linkOn(made.html)]).toEqual([404, '']);
  const unlimited = await room.ida.press(
    await room.ida.open(adminPaths.linkCopies(guro._id)),
    /Make the link/,
  );
  const opened = await visitorOf(room.portal).open(new URL(linkOn(unlimited.html)).pathname);
  expect(opened.text).toContain('Fjell');
});

it('a user who may not send links has no button for it', async () => {
  const auditor = await signedIn(room.portal, 'auditor');
  const guro = await room.somebody();
  const { text } = await auditor.open(adminPaths.contact(guro._id));
  expect(text).toContain('Preview as contact');
  expect(text).not.toMatch(/Send preferences link|Copy link|Revoke links|Edit Guro/);
  expect((await auditor.open(adminPaths.linkCopies(guro._id))).status).toBe(403);
});
