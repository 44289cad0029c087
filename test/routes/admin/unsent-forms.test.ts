/** A form sent after its session has ended: the input is kept for its user, and shown again after sign-in. */
import { beforeEach, describe, expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { trailNotes } from '../../support/people.js';
import { dialog } from '../../support/record-room.js';
import { csrfIn, fieldsOf, openSessionRoom } from '../../support/session-room.js';
import { passwordOfTheStaff, signedIn, staffVisitor } from '../../support/staff.js';
import type { StaffVisitor } from '../../support/staff.js';
import type { Answer } from '../../support/visitor.js';

const words = 'Said so on the telephone, a canary.';

const room = await openSessionRoom();
beforeEach(() => room.portal.deps.models.unsentForms.deleteMany({}));

describe('a form whose session ended while it was open', () => {
  it('is shown again, and submitted only by its button', async () => {
    const ida = room.of('support');
    const guro = await room.somebody();
    const page = await room.opened(ida, dialog(guro, 'SUBSCRIBED'));
    await room.endSessions();
    const typed = { legalBasis: 'CONSENT_WITH_NOTICE', explanation: words };
    const again = await room.signIn(ida, await ida.press(page, /^Subscribe$/, typed));
    expect(await room.statusOf(guro, trailNotes)).toBe('NOT_SPECIFIED');
    await ida.press(again, /^Subscribe$/);
    expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
  });

  it('does not overwrite a newer change of the contact', async () => {
    const ida = room.of('support');
    const guro = await room.somebody();
    const page = await room.opened(ida, adminPaths.contactEdit(guro._id));
    const kari = await signedIn(room.portal, 'support');
    await kari.press(await kari.open(adminPaths.contactEdit(guro._id)), /^Save$/, { firstName: 'Newer' });
    await room.endSessions();
    const again = await room.signIn(ida, await ida.press(page, /^Save$/, { lastName: words }));
    expect((await ida.press(again, /^Save$/)).status).toBe(422);
    const { contacts } = room.portal.deps.models;
    expect(await contacts.findById(guro._id).lean()).toMatchObject({ firstName: 'Newer' });
  });
});

/** Sends an override after the session has ended. */
async function sendLate(visitor: StaffVisitor, explanation = words): Promise<Answer> {
  const guro = await room.somebody();
  const page = await room.opened(visitor, dialog(guro, 'SUBSCRIBED'));
  await room.endSessions();
  return visitor.press(page, /^Subscribe$/, { legalBasis: 'CONSENT_WITH_NOTICE', explanation });
}

const isKept = async () => (await room.portal.deps.models.unsentForms.countDocuments()) > 0;

it('is for its user only, also when another user signs in in the same browser', async () => {
  const ida = room.of('support');
  const led = await sendLate(ida);
  const { user } = await signedIn(room.portal, 'support');
  const other = await ida.press(led, /^Sign in$/, { email: user.email, password: passwordOfTheStaff });
  // Sign-in leads to the page of unsent forms, which has none for this user.
  expect([other.path, other.location]).toEqual([adminPaths.unsentForm(), adminPaths.dashboard()]);
  await room.endSessions();
  await room.signIn(ida);
  expect((await ida.open(adminPaths.unsentForm())).html).toContain(words);
});

it('an unsent form is deleted after an hour', async () => {
  const ida = room.of('support');
  const led = await sendLate(ida);
  room.portal.advance(3_600_001);
  await room.signIn(ida, led);
  expect((await ida.open(adminPaths.unsentForm())).location).toBe(adminPaths.dashboard());
});

it('an unsent form is not kept when it is too large, or when the user already has one', async () => {
  const ida = room.of('support');
  await sendLate(ida, 'x'.repeat(260_000));
  expect(await isKept()).toBe(false);
  await sendLate(ida, 'The first.');
  await sendLate(ida, 'The second.');
  expect(await room.portal.deps.models.unsentForms.countDocuments()).toBe(1);
  await room.signIn(ida);
  expect((await ida.open(adminPaths.unsentForm())).html).toContain('The second.');
});

it('an unsent form is not kept for a browser without a valid mark of an earlier sign-in', async () => {
  const ida = room.of('support');
  const guro = await room.somebody();
  const page = await room.opened(ida, dialog(guro, 'SUBSCRIBED'));
  const csrf = csrfIn(page);
  await room.endSessions();
  const send = (visitor: StaffVisitor, _csrf: string) =>
    visitor.post(adminPaths.overrides(guro._id), { _csrf, explanation: words });
  await send(staffVisitor(room.portal, ida.user), csrf);
  expect(await isKept()).toBe(false);
  const [token = '', userId = '', time = '', signature = ''] = csrf.split('.');
  const { user: another } = room.of('admin');
  for (const forged of [
    '',
    token,
    [token, another._id, time, signature].join('.'),
    [token, userId, `${time}0`, signature].join('.'),
    [token, userId, time, signature.slice(1)].join('.'),
  ])
    await send(ida, forged);
  expect(await isKept()).toBe(false);
  room.portal.advance(7 * 24 * 3_600_000 + 1);
  await send(ida, csrf);
  expect(await isKept()).toBe(false);
});

it('a form with a password is never kept', async () => {
  const ida = room.of('support');
  const page = await room.opened(ida, adminPaths.account());
  await room.endSessions();
  const typed = {
    present: passwordOfTheStaff,
    next: 'a-canary-of-a-password',
    again: 'a-canary-of-a-password',
  };
  const led = await ida.press(page, /Change password/, typed);
  expect(led.text).toContain('Your session has ended.');
  expect(await isKept()).toBe(false);
});

it('an unsent form is not shown once the user may no longer send it', async () => {
  const { user, ...ida } = await signedIn(room.portal, 'support');
  const visitor = { user, ...ida };
  const led = await sendLate(visitor);
  await room.portal.deps.models.users.updateOne({ _id: user._id }, { $set: { role: 'auditor' } });
  expect((await room.signIn(visitor, led)).status).toBe(403);
});

describe('a form whose session was replaced while it was open', () => {
  it('is shown again to the same user, and sends nothing', async () => {
    const ida = await signedIn(room.portal, 'support');
    const guro = await room.somebody();
    const page = await room.opened(ida, dialog(guro, 'SUBSCRIBED'));
    await room.endSessions();
    await room.signIn(ida);
    const typed = { legalBasis: 'CONSENT_WITH_NOTICE', explanation: words };
    const again = await ida.press(page, /^Subscribe$/, typed);
    expect(again.text).toContain('Nothing was sent yet.');
    expect(fieldsOf(again, /^Subscribe$/)).toContainEqual(['explanation', words]);
    expect(await room.statusOf(guro, trailNotes)).toBe('NOT_SPECIFIED');
    await ida.press(again, /^Subscribe$/);
    expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
  });

  it('is refused for another user, and when it comes from another site', async () => {
    const ida = await signedIn(room.portal, 'support');
    const kari = await signedIn(room.portal, 'support');
    const guro = await room.somebody();
    const page = await room.opened(ida, dialog(guro, 'SUBSCRIBED'));
    const csrf = csrfIn(page);
    const fields = { _csrf: csrf, explanation: words };
    const theirs = await kari.post(adminPaths.overrides(guro._id), fields);
    expect(theirs.status).toBe(403);
    expect(theirs.html).not.toContain(words);
    const path = adminPaths.overrides(guro._id);
    const elsewhere = await ida.ask('POST', path, new URLSearchParams(fields), {
      'sec-fetch-site': 'cross-site',
    });
    expect(elsewhere.status).toBe(403);
  });
});
