/** The record of an erased person: it shows the opt-out that was kept, and offers no act. */
import { expect, it } from 'vitest';
import { adminPaths } from '../../../../src/admin-paths.js';
import { erasePerson } from '../../../../src/domain/contacts/erase.js';
import { trailNotes } from '../../../support/people.js';
import { openRecordRoom } from '../../../support/record-room.js';

const room = await openRecordRoom();

async function erased(): Promise<{ id: string; address: string }> {
  const guro = await room.somebody();
  const actor = { kind: 'STAFF', isBulk: false, ref: `user:${room.ida.user._id}`, scope: null } as const;
  await erasePerson(room.portal.deps, { id: guro._id, actor });
  return { id: guro.subscribers.EMAIL ?? '', address: guro.email ?? '' };
}

it('shows the opt-out as the person’s, under no address, and offers no act', async () => {
  const { id, address } = await erased();
  const record = await room.ida.open(adminPaths.contact(id));
  expect(record.html).not.toContain(address);
  expect(record.text).toContain('An erased address');
  expect(record.text).toContain('This person’s data was erased.');
  expect(record.text).toContain('Opted out of everything.');
  expect(record.text).toMatch(/Opted out Contact, .{6,12} data erased by staff/);
  expect(record.text).not.toMatch(
    /Create contact|Send preferences link|Copy link|Preview|Revoke links|Record a call|Resubscribe|Remove opt out|Opt out of all/,
  );
  expect((await room.ida.open(adminPaths.contactHistory(id))).text).toContain('Personal data erased');
});

it('has no page of an act', async () => {
  const { id } = await erased();
  const channel = 'EMAIL';
  const acts = [
    adminPaths.overrides(id, { channel, type: trailNotes.id, to: 'SUBSCRIBED' }),
    adminPaths.optOuts(id, { channel }),
    adminPaths.liftings(id, { channel, unit: 'all' }),
    adminPaths.corrections(id, { channel }),
    adminPaths.communications(id),
    adminPaths.linkCopies(id),
    adminPaths.linkRevocations(id),
    adminPaths.preview(id),
  ];
  for (const path of acts) expect((await room.ida.open(path)).status, path).toBe(404);
});
