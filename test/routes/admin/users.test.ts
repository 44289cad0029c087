/** Users: invited by a one-time link, given a role and units, closed, and never given more than the giver has. */
import { expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { changeAccess, closeUser, createUser } from '../../../src/domain/staff/users.js';
import { memberOf } from '../../../src/routes/admin/who.js';
import { openTestPortal } from '../../support/app.js';
import { fjell, northwind } from '../../support/people.js';
import { passwordOfTheStaff, signedIn, staffVisitor, type StaffVisitor } from '../../support/staff.js';
import type { Answer } from '../../support/visitor.js';
import type { User } from '../../../src/models/user.js';

const chosen = 'a-password-that-they-chose';

const portal = await openTestPortal();

async function userBy(email: string): Promise<User> {
  const user = await portal.deps.models.users.findOne({ email }).lean<User>();
  if (!user) throw new Error('There is no such user.');
  return user;
}

const pathIn = ({ html }: Answer) =>
  new URL(/>(https?:[^<]+\/admin\/welcome\/[\w-]+)</.exec(html)?.[1] ?? '').pathname;

async function invited(admin: StaffVisitor, name: string): Promise<{ user: User; path: string }> {
  const email = `${name.toLowerCase()}@staff.example`;
  const form = await admin.open(adminPaths.newUser());
  const shown = await admin.press(form, /Create account/, {
    name,
    email,
    role: 'support',
    reach: 'some',
    unit: [String(fjell.id)],
  });
  expect(shown.status, shown.text).toBe(200);
  return { user: await userBy(email), path: pathIn(shown) };
}

it('an invitation sets a password once, which then signs in', async () => {
  const admin = await signedIn(portal, 'admin');
  const { user, path } = await invited(admin, 'Nina');
  expect(user).toMatchObject({ role: 'support', unitIds: [fjell.id], passwordHash: null });
  expect(JSON.stringify(user)).not.toContain(path.split('/').at(-1));
  expect((await admin.open(adminPaths.users())).text).toMatch(/Nina .*Invited/);
  const nina = staffVisitor(portal, user);
  const page = await nina.open(path);
  expect(page.text).toContain('Welcome, Nina');
  expect((await nina.press(page, /Set password/, { next: chosen, again: 'no' })).status).toBe(422);
  const done = await nina.press(page, /Set password/, { next: chosen, again: chosen });
  expect(done.text).toContain('Your password is set.');
  expect((await nina.open(path)).status).toBe(404);
  expect((await nina.post(path, { next: chosen, again: chosen })).status).toBe(404);
  await nina.press(done, /Sign in/, { email: user.email, password: chosen });
  expect((await nina.open(adminPaths.account())).text).toContain(fjell.name);
});

it('only one of two simultaneous uses of a one-time link sets the password', async () => {
  const { user, path } = await invited(await signedIn(portal, 'admin'), 'Oda');
  const send = (next: string) =>
    staffVisitor(portal, user).ask('POST', path, new URLSearchParams({ next, again: next }));
  const statuses = (await Promise.all([send(chosen), send(`${chosen}-too`)])).map(({ status }) => status);
  expect(statuses.sort()).toEqual([303, 404]);
});

it('a one-time link expires after two days, with a newer link, and with its account', async () => {
  const admin = await signedIn(portal, 'admin');
  const first = await invited(admin, 'Per');
  const nobody = staffVisitor(portal, first.user);
  const second = pathIn(
    await admin.press(await admin.open(adminPaths.user(first.user._id)), /Create a one-time link/),
  );
  expect((await nobody.open(first.path)).status).toBe(404);
  expect((await nobody.open(second)).status).toBe(200);
  await admin.press(await admin.open(adminPaths.user(first.user._id)), /Close the account/);
  expect((await nobody.open(second)).status).toBe(404);
  const other = await invited(admin, 'Ola');
  portal.advance(48 * 3_600_000 + 1);
  expect((await nobody.open(other.path)).status).toBe(404);
});

it('a password reset removes one-time codes and passkeys if requested, and only once it is used', async () => {
  const admin = await signedIn(portal, 'admin');
  const staff = await signedIn(portal, 'support');
  const totp = { secret: 'sealed', confirmedAt: portal.deps.clock(), lastStep: 0 };
  const at = portal.deps.clock();
  const keys = { id: 'on-the-telephone', publicKey: 'a-key', counter: 0, transports: [], name: 'Telephone' };
  const passkeys = [{ ...keys, addedAt: at, lastUsedAt: null }];
  const { users } = portal.deps.models;
  const telephone = 'Their phone is lost';
  expect((await admin.open(adminPaths.user(staff.user._id))).text).not.toContain(telephone);
  await users.updateOne({ _id: staff.user._id }, { $set: { passkeys } });
  expect((await admin.open(adminPaths.user(staff.user._id))).text).toContain(telephone);
  await users.updateOne({ _id: staff.user._id }, { $set: { totp, recoveryCodes: ['a hash'] } });
  const page = await admin.open(adminPaths.user(staff.user._id));
  const path = pathIn(await admin.press(page, /Create a one-time link/, { codes: 'remove' }));
  expect((await userBy(staff.user.email)).totp).not.toBeNull();
  expect((await staff.open(adminPaths.account())).status).toBe(200);
  await staffVisitor(portal, staff.user).post(path, { next: chosen, again: chosen });
  expect(await userBy(staff.user.email)).toMatchObject({
    totp: null,
    recoveryCodes: [],
    passkeys: [],
    invitation: null,
  });
  expect((await staff.open(adminPaths.account())).status).toBe(303);
});

it('a changed role applies from the next page on', async () => {
  const admin = await signedIn(portal, 'admin');
  const staff = await signedIn(portal, 'support');
  expect((await staff.open(adminPaths.users())).status).toBe(403);
  const page = await admin.open(adminPaths.user(staff.user._id));
  const saved = await admin.press(page, /^Save/, { role: 'auditor' });
  expect(saved.text).toContain('Changed.');
  const list = await staff.open(adminPaths.users());
  expect(list.status).toBe(200);
  expect(list.text).not.toContain('Invite somebody');
});

it('an admin of some units neither sees users who reach further nor grants more than their own rights', async () => {
  const far = await signedIn(portal, 'support');
  const fjellOnly = await signedIn(portal, 'support', [fjell.id]);
  const near = await signedIn(portal, 'support', [northwind.id]);
  const admin = await signedIn(portal, 'admin', [northwind.id]);
  const list = await admin.open(adminPaths.users());
  expect(list.text).toContain(near.user.email);
  for (const { user } of [far, fjellOnly]) {
    expect(list.html).not.toContain(user.email);
    for (const path of [
      adminPaths.user(user._id),
      adminPaths.userClosure(user._id),
      adminPaths.userLinks(user._id),
    ])
      expect((await admin.post(path, {})).status).toBe(404);
  }
  for (const path of [adminPaths.newUser(), adminPaths.user(near.user._id)]) {
    expect((await admin.open(path)).html).not.toContain(fjell.name);
    for (const access of [{ reach: 'all' }, { unit: [String(fjell.id)] }, { unit: ['0', '1'] }, {}]) {
      const refused = await admin.post(path, {
        name: 'Eva',
        email: 'eva@staff.example',
        role: 'admin',
        ...access,
      });
      expect(refused.status).toBe(422);
    }
  }
  expect(await userBy(near.user.email)).toMatchObject({ role: 'support', unitIds: [northwind.id] });
});

it('users cannot close, demote or reset their own account', async () => {
  const admin = await signedIn(portal, 'admin');
  const own = adminPaths.user(admin.user._id);
  expect((await admin.open(own)).html).not.toContain('Close the account');
  for (const [path, fields] of [
    [own, { role: 'auditor', reach: 'all' }],
    [adminPaths.userClosure(admin.user._id), {}],
    [adminPaths.userLinks(admin.user._id), {}],
  ] as const)
    expect((await admin.post(path, fields)).status).toBe(422);
  expect(await userBy(admin.user.email)).toMatchObject({ role: 'admin', isActive: true, invitation: null });
});

it('only one of two admins who close each other’s account at the same moment succeeds', async () => {
  const { deps } = portal;
  for (let round = 0; round < 5; round += 1) {
    await deps.models.users.updateMany({ role: 'admin' }, { $set: { isActive: false } });
    const pair = await Promise.all(
      ['one', 'two'].map((name) =>
        createUser(deps, {
          email: `${name}-${round}@staff.example`,
          name,
          role: 'admin',
          scope: null,
          password: passwordOfTheStaff,
        }),
      ),
    );
    const [one, two] = pair;
    if (!one || !two) throw new Error('There are two.');
    const outcomes = await Promise.all([
      closeUser(deps, memberOf(one), two),
      changeAccess(deps, memberOf(two), one, { role: 'support', scope: null }),
    ]);
    expect(outcomes.toSorted()).toEqual(['LAST_ADMIN', null]);
    expect(await deps.models.users.countDocuments({ role: 'admin', unitIds: null, isActive: true })).toBe(1);
  }
});
