/** Every page with a new password refuses one that is easy to guess, says why at its field, and changes nothing. */
import { expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { makeOneTimeLink } from '../../../src/domain/staff/one-time-links.js';
import { offerSetUp } from '../../../src/domain/staff/set-up-link.js';
import { openTestPortal } from '../../support/app.js';
import { passwordOfTheStaff, signedIn, staffVisitor } from '../../support/staff.js';
import { visitorOf } from '../../support/visitor.js';
import type { Answer } from '../../support/visitor.js';

const portal = await openTestPortal();

const leaked = { next: 'password1234', again: 'password1234' };

function expectRefusal({ status, html }: Answer, reason: RegExp) {
  expect(status).toBe(422);
  expect(/id="next-fault">([^<]*)/.exec(html)?.[1]).toMatch(reason);
}

it('the set-up page refuses a password that is easy to guess', async () => {
  const path = adminPaths.setUp((await offerSetUp(portal.deps)) ?? '');
  const send = async (fields: Record<string, string>) => {
    const headers = { 'sec-fetch-site': 'same-origin' };
    return visitorOf(portal).ask('POST', path, new URLSearchParams(fields), headers);
  };
  const first = { name: 'Ida Lund', email: 'ida@staff.example' };
  expectRefusal(await send({ ...first, ...leaked }), /leaked/);
  const own = 'ida.lund.2026';
  expectRefusal(await send({ ...first, next: own, again: own }), /your name/);
  expect(await portal.deps.models.users.countDocuments({})).toBe(0);
});

it('the page of a one-time link refuses a password that is easy to guess', async () => {
  const { user } = await signedIn(portal, 'support');
  const visitor = staffVisitor(portal, user);
  const path = adminPaths.welcome(await makeOneTimeLink(portal.deps, user._id, { removesCodes: false }));
  expectRefusal(await visitor.press(await visitor.open(path), /Set password/, leaked), /leaked/);
  expect((await visitor.open(path)).status, 'the link still works').toBe(200);
  expect(await portal.deps.models.users.findById(user._id).lean()).toMatchObject({
    passwordHash: user.passwordHash,
  });
});

it('the account page refuses a password that is easy to guess', async () => {
  const staff = await signedIn(portal, 'support');
  const page = await staff.open(adminPaths.account());
  const changed = { present: passwordOfTheStaff, ...leaked };
  expectRefusal(await staff.press(page, /Change password/, changed), /leaked/);
  expect(await portal.deps.models.users.findById(staff.user._id).lean()).toMatchObject({
    passwordHash: staff.user.passwordHash,
  });
});
