/** One-time codes: set up on the account page, asked for at sign-in, and each valid once. */
import { expect, it } from 'vitest';
import { generate } from 'otplib';
import { adminPaths } from '../../../src/admin-paths.js';
import { hashOfRecoveryCode } from '../../../src/domain/staff/one-time-codes.js';
import { openTestPortal } from '../../support/app.js';
import { passwordOfTheStaff, signedIn, staffVisitor, type StaffVisitor } from '../../support/staff.js';
import type { User } from '../../../src/models/user.js';

const portal = await openTestPortal();

/** The app's current code, by the portal's clock. */
function codeNow(secret: string): Promise<string> {
  return generate({ secret, epoch: Math.floor(portal.deps.clock().getTime() / 1000) });
}

const nextStep = () => portal.advance(30_000);

async function withCodes(): Promise<{ staff: StaffVisitor; secret: string; recoveryCodes: string[] }> {
  const staff = await signedIn(portal, 'support');
  const setUp = await staff.press(await staff.open(adminPaths.account()), /Set up one-time codes/);
  const secret = /class="secret"[^>]*>([A-Z2-7 ]+)</.exec(setUp.html)?.[1]?.replaceAll(' ', '') ?? '';
  const shown = await staff.press(setUp, /Turn one-time codes on/, {
    code: await codeNow(secret),
    present: passwordOfTheStaff,
  });
  const recoveryCodes = [...shown.html.matchAll(/<li>([0-9a-z-]{19})<\/li>/g)].map(([, code = '']) => code);
  nextStep();
  return { staff, secret, recoveryCodes };
}

async function withPassword(user: User): Promise<StaffVisitor> {
  const visitor = staffVisitor(portal, user);
  const answer = await visitor.post(adminPaths.signIn(), {
    email: user.email,
    password: passwordOfTheStaff,
  });
  expect(answer.path).toBe(adminPaths.signInCode());
  return visitor;
}

async function isIn(visitor: StaffVisitor): Promise<boolean> {
  return (await visitor.open(adminPaths.account())).status === 200;
}

it('the first one-time code turns them on, and ten recovery codes are shown once', async () => {
  const { staff, secret, recoveryCodes } = await withCodes();
  expect(secret).toHaveLength(32);
  expect(new Set(recoveryCodes).size).toBe(10);
  const kept = await portal.deps.models.users.findById(staff.user._id).lean<User>();
  expect(JSON.stringify(kept)).not.toContain(secret);
  expect(kept?.recoveryCodes).toEqual(recoveryCodes.map(hashOfRecoveryCode));
  const account = await staff.open(adminPaths.account());
  expect(account.text).toMatch(/One-time codes On since/);
  const codes = await staff.open(adminPaths.oneTimeCodes());
  for (const code of [secret, ...recoveryCodes]) expect(codes.html).not.toContain(code);
});

it('a wrong first one-time code turns nothing on', async () => {
  const staff = await signedIn(portal, 'support');
  const setUp = await staff.press(await staff.open(adminPaths.account()), /Set up one-time codes/);
  const again = await staff.press(setUp, /Turn one-time codes on/, { code: '000000' });
  expect(again.status).toBe(422);
  expect((await staff.open(adminPaths.account())).text).toContain('One-time codes Off');
});

it('sign-in needs the one-time code besides the password, and a code works once', async () => {
  const { staff, secret } = await withCodes();
  const [one, two] = [await withPassword(staff.user), await withPassword(staff.user)];
  expect(await isIn(one)).toBe(false);
  const code = await codeNow(secret);
  const answers = [];
  for (const visitor of [one, two])
    answers.push(
      await visitor.post(adminPaths.signInCode(), { code: `${code.slice(0, 3)} ${code.slice(3)}` }),
    );
  expect(answers.map(({ status }) => status)).toEqual([200, 422]);
  expect([await isIn(one), await isIn(two)]).toEqual([true, false]);
  nextStep();
  await two.post(adminPaths.signInCode(), { code: await codeNow(secret) });
  expect(await isIn(two)).toBe(true);
});

