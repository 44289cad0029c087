/**
 * Staff look up any address, with or without a contact: its statuses, reasons and history, and the acts of the role, within the
 * user's units.
 */
import { ownStatus } from '../../../../src/domain/consent/effective.js';
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../../../src/admin-paths.js';
import { changeConsent } from '../../../../src/domain/consent/change.js';
import type { Actor, Channel, Wish } from '../../../../src/vocabulary/terms.js';
import { openAddress } from '../../../../src/domain/contacts/look-up.js';
import { dumpOf } from '../../../support/dump.js';
import { canary, nameTheOtherUnit } from '../../../support/other-unit.js';
import { fjell, guestSurvey, northwind, trailNotes, weekendLetters } from '../../../support/people.js';
import { byContact, openRecordRoom, reasons } from '../../../support/record-room.js';
import { signedIn } from '../../../support/staff.js';
import type { StaffVisitor } from '../../../support/staff.js';
import type { Answer } from '../../../support/visitor.js';
import { stop } from '../../../support/wishes.js';

const room = await openRecordRoom({ alter: nameTheOtherUnit });
const kari = await signedIn(room.portal, 'support', [northwind.id]);

let number = 0;
const somebodyNew = () => `looked.up-${++number}@example.com`;
const lookUp = async (who: StaffVisitor, text: string): Promise<Answer> => {
  await who.open(adminPaths.contacts());
  return who.post(adminPaths.contactSearches(), { q: text });
};
const idOf = (address: string, channel: Channel = 'EMAIL') =>
  room.portal.deps.subscriberIds(channel, address);
/** An address without a contact, and what was decided for it. */
async function decidedFor(address: string, wishes: Wish[], actor: Actor = byContact): Promise<string> {
  await openAddress(room.portal.deps, address);
  const subscriberId = idOf(address);
  await changeConsent(room.portal.deps, { subscriberId, channel: 'EMAIL', actor, wishes });
  return subscriberId;
}

describe('an address without a contact', () => {
  it('has a record with its statuses, who decided them, its history and its bounce', async () => {
    const address = somebodyNew();
    const id = await decidedFor(address, [{ kind: 'OPT_OUT', typeId: trailNotes.id }, stop(fjell.id)]);
    await decidedFor(address, [{ kind: 'MARK_UNDELIVERABLE', reason: 'HARD_BOUNCE' }], { kind: 'SYSTEM' });
    const record = await lookUp(room.ida, ` ${address.toUpperCase()} `);
    expect(record.path).toBe(adminPaths.contact(id));
    expect(record.text).toMatch(/Trail notes Northwind Outdoors Opted out Contact, preference page/);
    expect(record.text).toContain(`Opted out of all of ${canary}unit.`);
    expect(record.text).toContain('This address cannot receive.');
    expect(record.text).toContain('Contact None');
    const history = await room.ida.open(adminPaths.contactHistory(id));
    expect(history.text).toMatch(/Opted out of Trail notes/);
    const preview = await room.ida.open(adminPaths.preview(id));
    expect(preview.status).toBe(200);
  });

  it('can be opted out of a type, resubscribed with reasons, opted out of all, and released again', async () => {
    const address = somebodyNew();
    const id = await decidedFor(address, [{ kind: 'OPT_IN', typeId: trailNotes.id }]);
    const to = (status: 'SUBSCRIBED' | 'UNSUBSCRIBED') =>
      adminPaths.overrides(id, { channel: 'EMAIL', type: trailNotes.id, to: status });
    const status = async () => ownStatus(await room.portal.subscriberOf({ address }), trailNotes.id);
    const out = await room.ida.press(await room.ida.open(to('UNSUBSCRIBED')), /^Unsubscribe$/, reasons);
    expect(out.path).toContain(adminPaths.contact(id));
    expect(await status()).toBe('UNSUBSCRIBED');
    await room.ida.press(await room.ida.open(to('SUBSCRIBED')), /^Resubscribe$/, reasons);
    expect(await status()).toBe('SUBSCRIBED');
    const ofAll = await room.ida.open(adminPaths.optOuts(id, { channel: 'EMAIL' }));
    const stopped = await room.ida.press(ofAll, /^Opt out$/, { ...reasons, unit: String(northwind.id) });
    await room.ida.press(await room.ida.open(hrefOn(stopped, /liftings/)), /^Remove opt out$/, reasons);
    expect((await room.portal.subscriberOf({ address })).optOuts.units).toEqual({});
    const entries = await room.portal.deps.models.auditEntries.find({ about: `subscriber:${id}` }).lean();
    expect(entries.map(({ kind }) => kind)).toEqual(Array.from({ length: 4 }, () => 'OVERRIDE_MADE'));
    expect(JSON.stringify(entries)).not.toContain(address);
  });

  it('gets a preferences link by mail, and becomes a contact that keeps the preferences', async () => {
    const address = somebodyNew();
    const id = await decidedFor(address, [{ kind: 'OPT_OUT', typeId: trailNotes.id }]);
    await room.ida.press(await room.ida.open(adminPaths.linkMails(id)), /Send the link/);
    expect(await room.portal.deps.models.mails.countDocuments({ subscriberId: id })).toBe(1);
    const record = await room.ida.open(adminPaths.contact(id));
    const form = await room.ida.open(hrefOn(record, /contacts\/new/));
    const made = await room.ida.press(form, /Add the contact/, { firstName: 'Now', lastName: 'Known' });
    expect(made.text).toContain('Now Known');
    expect(made.text).toMatch(/Trail notes Northwind Outdoors Opted out/);
    // From now on this record belongs to the contact.
    expect((await room.ida.open(adminPaths.contact(id))).text).toContain('Now Known');
    expect((await lookUp(room.ida, address)).text).toContain('Now Known');
  });

  it('is linked from the list of machine-made opt-outs', async () => {
    const id = await decidedFor(somebodyNew(), []);
    await changeConsent(room.portal.deps, {
      subscriberId: id,
      channel: 'EMAIL',
      actor: { kind: 'ONE_CLICK' },
      wishes: [{ kind: 'OPT_OUT', typeId: trailNotes.id }],
      circumstances: { isMachine: true },
    });
    const list = await room.ida.open(adminPaths.machineOptOuts());
    expect(hrefOn(list, new RegExp(id))).toBe(adminPaths.contact(id, { channel: 'EMAIL' }));
  });
});

