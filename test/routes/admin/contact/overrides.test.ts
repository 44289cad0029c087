/** Single overrides from the record: what the dialogs announce, require and refuse, and what an outdated dialog cannot undo. */
import { shownStates } from '../../../../src/routes/admin/contact/shown-states.js';
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../../../src/admin-paths.js';
import { readHistory } from '../../../../src/domain/consent/history.js';
import type { Actor, Circumstances, Wish } from '../../../../src/vocabulary/terms.js';
import { guestSurvey, northwind, offers, trailNotes, weekendLetters } from '../../../support/people.js';
import { dialog, openRecordRoom, reasons } from '../../../support/record-room.js';

const room = await openRecordRoom();

describe('the dialog Subscribe', () => {
  it('stores basis, explanation and user, and record and history show them', async () => {
    const guro = await room.somebody();
    const record = await room.ida.open(adminPaths.contact(guro._id));
    expect(record.text).toMatch(/Trail notes Northwind Outdoors Not specified nobody yet/);
    const page = await room.ida.open(dialog(guro, 'SUBSCRIBED'));
    expect(page.text).toContain('Not specified: no choice is recorded');
    const after = await room.ida.press(page, /^Subscribe$/, {
      ...reasons,
      processingBasis: 'PERFORMANCE_OF_CONTRACT',
    });
    expect(after.text).toContain('Guro Haugen 1 is subscribed to Trail notes.');
    expect(after.text).toMatch(
      /Trail notes Northwind Outdoors Subscribed Staff, Support \d+, .{6,12} support-\d+@staff.example Freely given consent/,
    );
    expect(after.text).toContain('“Asked for it on the telephone.”');
    expect(after.text).toContain('Legal basis for processing Performance of a contract');
    const history = await readHistory(room.portal.deps.models, guro.subscribers.EMAIL ?? '');
    expect(history?.events).toMatchObject([
      {
        actor: { kind: 'STAFF', ref: `user:${room.ida.user._id}` },
        change: { op: 'STATUS', typeId: trailNotes.id, to: 'SUBSCRIBED' },
        legalBasis: 'CONSENT_WITH_NOTICE',
        detail: { explanation: 'Asked for it on the telephone.' },
      },
    ]);
  });

  it('accepts several types of the unit at once, and none of another unit', async () => {
    const guro = await room.somebody();
    const page = await room.ida.open(dialog(guro, 'SUBSCRIBED'));
    const types = [trailNotes, offers, weekendLetters].map(({ id }) => String(id));
    await room.ida.press(page, /^Subscribe$/, { ...reasons, types });
    expect(await room.statusOf(guro, offers)).toBe('SUBSCRIBED');
    expect(await room.statusOf(guro, weekendLetters)).toBe('NOT_SPECIFIED');
  });

  it('refuses an explanation over 1000 characters and keeps all of it', async () => {
    const guro = await room.somebody();
    const page = await room.ida.open(dialog(guro, 'SUBSCRIBED'));
    const explanation = 'Asked twice. '.repeat(400).trim();
    const again = await room.ida.press(page, /^Subscribe$/, { ...reasons, explanation });
    expect(again.status).toBe(422);
    expect(again.html).toContain('href="#explanation"');
    expect(again.html).toContain(`>${explanation}</textarea>`);
    expect(await room.statusOf(guro, trailNotes)).toBe('NOT_SPECIFIED');
    await room.ida.press(again, /^Subscribe$/, { explanation: explanation.slice(0, 1000) });
    expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
  });

  it('always needs an explanation, in privacy mode also a legal basis, and keeps what was typed', async () => {
    const guro = await room.somebody();
    const page = await room.ida.open(dialog(guro, 'SUBSCRIBED'));
    const again = await room.ida.press(page, /^Subscribe$/, { explanation: 'By letter.' });
    expect(again.status).toBe(422);
    expect(again.text).toContain('Choose a legal basis.');
    expect(again.html).toContain('>By letter.</textarea>');
    const third = await room.ida.press(page, /^Subscribe$/, { legalBasis: 'NON_GDPR', explanation: '  ' });
    expect(third.text).toContain('Say why');
    expect(await room.statusOf(guro, trailNotes)).toBe('NOT_SPECIFIED');
  });

  it('sent twice acts once and succeeds twice', async () => {
    const guro = await room.somebody();
    const page = await room.ida.open(dialog(guro, 'SUBSCRIBED'));
    await room.ida.press(page, /^Subscribe$/, reasons);
    const again = await room.ida.press(page, /^Subscribe$/, reasons);
    expect(again.text).toContain('Nothing to change.');
    expect((await room.portal.subscriberOf({ address: guro.email ?? '' })).eventCount).toBe(1);
  });
});

