/** Opt-outs of all from the record, and overrides by somebody who reaches one unit or may not override at all. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminPaths } from '../../../../src/admin-paths.js';
import type { Actor } from '../../../../src/vocabulary/terms.js';
import { fjell, northwind, trailNotes, weekendLetters } from '../../../support/people.js';
import { dialog, openRecordRoom, reasons } from '../../../support/record-room.js';
import type { RecordRoom } from '../../../support/record-room.js';
import { signedIn } from '../../../support/staff.js';

let room: RecordRoom;
beforeAll(async () => {
  room = await openRecordRoom();
});
afterAll(() => room.portal.stop());

describe('opting out of all', () => {
  it('covers one unit or everything, and is removed again where staff had set it', async () => {
    const guro = await room.somebody();
    await room.decided(guro, [{ kind: 'OPT_IN', typeId: trailNotes.id }]);
    const page = await room.ida.open(adminPaths.optOuts(guro._id, { channel: 'EMAIL' }));
    const after = await room.ida.press(page, /^Opt out$/, { explanation: 'Asked by phone.' });
    expect(after.text).toContain('Unsubscribed from all email Yes, of Northwind Outdoors');
    expect(after.text).toMatch(
      /Opted out of all of Northwind Outdoors\. By staff, Support \d+ \(.*\), on .*: “Asked by phone\.”/,
    );
    const lifting = await room.ida.open(
      adminPaths.liftings(guro._id, { channel: 'EMAIL', unit: northwind.id }),
    );
    const lifted = await room.ida.press(lifting, /^Remove opt out$/, { explanation: 'A mistake.' });
    expect(lifted.text).toContain('Unsubscribed from all email No');
    expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
  });

  it('of everything stands over units that come later, and the record says so', async () => {
    const guro = await room.somebody();
    const page = await room.ida.open(adminPaths.optOuts(guro._id, { channel: 'EMAIL' }));
    const after = await room.ida.press(page, /^Opt out$/, { unit: 'all', explanation: 'By letter.' });
    expect(after.text).toContain('Opted out of everything.');
    expect(await room.statusOf(guro, weekendLetters)).toBe('UNSUBSCRIBED');
  });

  it('set by the contact has no button that removes it, and a forged form is refused', async () => {
    const guro = await room.somebody();
    await room.decided(guro, [{ kind: 'OPT_OUT_OF_ALL', unitId: northwind.id }]);
    const record = await room.ida.open(adminPaths.contact(guro._id));
    expect(record.text).not.toContain('Remove opt out');
    const forged = await room.ida.post(adminPaths.liftings(guro._id), {
      ...{ channel: 'EMAIL', unit: String(northwind.id), shown: '1', explanation: 'Please.' },
    });
    expect(forged.status).toBe(422);
    expect(forged.text).toContain('not set by staff');
    expect(await room.statusOf(guro, trailNotes)).toBe('UNSUBSCRIBED');
  });

  it('is not done over what the contact opted in to while the page was open', async () => {
    const guro = await room.somebody();
    const page = await room.ida.open(adminPaths.optOuts(guro._id, { channel: 'EMAIL' }));
    await room.decided(guro, [{ kind: 'OPT_IN', typeId: trailNotes.id }]);
    const again = await room.ida.press(page, /^Opt out$/, { explanation: 'Asked last week.' });
    expect(again.status).toBe(422);
    expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
  });
});

describe('somebody limited to one unit', () => {
  it('overrides types of that unit, and sees nothing of the others', async () => {
    const kari = await signedIn(room.portal, 'support', [northwind.id]);
    const guro = await room.somebody();
    await room.decided(guro, [{ kind: 'OPT_OUT_OF_ALL', unitId: fjell.id }]);
    const record = await kari.open(adminPaths.contact(guro._id));
    expect(record.text).toContain('Trail notes');
    expect(record.html).not.toMatch(/Fjell|Weekend letters/);
    expect(record.text).toContain('Unsubscribed from all email No');
    await kari.press(await kari.open(dialog(guro, 'SUBSCRIBED')), /^Subscribe$/, reasons);
    expect(await room.statusOf(guro, trailNotes)).toBe('SUBSCRIBED');
    expect((await kari.open(dialog(guro, 'SUBSCRIBED', weekendLetters))).status).toBe(404);
    const all = await kari.post(adminPaths.optOuts(guro._id), {
      ...{ channel: 'EMAIL', unit: 'all', explanation: 'Asked.', shown: '' },
    });
    expect(all.status).toBe(404);
  });

  it('cannot lift by an opt-in what stands over other units too', async () => {
    const kari = await signedIn(room.portal, 'support', [northwind.id]);
    const guro = await room.somebody();
    const staff: Actor = { kind: 'STAFF', isBulk: false, ref: `user:${room.ida.user._id}`, scope: null };
    await room.decided(guro, [{ kind: 'OPT_OUT_OF_ALL', unitId: null }], staff, { explanation: 'By phone.' });
    const record = await kari.open(adminPaths.contact(guro._id));
    expect(record.text).not.toMatch(/Resubscribe|Remove opt out/);
    const forced = await kari.post(adminPaths.overrides(guro._id), {
      ...{ channel: 'EMAIL', type: String(trailNotes.id), to: 'SUBSCRIBED', types: String(trailNotes.id) },
      ...reasons,
      shown: `${trailNotes.id}:UNSUBSCRIBED:1`,
    });
    expect(forced.text).toContain('only somebody who reaches all business units can change that');
    expect(await room.statusOf(guro, trailNotes)).toBe('UNSUBSCRIBED');
  });
});

it('who may not override has no button for it', async () => {
  const guro = await room.somebody();
  for (const role of ['marketer', 'auditor'] as const) {
    const visitor = await signedIn(room.portal, role);
    const record = await visitor.open(adminPaths.contact(guro._id));
    expect(record.status).toBe(200);
    expect(record.text).not.toMatch(/ Subscribe to | Unsubscribe from |Opt out of all/);
    expect((await visitor.open(dialog(guro, 'SUBSCRIBED'))).status).toBe(403);
  }
});
