/** Opt-outs of all from the record, and overrides by a user of one unit or without the right to override. */
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../../../src/admin-paths.js';
import type { Contact } from '../../../../src/models/contact.js';
import type { Actor, Wish } from '../../../../src/vocabulary/terms.js';
import {
  fjell,
  northwind,
  orderNotices,
  productNews,
  trailNotes,
  weekendLetters,
} from '../../../support/people.js';
import { dialog, openRecordRoom, reasons } from '../../../support/record-room.js';
import { signedIn } from '../../../support/staff.js';
import type { StaffVisitor } from '../../../support/staff.js';

const room = await openRecordRoom();

/** The property "Unsubscribed from all email" of any unit, and of each. */
async function outOfAll(visitor: StaffVisitor, guro: Contact): Promise<Record<string, string>> {
  const { text } = await visitor.open(
    adminPaths.contactProperties(guro._id, { name: 'unsubscribed from all' }),
  );
  const found = text.matchAll(/Unsubscribed from all email \(([^)]+)\) (Yes|No)/g);
  return Object.fromEntries([...found].map(([, of = '', value = '']) => [of, value]));
}

describe('opting out of all from the record', () => {
  it('covers one unit or everything, and can be removed where staff set it', async () => {
    const guro = await room.somebody();
    await room.decided(guro, [{ kind: 'OPT_IN', typeId: trailNotes.id }]);
    const page = await room.ida.open(adminPaths.optOuts(guro._id, { channel: 'EMAIL' }));
    const unchosen = await room.ida.press(page, /^Opt out$/, { explanation: 'Asked by phone.' });
    expect(unchosen.status, 'nothing is chosen at first').toBe(422);
    const after = await room.ida.press(page, /^Opt out$/, {
      ...{ unit: String(northwind.id), explanation: 'Asked by phone.' },
    });
    expect(after.text).toContain('is opted out of all of Northwind Outdoors.');
    expect(await outOfAll(room.ida, guro)).toEqual({
      'any business unit': 'Yes',
      [northwind.name]: 'Yes',
      [fjell.name]: 'No',
    });
    expect(after.text).toMatch(
      /Opted out of all of Northwind Outdoors\. By staff, Support \d+ \(.*\), on .*: “Asked by phone\.”/,
    );
    const lifting = await room.ida.open(
      adminPaths.liftings(guro._id, { channel: 'EMAIL', unit: northwind.id }),
    );
    expect(lifting.text).toContain('These types resume: Trail notes');
    const lifted = await room.ida.press(lifting, /^Remove opt out$/, { explanation: 'A mistake.' });
    expect(lifted.status).toBe(200);
    expect((await outOfAll(room.ida, guro))['any business unit']).toBe('No');
    expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
  });

  it('says which types resume when it is removed, and which do not', async () => {
    const guro = await room.somebody();
    const staff: Actor = { kind: 'STAFF', isBulk: false, ref: `user:${room.ida.user._id}`, scope: null };
    await room.decided(guro, [
      { kind: 'OPT_IN', typeId: trailNotes.id },
      { kind: 'OPT_OUT', typeId: productNews.id },
    ]);
    const all: Wish = { kind: 'OPT_OUT_OF_ALL', unitId: northwind.id };
    await room.decided(guro, [all], staff, { explanation: 'By phone.' });
    const path = adminPaths.liftings(guro._id, { channel: 'EMAIL', unit: northwind.id });
    const page = await room.ida.open(path);
    expect(page.text).toMatch(/These types resume: [^.]*Trail notes/);
    expect(page.text).toMatch(/These types do not resume: [^.]*Product news/);
    await room.decided(guro, [all]);
    const beside = await room.ida.open(path);
    expect(beside.text, 'the contact opted out too').toContain('No type resumes.');
  });

  it('of everything also covers units added later, and the record says so', async () => {
    const guro = await room.somebody();
    const page = await room.ida.open(adminPaths.optOuts(guro._id, { channel: 'EMAIL' }));
    const after = await room.ida.press(page, /^Opt out$/, { unit: 'all', explanation: 'By letter.' });
    expect(after.text).toContain('Opted out of everything.');
    expect(await room.statusOf(guro, weekendLetters)).toBe('UNSUBSCRIBED');
  });

  it('leaves transactional types alone, and says so before and after', async () => {
    const guro = await room.somebody();
    const page = await room.ida.open(adminPaths.optOuts(guro._id, { channel: 'EMAIL' }));
    expect(page.text).toContain(`Their mail goes on: ${orderNotices.name}.`);
    expect(page.text.split(orderNotices.name), 'named nowhere else').toHaveLength(2);
    const unit = String(northwind.id);
    const after = await room.ida.press(page, /^Opt out$/, { unit, explanation: 'By letter.' });
    expect(after.text).toContain('Transactional types go on.');
    expect(await room.statusOf(guro, orderNotices)).toBe('NOT_SPECIFIED');
    const ofFjell = await room.ida.press(
      await room.ida.open(adminPaths.optOuts(guro._id, { channel: 'EMAIL' })),
      /^Opt out$/,
      { unit: String(fjell.id), explanation: 'By letter.' },
    );
    expect(ofFjell.text, 'this unit has none').not.toContain('Transactional types go on.');
  });

  it('names in its hints the unit that a call needs a basis for', async () => {
    const guro = await room.somebody();
    await room.decided(guro, [{ kind: 'OPT_OUT_OF_ALL', unitId: northwind.id }]);
    const record = await room.ida.open(adminPaths.contact(guro._id));
    expect(record.text).toMatch(/Record a call or one-to-one mail Opted out of all of Northwind Outdoors:/);
  });

  it('by the contact has no button to remove it, and a forged form is refused', async () => {
    const guro = await room.somebody();
    await room.decided(guro, [{ kind: 'OPT_OUT_OF_ALL', unitId: northwind.id }]);
    const record = await room.ida.open(adminPaths.contact(guro._id));
    expect(record.text).not.toContain('Remove opt out');
    expect(record.text).not.toContain('Resubscribe');
    const forged = await room.ida.post(adminPaths.liftings(guro._id), {
      ...{ channel: 'EMAIL', unit: String(northwind.id), shown: '1', explanation: 'Please.' },
    });
    expect(forged.status).toBe(422);
    expect(await room.statusOf(guro, trailNotes)).toBe('UNSUBSCRIBED');
  });

  it('is refused over an opt-in that the contact made while the page was open', async () => {
    const guro = await room.somebody();
    const page = await room.ida.open(adminPaths.optOuts(guro._id, { channel: 'EMAIL' }));
    await room.decided(guro, [{ kind: 'OPT_IN', typeId: trailNotes.id }]);
    const again = await room.ida.press(page, /^Opt out$/, { explanation: 'Asked last week.' });
    expect(again.status).toBe(422);
    expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
  });
});