describe('the dialog Resubscribe', () => {
  it('shows when and how the contact opted out, and acts with basis and explanation', async () => {
    const guro = await room.somebody();
    await room.decided(guro, [{ kind: 'OPT_OUT', typeId: trailNotes.id }]);
    const record = await room.ida.open(adminPaths.contact(guro._id));
    expect(record.text).toMatch(/Trail notes Northwind Outdoors Opted out Contact, preference page/);
    const page = await room.ida.open(dialog(guro, 'SUBSCRIBED'));
    expect(page.text).toMatch(
      /Guro Haugen \d+ opted out of Trail notes\. By the contact \(preference page\), on/,
    );
    await room.ida.press(page, /^Resubscribe$/, reasons);
    expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
  });

  it('is refused under the contact’s opt-out of all: the page says who set it and offers another way', async () => {
    const guro = await room.somebody();
    await room.decided(guro, [{ kind: 'OPT_OUT_OF_ALL', unitId: northwind.id }]);
    const page = await room.ida.open(dialog(guro, 'SUBSCRIBED'));
    expect(page.text).toMatch(
      /is opted out of all of Northwind Outdoors\. By the contact \(preference page\), on/,
    );
    expect(page.text).toContain('Only the contact can take that back');
    expect(page.html).toContain(adminPaths.linkMails(guro._id));
    expect(page.forms.flatMap(({ buttons }) => buttons).some(({ label }) => label === 'Resubscribe')).toBe(
      false,
    );
    const forced = await room.ida.post(adminPaths.overrides(guro._id), {
      ...{ channel: 'EMAIL', type: String(trailNotes.id), to: 'SUBSCRIBED', types: String(trailNotes.id) },
      ...reasons,
      shown: shownStates(await room.portal.subscriberOf({ address: guro.email ?? '' }), [trailNotes]),
    });
    expect(forced.status).toBe(422);
    expect(forced.text).toContain('Trail notes: Only the contact can take that back.');
    expect(await room.statusOf(guro, trailNotes)).toBe('UNSUBSCRIBED');
  });

  it('announces and removes an opt-out of all that staff set', async () => {
    const guro = await room.somebody();
    const staff: Actor = { kind: 'STAFF', isBulk: false, ref: `user:${room.ida.user._id}`, scope: null };
    await room.decided(guro, [{ kind: 'OPT_OUT_OF_ALL', unitId: northwind.id }], staff, {
      explanation: 'By phone.',
    });
    const page = await room.ida.open(dialog(guro, 'SUBSCRIBED'));
    expect(page.text).toContain('“By phone.”');
    expect(page.text).toContain('Subscribing removes that opt-out.');
    await room.ida.press(page, /^Resubscribe$/, reasons);
    expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
    expect(await room.statusOf(guro, offers)).toBe('UNSUBSCRIBED');
  });
});

describe('the dialog Unsubscribe', () => {
  it('needs no basis, needs an explanation, and opts the contact out', async () => {
    const guro = await room.somebody();
    await room.decided(guro, [{ kind: 'OPT_IN', typeId: trailNotes.id }]);
    const page = await room.ida.open(dialog(guro, 'UNSUBSCRIBED'));
    expect(page.html).not.toContain('name="legalBasis"');
    await room.ida.press(page, /^Unsubscribe$/, { explanation: 'Asked in the shop.' });
    expect(await room.statusOf(guro, trailNotes)).toBe('UNSUBSCRIBED');
  });

  it('can be reset to not specified', async () => {
    const guro = await room.somebody();
    await room.decided(guro, [{ kind: 'OPT_IN', typeId: trailNotes.id }]);
    const page = await room.ida.open(dialog(guro, 'UNSUBSCRIBED'));
    expect(page.text).toContain('Set Trail notes back to not specified');
    await room.ida.press(await room.ida.open(dialog(guro, 'NOT_SPECIFIED')), /^Set back/, {
      explanation: 'A slip.',
    });
    expect(await room.statusOf(guro, trailNotes)).toBe('NOT_SPECIFIED');
  });
});