describe('an address that the database does not know', () => {
  it('has a page that says so, and looking it up writes nothing', async () => {
    const before = await dumpOf(room.portal.deps.connection);
    const page = await lookUp(room.ida, somebodyNew());
    expect(page.status).toBe(200);
    expect(page.text).toContain('Sayso knows nothing of this address yet');
    const { sessions: _, ...now } = await dumpOf(room.portal.deps.connection);
    const { sessions: __, ...then } = before;
    expect(now).toEqual(then);
  });

  it('can be opted out of all on that page', async () => {
    const address = somebodyNew();
    const page = await lookUp(room.ida, address);
    const asked = await room.ida.press(page, /^Continue$/, { next: 'opt-out:EMAIL' });
    expect(asked.path).toBe(adminPaths.optOuts(idOf(address), { channel: 'EMAIL' }));
    await room.ida.press(asked, /^Opt out$/, { ...reasons, unit: 'all' });
    const { optOuts, address: kept } = await room.portal.subscriberOf({ address });
    expect(kept).toBe(address);
    expect(optOuts.portal).toMatchObject([{ by: 'STAFF' }]);
  });

  it('of a phone shows each channel with types, and is opted out in each', async () => {
    const phone = '+4790000511';
    const page = await lookUp(room.ida, '+47 900 00 511');
    const record = await room.ida.press(page, /^Continue$/, { next: 'record' });
    expect(record.text).toContain('Text message +4790000511');
    expect(record.text).not.toContain('WhatsApp +4790000511');
    // As when only one channel was ever used.
    await room.portal.deps.models.subscribers.deleteOne({ _id: idOf(phone, 'SMS') });
    const dialog = adminPaths.overrides(idOf(phone, 'WHATSAPP'), {
      channel: 'SMS',
      type: guestSurvey.id,
      to: 'UNSUBSCRIBED',
    });
    await room.ida.press(await room.ida.open(dialog), /^Unsubscribe$/, reasons);
    const stored = await room.portal.deps.models.subscribers.findById(idOf(phone, 'SMS')).lean();
    expect(stored).toMatchObject({
      address: phone,
      optOuts: { types: { [guestSurvey.id]: [{ party: 'STAFF' }] } },
    });
  });

  it('leads to the contact when it is the beginning of a contact’s address', async () => {
    const guro = await room.somebody();
    const page = await lookUp(room.ida, guro.email?.replace(/om$/, 'o') ?? '');
    expect(page.html).toContain(`href="${adminPaths.contact(guro._id)}"`);
  });

  it('is also shown when a URL carries it', async () => {
    const address = somebodyNew();
    const query = `q=${encodeURIComponent(address)}`;
    expect((await room.ida.open(adminPaths.contacts(query))).text).toContain(
      'Sayso knows nothing of this address yet',
    );
    const id = await decidedFor(address, []);
    expect((await room.ida.open(adminPaths.contacts(query))).location).toBe(adminPaths.contact(id));
  });
});

it('a looked-up address appears in no URL and no log', async () => {
  const [unknown, known] = [somebodyNew(), somebodyNew()];
  await decidedFor(known, []);
  const contact = await room.somebody();
  for (const address of [unknown, known, contact.email ?? '']) {
    const answer = await room.ida.ask(
      'POST',
      adminPaths.contactSearches(),
      new URLSearchParams({ _csrf: csrfOf(await room.ida.open(adminPaths.contacts())), q: address }),
    );
    expect(answer.location ?? '').not.toMatch(/@|%40/);
    const urls = [...answer.html.matchAll(/(?:href|action)="([^"]*)"/g)].map(([, url]) => url);
    expect(urls.filter((url) => /@|%40/.test(url ?? ''))).toEqual([]);
    expect(room.portal.logged.join()).not.toContain(address.split('@')[0]);
  }
  const named = await lookUp(room.ida, 'Haugen');
  expect(named.path).toBe(adminPaths.contacts('q=Haugen'));
});