describe('a user limited to one unit', () => {
  it('overrides types of that unit, and sees nothing of the others', async () => {
    const kari = await signedIn(room.portal, 'support', [northwind.id]);
    const guro = await room.somebody();
    await room.decided(guro, [{ kind: 'OPT_OUT_OF_ALL', unitId: fjell.id }]);
    const record = await kari.open(adminPaths.contact(guro._id));
    expect(record.text).toContain('Trail notes');
    expect(record.html).not.toMatch(/Fjell|Weekend letters/);
    expect(await outOfAll(kari, guro)).toEqual({ [northwind.name]: 'No' });
    await kari.press(await kari.open(dialog(guro, 'SUBSCRIBED')), /^Subscribe$/, reasons);
    expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
    expect((await kari.open(dialog(guro, 'SUBSCRIBED', weekendLetters))).status).toBe(404);
    const all = await kari.post(adminPaths.optOuts(guro._id), {
      ...{ channel: 'EMAIL', unit: 'all', explanation: 'Asked.', shown: '' },
    });
    expect(all.status).toBe(422);
    expect(await room.statusOf(guro, weekendLetters), 'of the other unit').toBe('UNSUBSCRIBED');
    expect(await outOfAll(kari, guro)).toEqual({ [northwind.name]: 'No' });
  });

  it('cannot lift by an opt-in an opt-out that also covers other units', async () => {
    const kari = await signedIn(room.portal, 'support', [northwind.id]);
    const guro = await room.somebody();
    const staff: Actor = { kind: 'STAFF', isBulk: false, ref: `user:${room.ida.user._id}`, scope: null };
    await room.decided(guro, [{ kind: 'OPT_OUT_OF_ALL', unitId: null }], staff, { explanation: 'By phone.' });
    const record = await kari.open(adminPaths.contact(guro._id));
    expect(record.text).not.toMatch(/Resubscribe|Remove opt out/);
    const forced = await kari.post(adminPaths.overrides(guro._id), {
      ...{ channel: 'EMAIL', type: String(trailNotes.id), to: 'SUBSCRIBED', types: String(trailNotes.id) },
      ...reasons,
      shown: `${trailNotes.id}:UNSUBSCRIBED:1--`,
    });
    expect(forced.status).toBe(422);
    expect(await room.statusOf(guro, trailNotes)).toBe('UNSUBSCRIBED');
  });
});

it('a user who may not override has no button for it', async () => {
  const guro = await room.somebody();
  for (const role of ['marketer', 'auditor'] as const) {
    const visitor = await signedIn(room.portal, role);
    const record = await visitor.open(adminPaths.contact(guro._id));
    expect(record.status).toBe(200);
    expect(record.text).not.toMatch(/ Subscribe to | Unsubscribe from |Opt out of all/);
    expect((await visitor.open(dialog(guro, 'SUBSCRIBED'))).status).toBe(403);
  }
});

it('a row that staff cannot change says why, and has no button', async () => {
  const guro = await room.somebody();
  await room.decided(guro, [{ kind: 'OPT_OUT_OF_ALL', unitId: northwind.id }]);
  const record = await room.ida.open(adminPaths.contact(guro._id));
  expect(record.text).toMatch(
    /Trail notes Northwind Outdoors Opted out .* Only the contact can take that back\./,
  );
  expect(record.text, 'of the other unit').toContain('Subscribe to Weekend letters');
  const auditor = await signedIn(room.portal, 'auditor');
  expect((await auditor.open(adminPaths.contact(guro._id))).text).not.toContain('Only the contact');
});

it('an automated opt-out of another unit is hidden from a user who does not reach that unit', async () => {
  const guro = await room.somebody();
  const byMachine: Actor = { kind: 'ONE_CLICK', ref: 'unsubscribe link' };
  const wishes: Wish[] = [{ kind: 'OPT_OUT_OF_ALL', unitId: fjell.id }];
  await room.decided(guro, wishes, byMachine, { isMachine: true });
  expect((await room.ida.open(adminPaths.contact(guro._id))).text).toContain('A machine seems');
  const kari = await signedIn(room.portal, 'support', [northwind.id]);
  expect((await kari.open(adminPaths.contact(guro._id))).text).not.toContain('A machine seems');
});