describe('resetting what the contact opted out of', () => {
  it('needs the same reasons as resubscribing', async () => {
    const guro = await room.somebody();
    await room.decided(guro, [{ kind: 'OPT_OUT', typeId: trailNotes.id }]);
    const page = await room.ida.open(dialog(guro, 'NOT_SPECIFIED'));
    expect(page.text).toContain('Set it back only if they have asked for it since.');
    const again = await room.ida.press(page, /^Set back/, { explanation: 'A slip.' });
    expect([again.status, again.text.includes('Choose a legal basis.')]).toEqual([422, true]);
    expect(await room.statusOf(guro, trailNotes)).toBe('UNSUBSCRIBED');
    await room.ida.press(again, /^Set back/, reasons);
    expect(await room.statusOf(guro, trailNotes)).toBe('NOT_SPECIFIED');
  });
});

describe('a dialog left open', () => {
  it('does not undo a later decision of the contact: it says so, shows the current state, and can be sent again', async () => {
    const guro = await room.somebody();
    const page = await room.ida.open(dialog(guro, 'SUBSCRIBED'));
    await room.decided(guro, [{ kind: 'OPT_OUT', typeId: trailNotes.id }]);
    const again = await room.ida.press(page, /^Subscribe$/, reasons);
    expect(again.status).toBe(422);
    expect(again.text).toContain('Trail notes changed while this page was open, so nothing was done.');
    expect(again.text).toMatch(/Opted out by the contact \(preference page\)/);
    expect(await room.statusOf(guro, trailNotes)).toBe('UNSUBSCRIBED');
    await room.ida.press(again, /^Resubscribe$/, { types: String(trailNotes.id), ...reasons });
    expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
  });

  type Said = [wish: Wish, by: Actor, why?: Circumstances];

  it('does not undo an opt-out added at another level, and decides nothing by itself', async () => {
    const machine: Actor = { kind: 'ONE_CLICK' };
    const staff: Actor = { kind: 'STAFF', isBulk: false, ref: 'user:somebody-else', scope: null };
    const own = { kind: 'OPT_OUT', typeId: trailNotes.id } as const;
    const all = { kind: 'OPT_OUT_OF_ALL', unitId: northwind.id } as const;
    const stories: { first: Said; later: Said }[] = [
      // A colleague records what the contact says on the telephone, over a machine's opt-out.
      { first: [own, machine, { isMachine: true }], later: [own, staff] },
      // The contact opts out of the type itself, under staff's opt-out of all.
      { first: [all, staff], later: [own, machine] },
    ];
    for (const { first, later } of stories) {
      const guro = await room.somebody();
      const say = ([wish, by, why]: Said) => room.decided(guro, [wish], by, why);
      await say(first);
      const page = await room.ida.open(dialog(guro, 'SUBSCRIBED'));
      await say(later);
      const again = await room.ida.press(page, /^Resubscribe$/, reasons);
      expect(again.text).toContain('Trail notes changed while this page was open, so nothing was done.');
      expect(await room.statusOf(guro, trailNotes)).toBe('UNSUBSCRIBED');
    }
  });

  it('is not affected by a decision about another type', async () => {
    const guro = await room.somebody();
    const page = await room.ida.open(dialog(guro, 'SUBSCRIBED'));
    await room.decided(guro, [{ kind: 'OPT_OUT', typeId: offers.id }]);
    await room.ida.press(page, /^Subscribe$/, reasons);
    expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
    expect(await room.statusOf(guro, offers)).toBe('UNSUBSCRIBED');
  });
});

it('a phone number is subscribed and opted out like an address, separately for text messages and WhatsApp', async () => {
  const guro = await room.somebody({ email: '', phone: '+47 900 11 222' });
  const record = await room.ida.open(adminPaths.contact(guro._id));
  expect(record.text).toContain('Text message +4790011222');
  expect(record.text).toContain('Guest survey');
  const page = await room.ida.open(
    adminPaths.overrides(guro._id, { channel: 'SMS', type: guestSurvey.id, to: 'SUBSCRIBED' }),
  );
  const after = await room.ida.press(page, /^Subscribe$/, reasons);
  expect(after.text).toMatch(/Guest survey Fjell Hotels Subscribed/);
});