/** The first link that matches. */
const hrefOn = ({ html }: Answer, pattern: RegExp) =>
  [...html.matchAll(/href="([^"]+)"/g)]
    .map(([, href = '']) => href.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='))
    .find((href) => pattern.test(href)) ?? '';
const csrfOf = ({ html }: Answer) => /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';

describe.each([
  ['admin', { changes: true, overrides: true }],
  ['marketer', { changes: true, overrides: false }],
  ['support', { changes: true, overrides: true }],
  ['auditor', { changes: false, overrides: false }],
] as const)('the role %s on the record of an address', (role, may) => {
  it('is offered the acts of the role on both pages', async () => {
    const who = await signedIn(room.portal, role);
    const unknown = await lookUp(who, somebodyNew());
    expect(/Opt it out of all e-mail/.test(unknown.text)).toBe(may.overrides);
    expect(/Create a contact/.test(unknown.text)).toBe(may.changes);
    expect(/Continue/.test(unknown.text)).toBe(may.changes);
    const address = somebodyNew();
    await decidedFor(address, []);
    const record = await lookUp(who, address);
    expect(/Opt out of all e-mail/.test(record.text)).toBe(may.overrides);
    expect(/Create contact/.test(record.text)).toBe(may.changes);
    expect(/Send preferences link/.test(record.text)).toBe(may.changes);
    expect(/Erase the person/.test(record.text)).toBe(may.overrides);
    expect(record.text).not.toMatch(/Delete the contact/);
  });
});

describe('a user limited to one unit', () => {
  /** Without the address, and without what changes with every request. */
  const comparable = ({ html }: Answer, address: string) =>
    html.replaceAll(address, 'ADDRESS').replaceAll(/(name="_csrf" value|name="nonce" value)="[^"]+"/g, '');

  it('sees the same page for an address known to other units only as for an unknown one', async () => {
    const theirs = await room.somebody({ unitIds: [fjell.id] });
    const contacted = theirs.email ?? '';
    await room.decided(theirs, [{ kind: 'OPT_IN', typeId: weekendLetters.id }, stop(fjell.id)]);
    const known = somebodyNew();
    await decidedFor(known, [{ kind: 'OPT_OUT', typeId: weekendLetters.id }]);
    const nobodys = somebodyNew();
    const expected = comparable(await lookUp(kari, nobodys), nobodys);
    for (const address of [contacted, known]) {
      expect(comparable(await lookUp(kari, address), address)).toBe(expected);
    }
    // And on the following pages.
    const onwards = async (address: string) => {
      const record = await kari.press(await lookUp(kari, address), /^Continue$/, { next: 'record' });
      expect(record.path).toBe(adminPaths.contact(idOf(address)));
      return comparable(record, address).replaceAll(idOf(address), 'ID');
    };
    const record = await onwards(nobodys);
    expect(record).not.toContain(canary);
    for (const address of [contacted, known]) expect(await onwards(address)).toBe(record);
    for (const id of [idOf(contacted), idOf(known)]) {
      const history = await kari.open(adminPaths.contactHistory(id));
      expect(history.status).toBe(200);
      expect(history.text).not.toMatch(new RegExp(`${canary}|Guro`));
    }
  });

  it('sees what the unit and the whole account know, and acts within the unit', async () => {
    const theirs = await room.somebody({ unitIds: [fjell.id] });
    const address = theirs.email ?? '';
    await room.decided(theirs, [{ kind: 'OPT_OUT', typeId: trailNotes.id }, stop(fjell.id)]);
    const record = await lookUp(kari, address);
    expect(record.text).toMatch(/Trail notes Northwind Outdoors Opted out Contact/);
    expect(record.html).not.toMatch(new RegExp(`${canary}|Guro|${theirs._id}`));
    const id = idOf(address);
    const dialog = adminPaths.optOuts(id, { channel: 'EMAIL' });
    await kari.press(await kari.open(dialog), /^Opt out$/, { ...reasons, unit: String(northwind.id) });
    const { optOuts } = await room.portal.subscriberOf({ address });
    expect(optOuts.units[northwind.id]).toMatchObject([{ by: 'STAFF' }]);
    const before = await room.portal.subscriberOf({ address });
    const answerTo = async (unit: string) =>
      (await kari.post(dialog, { channel: 'EMAIL', ...reasons, unit })).status;
    expect(await answerTo('all')).toBe(422);
    // Another unit and a unit that does not exist get the same answer.
    for (const unit of [String(fjell.id), '4711']) expect(await answerTo(unit), unit).toBe(404);
    expect(await room.portal.subscriberOf({ address })).toEqual(before);
    const form = await kari.open(adminPaths.newContact({ address: id }));
    const refused = await kari.press(form, /Add the contact/);
    expect(refused.status).toBe(422);
    expect(refused.html).not.toMatch(new RegExp(`${canary}|Guro|${theirs._id}`));
  });
});
