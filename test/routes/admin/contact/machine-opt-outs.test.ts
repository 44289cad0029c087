/** Opt-outs made by a machine: listed, corrected from the record and in a batch; and the basis of one call or mail. */
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../../../src/admin-paths.js';
import { runDueJobs } from '../../../../src/jobs/engine.js';
import { steppersOf } from '../../../../src/jobs/registry.js';
import { noMetrics } from '../../../../src/metrics.js';
import type { Contact } from '../../../../src/models/contact.js';
import { fjell, northwind, trailNotes, weekendLetters } from '../../../support/people.js';
import { openRecordRoom, reasons } from '../../../support/record-room.js';
import { signedIn } from '../../../support/staff.js';
import type { Answer } from '../../../support/visitor.js';

const room = await openRecordRoom();

const robot = { isMachine: true, userAgent: 'MailScanner/3.1' };

/** Contacts who subscribed themselves, and were opted out by a mail filter that followed the link. */
async function scanned(types = [trailNotes]): Promise<Contact> {
  const guro = await room.somebody();
  for (const { id } of types) {
    await room.decided(guro, [{ kind: 'OPT_IN', typeId: id }]);
    await room.decided(guro, [{ kind: 'OPT_OUT', typeId: id }], { kind: 'ONE_CLICK' }, robot);
  }
  return guro;
}

describe('correcting a machine-made opt-out from the record', () => {
  it('shows it as machine-made and, with explanation and basis, restores the earlier status', async () => {
    const guro = await scanned();
    const record = await room.ida.open(adminPaths.contact(guro._id));
    expect(record.text).toContain('A machine seems to have opted out.');
    const page = await room.ida.open(adminPaths.corrections(guro._id, { channel: 'EMAIL' }));
    const without = await room.ida.press(page, /^Put right$/, { explanation: 'She says so.' });
    expect(without.status).toBe(422);
    expect(without.text).toContain('Choose a legal basis.');
    const after = await room.ida.press(page, /^Put right$/, reasons);
    expect(after.text).toContain('Put right.');
    expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
    expect(after.text).not.toContain('A machine seems');
  });

  it('keeps what the contact decided after the page was opened', async () => {
    const guro = await scanned();
    const page = await room.ida.open(adminPaths.corrections(guro._id, { channel: 'EMAIL' }));
    await room.decided(guro, [{ kind: 'OPT_OUT', typeId: trailNotes.id }]);
    await room.ida.press(page, /^Put right$/, reasons);
    expect(await room.statusOf(guro, trailNotes)).toBe('UNSUBSCRIBED');
  });
});

const csrfOf = ({ html }: Pick<Answer, 'html'>) => /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';

/** Where the page leads to when the contact does want to opt out. */
const leavingUrl = ({ html }: Pick<Answer, 'html'>) =>
  /href="([^"]+)"[^>]*>\s*They do want out/
    .exec(html)?.[1]
    ?.replaceAll('&amp;', '&')
    .replaceAll('&#x3D;', '=') ?? '';

describe('an opt-out by a person next to a machine-made one', () => {
  it('is added by support and stays after the machine-made one is corrected', async () => {
    const guro = await scanned();
    const page = await room.ida.open(adminPaths.corrections(guro._id, { channel: 'EMAIL' }));
    expect(page.text).toContain('They do want out of Trail notes');
    const override = await room.ida.open(leavingUrl(page));
    const noted = await room.ida.press(override, /^Unsubscribe$/, {
      explanation: 'She said so on the phone.',
    });
    expect(noted.text).toContain('also opted out by: Staff');
    const again = await room.ida.open(adminPaths.corrections(guro._id, { channel: 'EMAIL' }));
    expect(again.text).toContain('also opted out by: Staff');
    expect(again.text).not.toContain('They do want out');
    const after = await room.ida.press(again, /^Put right$/, reasons);
    expect(after.text).not.toContain('A machine seems');
    expect(await room.statusOf(guro, trailNotes)).toBe('UNSUBSCRIBED');
    const history = await room.ida.open(adminPaths.contactHistory(guro._id));
    expect(history.text).toContain('Automated opt-out of Trail notes corrected; still opted out');
  });

  it('works the same for everything of a unit', async () => {
    const guro = await room.somebody();
    await room.decided(guro, [{ kind: 'OPT_IN', typeId: trailNotes.id }]);
    const all = { kind: 'OPT_OUT_OF_ALL', unitId: northwind.id } as const;
    await room.decided(guro, [all], { kind: 'ONE_CLICK' }, robot);
    const page = await room.ida.open(adminPaths.corrections(guro._id, { channel: 'EMAIL' }));
    expect(page.text).toContain('They do want out of all of Northwind');
    const optOut = await room.ida.open(leavingUrl(page));
    await room.ida.press(optOut, /^Opt out$/, { unit: String(northwind.id), explanation: 'Said so.' });
    const again = await room.ida.open(adminPaths.corrections(guro._id, { channel: 'EMAIL' }));
    await room.ida.press(again, /^Put right$/, reasons);
    expect(await room.statusOf(guro, trailNotes)).toBe('UNSUBSCRIBED');
    const record = await room.ida.open(adminPaths.contact(guro._id));
    expect(record.text).not.toContain('A machine seems');
  });
});

