/** "May we mail?" on the record: an answer for each address and business unit, with the rule that decides. */
import { expect, it } from 'vitest';
import { adminPaths } from '../../../../src/admin-paths.js';
import type { Contact } from '../../../../src/models/contact.js';
import { fjell, northwind, orderNotices, trailNotes, weekendLetters } from '../../../support/people.js';
import { openRecordRoom } from '../../../support/record-room.js';
import { signedIn } from '../../../support/staff.js';

const room = await openRecordRoom();

/** What the record answers, up to the panel of subscriptions. */
async function verdictOn(guro: Contact, visitor = room.ida): Promise<string> {
  const { text } = await visitor.open(adminPaths.contact(guro._id));
  const [, verdict = ''] = text.split('May we mail?');
  return verdict.split('Communication subscriptions')[0] ?? '';
}

it('answers yes, no and some types, and names the rule', async () => {
  const guro = await room.somebody();
  expect(await verdictOn(guro)).toMatch(/Northwind Outdoors No Not subscribed, as data privacy mode/);
  await room.decided(guro, [
    { kind: 'OPT_IN', typeId: trailNotes.id },
    { kind: 'OPT_IN', typeId: weekendLetters.id },
  ]);
  const verdict = await verdictOn(guro);
  expect(verdict).toMatch(/Northwind Outdoors Some types Yes: Trail notes\. Subscribed\./);
  expect(verdict).toContain(`Yes: ${orderNotices.name}. Transactional.`);
  await room.decided(guro, [{ kind: 'OPT_OUT_OF_ALL', unitId: northwind.id }]);
  expect(await verdictOn(guro)).toMatch(
    /Northwind Outdoors No Opted out of all of this business unit by the contact, \d/,
  );
});

it('says until when a type is paused', async () => {
  const guro = await room.somebody();
  await room.decided(guro, [{ kind: 'OPT_IN', typeId: trailNotes.id }]);
  await room.decided(guro, [{ kind: 'SNOOZE', typeId: trailNotes.id, days: 30 }]);
  expect(await verdictOn(guro)).toMatch(/Northwind Outdoors No No: Trail notes\. Paused until \d/);
});

it('answers no for every type, transactional ones included, after mail came back', async () => {
  const guro = await room.somebody();
  await room.decided(guro, [{ kind: 'MARK_UNDELIVERABLE', reason: 'HARD_BOUNCE' }], { kind: 'SYSTEM' });
  const verdict = await verdictOn(guro);
  expect(verdict).toMatch(/Northwind Outdoors No A mail came back for good, .* Fjell Hotels No A mail came/);
  expect(verdict).not.toContain('Yes');
  const ola = await room.somebody();
  const soft = { kind: 'MARK_UNDELIVERABLE', reason: 'HARD_BOUNCE', soft: 5 } as const;
  await room.decided(ola, [soft], { kind: 'SYSTEM' });
  expect(await verdictOn(ola)).toContain('Mail came back 5 times (soft bounces), ');
});

it('tells a user who is limited to one unit nothing of the others', async () => {
  const guro = await room.somebody();
  const kari = await signedIn(room.portal, 'support', [fjell.id]);
  expect(await verdictOn(guro, kari)).toMatch(/Fjell Hotels No/);
  expect(await verdictOn(guro, kari)).not.toContain('Northwind');
});
