/** The set-up link: made by every process of a portal without accounts, valid once, and void after the first account exists. */
import { beforeEach, expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { announceSetUp } from '../../../src/cli/announce-set-up.js';
import { isSetUpLink, offerSetUp } from '../../../src/domain/staff/set-up-link.js';
import { setUp } from '../../../src/domain/staff/set-up.js';
import { createLog, logUnscrubbed } from '../../../src/log.js';
import { openTestPortal } from '../../support/app.js';
import { captureLog, findCanaries } from '../../support/canary.js';
import { saying, visitorOf } from '../../support/visitor.js';

const password = 'a-password-of-the-first';
const first = { email: 'Ida@Staff.example', name: 'Ida Lund', password };

const portal = await openTestPortal();
beforeEach(async () => {
  await portal.deps.models.users.deleteMany({});
  await portal.deps.models.settings.deleteOne({ _id: 'set-up' });
});

async function offered(): Promise<string> {
  const token = await offerSetUp(portal.deps);
  if (token === null) throw new Error('Somebody has an account.');
  return token;
}

it('set-up links of several processes work in parallel, and the first use ends all', async () => {
  const [one, two] = [await offered(), await offered()];
  expect(await Promise.all([one, two].map((token) => isSetUpLink(portal.deps, token)))).toEqual([true, true]);
  expect(await setUp(portal.deps, two, first)).toMatchObject({ role: 'admin', unitIds: null });
  for (const token of [one, two]) {
    expect(await isSetUpLink(portal.deps, token)).toBe(false);
    await expect(setUp(portal.deps, token, first)).rejects.toMatchObject({ code: 'INVALID_TOKEN' });
  }
  expect(await offerSetUp(portal.deps)).toBeNull();
});

it('only one of many simultaneous uses of set-up links creates an account', async () => {
  const tokens = await Promise.all(Array.from({ length: 6 }, offered));
  const made = await Promise.allSettled(
    tokens.map((token, at) => setUp(portal.deps, token, { ...first, email: `ida-${at}@staff.example` })),
  );
  expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await portal.deps.models.users.countDocuments({})).toBe(1);
});

it('a set-up link expires after an hour, and survives a faulty form', async () => {
  const token = await offered();
  await expect(setUp(portal.deps, token, { ...first, email: 'no address' })).rejects.toMatchObject({
    code: 'INVALID_ADDRESS',
  });
  expect(await isSetUpLink(portal.deps, token)).toBe(true);
  portal.advance(3_600_001);
  expect(await isSetUpLink(portal.deps, token)).toBe(false);
});

it('the set-up page creates the first account, says what is missing, and then no longer exists', async () => {
  const path = adminPaths.setUp(await offered());
  const send = (fields: Record<string, string>) =>
    fetch(portal.url + path, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams(fields),
    });
  expect((await fetch(portal.url + path)).status).toBe(200);
  const refused = await send({ name: '', email: 'nobody', next: 'short', again: 'short' });
  expect(refused.status).toBe(422);
  expect(await refused.text()).toMatch(/Enter a name[^]*not an e-mail address[^]*at least 12 characters/);
  const made = await send({ ...first, next: password, again: password });
  expect(made.headers.get('location')).toMatch(saying('/admin/sign-in', 'set-up'));
  expect((await visitorOf(portal).open(path)).status).toBe(404);
  expect((await send({ ...first, next: password, again: password })).status).toBe(404);
});

it('one log line holds the set-up link unscrubbed; in every other line it would be scrubbed', async () => {
  const token = await offered();
  const sentence = `Make the first: ${portal.deps.config.baseUrl}${adminPaths.setUp(token)}`;
  const [open, scrubbed] = [captureLog(), captureLog()];
  logUnscrubbed(portal.deps.config, sentence, open);
  createLog(portal.deps.config, scrubbed).warn(sentence);
  expect(open.entries()).toEqual([{ level: 'warn', time: expect.any(String), msg: sentence }]);
  expect(scrubbed.text()).toContain('/admin/setup/[token]');
  expect(scrubbed.text()).not.toContain(token);
  // A search for forbidden contents would find the link in the unscrubbed line.
  expect(findCanaries(open.text(), []).map(({ what }) => what)).toContain('token in a path');
  expect(portal.logged.join('')).not.toContain(token);
});

it('no set-up link is announced or stored when an account exists', async () => {
  await setUp(portal.deps, await offered(), first);
  await portal.deps.models.settings.deleteOne({ _id: 'set-up' });
  await announceSetUp(portal.deps);
  expect(await portal.deps.models.settings.findById('set-up').lean()).toBeNull();
});