describe('the list of machine-made opt-outs', () => {
  it('is newest first with the robot’s name, and corrects several with a result for each', async () => {
    const [one, other] = [await scanned(), await scanned()];
    const page = await room.ida.open(adminPaths.machineOptOuts());
    expect(page.text.indexOf(other.lastName)).toBeLessThan(page.text.indexOf(one.lastName));
    expect(page.text).toContain('MailScanner/3.1');
    // One of them opts out in person after the page was opened and before the form is sent.
    await room.decided(other, [{ kind: 'OPT_OUT', typeId: trailNotes.id }]);
    const pick = [...page.html.matchAll(/name="pick" value="([^"]+)"/g)].map(([, value = '']) => value);
    const done = await room.ida.press(page, /^Put right the ticked ones$/, { pick, ...reasons });
    expect(done.text).toMatch(/1 opt-out put right\./);
    expect(await room.statusOf(one, trailNotes)).toBe('SUBSCRIBED');
    expect(await room.statusOf(other, trailNotes)).toBe('UNSUBSCRIBED');
  });

  it('needs a choice, a basis and an explanation, and keeps what was ticked', async () => {
    await scanned();
    const page = await room.ida.open(adminPaths.machineOptOuts());
    const [, value = ''] = /name="pick" value="([^"]+)"/.exec(page.html) ?? [];
    const again = await room.ida.press(page, /^Put right the ticked ones$/, { pick: value });
    expect(again.status).toBe(422);
    expect(again.text).toContain('Choose a legal basis.');
    expect(again.html).toMatch(new RegExp(`value="${value}" checked`));
  });

  it('shows a user of one unit that unit only, and corrects nothing else', async () => {
    const guro = await scanned([trailNotes, weekendLetters]);
    const kari = await signedIn(room.portal, 'support', [northwind.id]);
    const page = await kari.open(adminPaths.machineOptOuts());
    expect(page.text).toContain(guro.lastName);
    expect(page.html).not.toMatch(/Weekend|Fjell/);
    const { subscribers } = guro;
    const forged = ['type-1-2', 'type-5-4'].map((key) => `${subscribers.EMAIL ?? ''}:${key}`);
    await kari.post(adminPaths.machineOptOuts(), { pick: forged, ...reasons });
    expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
    expect(await room.statusOf(guro, weekendLetters)).toBe('UNSUBSCRIBED');
  });

  it('previews all listed ones as one job, however often the button is pressed, and changes nothing before it is confirmed', async () => {
    const guro = await scanned();
    const admin = await signedIn(room.portal, 'admin');
    const page = await admin.open(adminPaths.machineOptOuts());
    const jobs = room.portal.deps.models.jobs;
    const preview = /^Preview all that are listed/;
    expect((await admin.press(page, preview)).status, 'without reasons').toBe(422);
    for (let presses = 0; presses < 2; presses++) {
      const { text } = await admin.press(page, preview, reasons);
      expect(text).toContain('machine-made opt-outs');
    }
    const [job, ...others] = await jobs.find({ kind: 'PUT_RIGHT' }).lean();
    expect(others).toEqual([]);
    expect(job).toMatchObject({ requestedBy: admin.user._id, scope: null });
    expect(JSON.stringify(job)).not.toContain('@');
    const engine = {
      ...room.portal.deps,
      steppers: steppersOf(room.portal.deps),
      metrics: noMetrics,
    };
    await runDueJobs(engine);
    expect(await room.statusOf(guro, trailNotes)).toBe('UNSUBSCRIBED');
    const waiting = await admin.open(adminPaths.job(job?._id ?? ''));
    await admin.press(waiting, /^Change \d+ address/);
    await runDueJobs(engine);
    expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
  });

  it('offers "all listed" to roles that may do bulk work, and only they can confirm it', async () => {
    await scanned();
    for (const [role, mayPick, mayAll] of [
      ['admin', true, true],
      ['marketer', false, true],
      ['support', true, false],
      ['auditor', false, false],
    ] as const) {
      const who = await signedIn(room.portal, role);
      const page = await who.open(adminPaths.machineOptOuts());
      expect(page.html.includes('name="pick"'), role).toBe(mayPick);
      expect(page.text.includes('Preview all that are listed'), role).toBe(mayAll);
      expect(page.text.includes('Put right those that'), role).toBe(mayPick || mayAll);
      const { status } = await who.ask(
        'POST',
        adminPaths.allMachineOptOuts(),
        new URLSearchParams({ _csrf: csrfOf(page) }),
      );
      expect(status, role).toBe(mayAll ? 422 : 403);
    }
    const job = await room.portal.deps.models.jobs.findOne({ kind: 'PUT_RIGHT' }).lean();
    const confirmed = await room.ida.post(adminPaths.jobConfirmations(job?._id ?? ''), {});
    expect(confirmed.status).toBe(404);
  });

  it('shows a user of one unit portal-wide ones without a check box', async () => {
    const guro = await room.somebody();
    await room.decided(guro, [{ kind: 'OPT_OUT_OF_ALL', unitId: null }], { kind: 'ONE_CLICK' }, robot);
    const kari = await signedIn(room.portal, 'support', [northwind.id]);
    const page = await kari.open(adminPaths.machineOptOuts());
    expect(page.text).toContain('everything');
    const pick = `${guro.subscribers.EMAIL ?? ''}:1`;
    expect(page.html).not.toContain(pick);
    await kari.post(adminPaths.machineOptOuts(), { pick, ...reasons });
    expect(await room.statusOf(guro, trailNotes)).toBe('UNSUBSCRIBED');
  });

  it('does not reveal to a user of one unit an address of another unit that opted out of everything', async () => {
    const theirs = await room.somebody({ unitIds: [fjell.id] });
    const everything = [{ kind: 'OPT_OUT_OF_ALL', unitId: null } as const];
    await room.decided(theirs, everything, { kind: 'ONE_CLICK' }, robot);
    const id = theirs.subscribers.EMAIL ?? '';
    const kari = await signedIn(room.portal, 'support', [northwind.id]);
    const page = await kari.open(adminPaths.machineOptOuts());
    expect(page.text).toContain('g••••@example.com');
    expect(page.html).not.toMatch(new RegExp(`${id}|${theirs._id}|${theirs.email ?? ''}`));
    const all = await room.ida.open(adminPaths.machineOptOuts());
    expect(all.html).toContain(adminPaths.contact(theirs._id));
  });

  it('is read by every role, and changed by users who may override', async () => {
    await scanned();
    const marketer = await signedIn(room.portal, 'marketer');
    const page = await marketer.open(adminPaths.machineOptOuts());
    expect(page.status).toBe(200);
    expect(page.html).not.toContain('name="pick"');
    expect((await marketer.post(adminPaths.machineOptOuts(), { pick: 'x:1', ...reasons })).status).toBe(403);
  });
});