it('only one of two simultaneous uses of a code signs in', async () => {
  const { staff, secret } = await withCodes();
  const both = [await withPassword(staff.user), await withPassword(staff.user)];
  const code = await codeNow(secret);
  const send = (visitor: StaffVisitor) =>
    visitor.ask('POST', adminPaths.signInCode(), new URLSearchParams({ code }));
  const statuses = (await Promise.all(both.map(send))).map(({ status }) => status);
  expect(statuses.sort()).toEqual([303, 422]);
});

it('the code of the step before or after is accepted, an older one is not', async () => {
  const { staff, secret } = await withCodes();
  nextStep();
  const visitor = await withPassword(staff.user);
  const old = await codeNow(secret);
  nextStep();
  nextStep();
  expect((await visitor.post(adminPaths.signInCode(), { code: old })).status).toBe(422);
  const justNow = await codeNow(secret);
  nextStep();
  await visitor.post(adminPaths.signInCode(), { code: justNow });
  expect(await isIn(visitor)).toBe(true);
});

it('a recovery code works once, in any spelling, and counts as the one-time code', async () => {
  const { staff, recoveryCodes } = await withCodes();
  const [first = '', second = ''] = recoveryCodes;
  for (const [recovery, isRight] of [
    [first.toUpperCase().replaceAll('-', ' '), true],
    [first, false],
    [second, true],
  ] as const) {
    const visitor = await withPassword(staff.user);
    const answer = await visitor.post(adminPaths.signInCode(), { recovery });
    expect(answer.status).toBe(isRight ? 200 : 422);
    expect(await isIn(visitor)).toBe(isRight);
  }
  expect((await staff.open(adminPaths.account())).text).toContain('8 recovery codes left');
});

it('sign-in starts again with the password after ten minutes without a code', async () => {
  const { staff, secret } = await withCodes();
  const visitor = await withPassword(staff.user);
  portal.advance(10 * 60_000 + 1);
  const answer = await visitor.post(adminPaths.signInCode(), { code: await codeNow(secret) });
  expect(answer.path).toMatch(/^\/admin\/sign-in\?said=code-late/);
  expect(await isIn(visitor)).toBe(false);
});

it('turning one-time codes on needs the password, so a stolen session cannot lock the owner out', async () => {
  const staff = await signedIn(portal, 'support');
  const setUp = await staff.press(await staff.open(adminPaths.account()), /Set up one-time codes/);
  const secret = /class="secret"[^>]*>([A-Z2-7 ]+)</.exec(setUp.html)?.[1]?.replaceAll(' ', '') ?? '';
  const code = await codeNow(secret);
  for (const present of ['', 'not-the-password']) {
    const refused = await staff.press(setUp, /Turn one-time codes on/, { code, present });
    expect(refused.status).toBe(422);
    expect(refused.html).toContain('id="present-fault"');
  }
  expect((await portal.deps.models.users.findById(staff.user._id).lean())?.totp?.confirmedAt).toBeFalsy();
  const on = await staff.press(setUp, /Turn one-time codes on/, { code, present: passwordOfTheStaff });
  expect(on.text).toContain('Keep these recovery codes');
});

it('turning one-time codes off, or renewing recovery codes, needs the password', async () => {
  const { staff, recoveryCodes } = await withCodes();
  const page = await staff.open(adminPaths.oneTimeCodes());
  for (const [button, field] of [
    [/Turn one-time codes off/, 'removal'],
    [/Create ten new codes/, 'renewal'],
  ] as const) {
    const refused = await staff.press(page, button, { [field]: 'not-the-password' });
    expect(refused.status).toBe(422);
    expect(refused.html).toContain(`id="${field}-fault"`);
  }
  const renewed = await staff.press(page, /Create ten new codes/, { renewal: passwordOfTheStaff });
  expect(renewed.text).toContain('Keep these recovery codes');
  const old = await withPassword(staff.user);
  expect((await old.post(adminPaths.signInCode(), { recovery: recoveryCodes[0] ?? '' })).status).toBe(422);
  const off = await staff.press(page, /Turn one-time codes off/, { removal: passwordOfTheStaff });
  expect(off.text).toContain('One-time codes are off.');
  const visitor = staffVisitor(portal, staff.user);
  await visitor.post(adminPaths.signIn(), { email: staff.user.email, password: passwordOfTheStaff });
  expect(await isIn(visitor)).toBe(true);
});
