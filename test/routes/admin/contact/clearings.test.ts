/** Clearing a bounce and a complaint from the record, on a whole portal with a real mail server. */
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../../../src/admin-paths.js';
import { recordReports } from '../../../../src/domain/bounces/record-reports.js';
import type { DeliveryReport } from '../../../../src/vocabulary/bounces.js';
import { openTestPortal } from '../../../support/app.js';
import { stateOf } from '../../../support/hooks.js';
import { openMailbox } from '../../../support/mailbox.js';
import { linkIn, mailTo } from '../../../support/mails.js';
import { newcomer } from '../../../support/newcomer.js';
import { fjell, northwind, trailNotes } from '../../../support/people.js';
import { signedIn } from '../../../support/staff.js';
import { visitorOf } from '../../../support/visitor.js';

const box = await openMailbox();
const portal = await openTestPortal({ env: { SMTP_URL: box.url }, hasWorker: true });
const support = await signedIn(portal, 'support');

let made = 0;
async function reported(kind: DeliveryReport['kind']) {
  const address = `cleared-${(made += 1)}@example.com`;
  const { subscriberId } = await newcomer(portal, address, [trailNotes]);
  const report = (more: Partial<DeliveryReport> = {}) =>
    recordReports(
      portal.deps,
      { id: 'test', provider: 'test', unitId: northwind.id, ref: 'reported:Test:test' },
      [{ id: `event-${(made += 1)}`, kind, address, at: portal.deps.clock(), ...more }],
    );
  await report();
  return { address, subscriberId, report, path: adminPaths.clearings(subscriberId) };
}
const cannot = async (address: string) => (await stateOf(portal, address)).cannot;

describe('a hard bounce', () => {
  it('is cleared by staff with an explanation, which the history keeps', async () => {
    const { address, subscriberId, path } = await reported('HARD');
    const page = await support.open(adminPaths.contact(subscriberId));
    expect(page.html).toContain(path);
    const form = await support.open(path);
    expect((await support.press(form, /Clear the bounce/)).status).toBe(422);
    expect(await cannot(address)).toBe('HARD_BOUNCE');
    await support.press(form, /Clear the bounce/, { explanation: 'The mailbox was renewed' });
    expect(await cannot(address)).toBeNull();
    const history = await support.open(adminPaths.contactHistory(subscriberId));
    expect(history.text).toContain('The mailbox was renewed');
    expect(history.text).toContain('Bounce cleared');
  });

  it('stays cleared after reports of something older and of the provider’s own list, and not after a new one', async () => {
    const { address, path, report } = await reported('HARD');
    const older = portal.deps.clock();
    portal.advance(1000);
    await support.press(await support.open(path), /Clear the bounce/, { explanation: 'They called' });
    await report({ at: older });
    portal.advance(1000);
    await report({ isEcho: true });
    expect(await cannot(address)).toBeNull();
    await report();
    expect(await cannot(address)).toBe('HARD_BOUNCE');
  });

  it('begins the count of soft bounces anew', async () => {
    const { address, path, report } = await reported('SOFT');
    for (let at = 0; at < 4; at += 1) await report();
    expect(await cannot(address)).toBe('HARD_BOUNCE');
    portal.advance(1000);
    await support.press(await support.open(path), /Clear the bounce/, { explanation: 'It was full' });
    portal.advance(1000);
    for (let at = 0; at < 4; at += 1) await report();
    expect(await cannot(address)).toBeNull();
    await report();
    expect(await cannot(address)).toBe('HARD_BOUNCE');
  });

  it('is not cleared by users who are limited to some units, and not by marketers', async () => {
    const { path, address } = await reported('HARD');
    const limited = await signedIn(portal, 'support', [northwind.id, fjell.id]);
    expect((await limited.open(path)).status).toBe(404);
    const marketer = await signedIn(portal, 'marketer');
    expect((await marketer.post(path, { reason: 'HARD_BOUNCE', explanation: 'x' })).status).toBe(403);
    expect(await cannot(address)).toBe('HARD_BOUNCE');
  });
});

describe('a complaint', () => {
  it('is cleared by the contact alone, by the link of a mail that staff ask for', async () => {
    const { address, subscriberId, path, report } = await reported('COMPLAINT');
    const question = adminPaths.clearingQuestions(subscriberId);
    expect((await support.open(adminPaths.contact(subscriberId))).html).toContain(question);
    await support.post(path, { explanation: 'They called' });
    expect(await cannot(address)).toBe('COMPLAINT');
    const asked = await support.press(await support.open(question), /Send the question/);
    expect(asked.text).toContain('The question is queued.');
    expect((await support.press(await support.open(question), /Send the question/)).text).toContain(
      'was sent today',
    );
    const mail = await mailTo(box, address, /again/);
    const link = new URL(linkIn(mail.parsed, /Answer/)).pathname;
    const visitor = visitorOf(portal);
    const page = await visitor.open(link);
    expect(await cannot(address)).toBe('COMPLAINT');
    expect((await visitor.press(page, /Confirm/)).status).toBe(422);
    expect(await cannot(address)).toBe('COMPLAINT');
    const done = await visitor.press(page, /Confirm/, { sure: 'yes' });
    expect(done.status).toBe(200);
    expect(await cannot(address)).toBeNull();
    expect((await support.open(adminPaths.contactHistory(subscriberId))).text).toContain(
      'Report of spam cleared',
    );
    portal.advance(1000);
    await report();
    expect((await visitor.press(page, /Confirm/, { sure: 'yes' })).status).toBe(410);
    expect(await cannot(address)).toBe('COMPLAINT');
  });

  it('stays while its link is expired', async () => {
    const { address, subscriberId } = await reported('COMPLAINT');
    await support.press(await support.open(adminPaths.clearingQuestions(subscriberId)), /Send the question/);
    const mail = await mailTo(box, address, /again/);
    const link = new URL(linkIn(mail.parsed, /Answer/)).pathname;
    const page = await visitorOf(portal).open(link);
    portal.advance(49 * 3_600_000);
    expect((await visitorOf(portal).press(page, /Confirm/, { sure: 'yes' })).status).toBe(410);
    expect(await cannot(address)).toBe('COMPLAINT');
  });
});