describe('a call or one-to-one mail from the record', () => {
  it('to a contact who opted out of all needs a one-time basis, which is recorded and changes no status', async () => {
    const guro = await room.somebody();
    await room.decided(guro, [{ kind: 'OPT_OUT_OF_ALL', unitId: northwind.id }]);
    const record = await room.ida.open(adminPaths.contact(guro._id));
    expect(record.text).toContain('Record a call or one-to-one mail');
    const page = await room.ida.open(adminPaths.communications(guro._id));
    expect(page.text).toContain('Northwind Outdoors, by e-mail to guro-');
    expect(page.text).not.toContain(fjell.name);
    const without = await room.ida.press(page, /^Record$/, { explanation: 'A recall of her stove.' });
    expect(without.text).toContain('Choose a legal basis.');
    const after = await room.ida.press(page, /^Record$/, {
      legalBasis: 'PERFORMANCE_OF_CONTRACT',
      explanation: 'A recall of her stove.',
    });
    expect(after.text).toContain('You may reach them this once.');
    expect(await room.statusOf(guro, trailNotes)).toBe('UNSUBSCRIBED');
    const history = await room.ida.open(adminPaths.contactHistory(guro._id));
    expect(history.text).toMatch(
      /A call of Northwind Outdoors, on a basis of its own.*A recall of her stove\./,
    );
  });

  it('has no form where there is no opt-out of all', async () => {
    const guro = await room.somebody();
    expect((await room.ida.open(adminPaths.contact(guro._id))).text).not.toContain('Record a call');
    const page = await room.ida.open(adminPaths.communications(guro._id));
    expect(page.text).toContain('no legal basis is needed');
  });
});
