/** The tab History: events newest first, with actor, reason and the words shown; its filters, and the file. */
import { expect, it, vi } from 'vitest';
import { facet } from '../../../../src/domain/filters/facet.js';
import { adminPaths } from '../../../../src/admin-paths.js';
import { commandsOf } from '../../../support/commands.js';
import { monitored } from '../../../support/connection.js';
import { alice, fjell, northwind, offers, trailNotes, weekendLetters } from '../../../support/people.js';
import { linksIn } from '../../../support/forms.js';
import { contactIn } from '../../../support/contacts.js';
import { openRecordRoom } from '../../../support/record-room.js';
import { signedIn } from '../../../support/staff.js';

const room = await openRecordRoom({ through: monitored });

it('the history lists events newest first, with actor, basis, explanation and the words shown', async () => {
  const { _id } = await contactIn(room.portal, {
    firstName: 'Alice',
    email: alice.address,
    unitIds: [northwind.id, fjell.id],
  });
  const { text, html } = await room.ida.open(adminPaths.contactHistory(_id));
  expect(text).toMatch(
    /Repair reminders paused until .*Opted out of Offers and discounts.*Subscribed to Trail notes/,
  );
  expect(text).toContain('Ticked the box for letters at the checkout.');
  expect(text).toContain('Wording on the page');
  expect(html).toContain('<li>What would you like to hear from us?');
  expect(text).toContain('Routes, seasons and gear that lasts. Twice a month.');
});

it('the history marks acts that looked automated, and names the staff who acted', async () => {
  const guro = await room.somebody();
  await room.decided(
    guro,
    [{ kind: 'OPT_OUT', typeId: trailNotes.id }],
    { kind: 'ONE_CLICK' },
    { isMachine: true },
  );
  const staff = { kind: 'STAFF', isBulk: false, ref: `user:${room.ida.user._id}`, scope: null } as const;
  await room.decided(guro, [{ kind: 'OPT_OUT', typeId: offers.id }], staff, { explanation: 'By letter.' });
  const { text } = await room.ida.open(adminPaths.contactHistory(guro._id));
  expect(text).toMatch(/Opted out of Offers and discounts Staff, Support \d+/);
  expect(text).toMatch(/Opted out of Trail notes looked like a machine Contact, one-click/);
});

it('the history is filtered by unit and channel, and hides units that the user does not reach', async () => {
  const guro = await room.somebody();
  await room.decided(guro, [{ kind: 'OPT_IN', typeId: trailNotes.id }]);
  await room.decided(guro, [{ kind: 'OPT_OUT', typeId: weekendLetters.id }]);
  const ofFjell = await room.ida.open(adminPaths.contactHistory(guro._id, { unit: fjell.id }));
  expect(ofFjell.text).toContain('Opted out of Weekend letters');
  expect(ofFjell.text).not.toContain('Subscribed to Trail notes');
  const bySms = await room.ida.open(adminPaths.contactHistory(guro._id, { channel: 'SMS' }));
  expect(bySms.text).toContain('Nothing has been recorded here yet.');
  const kari = await signedIn(room.portal, 'support', [northwind.id]);
  const limited = await kari.open(adminPaths.contactHistory(guro._id));
  expect(limited.text).toContain('Subscribed to Trail notes');
  expect(limited.html).not.toMatch(/Weekend|Fjell|All business units/);
});

it('the history is paged, and no page exceeds the limit', async () => {
  const guro = await room.somebody();
  for (let times = 0; times < 30; times++) {
    await room.decided(guro, [{ kind: 'OPT_IN', typeId: trailNotes.id }]);
    await room.decided(guro, [{ kind: 'OPT_OUT', typeId: trailNotes.id }]);
  }
  const first = await room.ida.open(adminPaths.contactHistory(guro._id));
  expect(timesIn(first.html)).toHaveLength(50);
  await room.decided(guro, [{ kind: 'OPT_IN', typeId: trailNotes.id }]);
  const [older = ''] = linksIn(first.html).filter((href) => href.includes('before='));
  const second = await room.ida.open(older);
  expect(timesIn(second.html).length).toBeGreaterThanOrEqual(10);
  expect(new Set([...timesIn(first.html), ...timesIn(second.html)]).size).toBe(
    timesIn(first.html).length + timesIn(second.html).length,
  );
  expect(second.text).toContain('Newest');
  const file = await room.ida.press(second, /Download as CSV/);
  expect(file.html.trim().split('\n').length - 1).toBe(
    timesIn(first.html).length + timesIn(second.html).length + 1,
  );
});

const timesIn = (html: string) => html.match(/<time [^>]*>/g) ?? [];

it('the history file contains no formula, and the download is audited', async () => {
  const guro = await room.somebody();
  const staff = { kind: 'STAFF', isBulk: false, ref: `user:${room.ida.user._id}`, scope: null } as const;
  await room.decided(guro, [{ kind: 'OPT_OUT', typeId: trailNotes.id }], staff, {
    explanation: '=HYPERLINK("http://evil.example")',
  });
  const page = await room.ida.open(adminPaths.contactHistory(guro._id));
  const file = await room.ida.press(page, /Download as CSV/);
  expect(file.headers.get('content-type')).toMatch(/text\/csv/);
  expect(file.headers.get('content-disposition')).toMatch(/attachment; filename="?history.csv"?/);
  const [head, row] = file.html.split('\n');
  expect(head).toMatch(/at,channel,businessUnit,type,what,by,legalBasis,explanation/);
  expect(row).toContain('Northwind Outdoors,Trail notes,Opted out of Trail notes,"Staff, Support');
  expect(row).toContain(`"'=HYPERLINK(`);
  const entry = await room.portal.deps.models.auditEntries
    .findOne({ kind: 'EXPORTED', about: `contact:${guro._id}` })
    .lean();
  expect(entry).toMatchObject({ by: `user:${room.ida.user._id}` });
});

it('opening a record reads the same few documents, however long the history is', async () => {
  const young = await room.somebody();
  const old = await room.somebody();
  for (let times = 0; times < 60; times++) {
    await room.decided(old, [{ kind: 'OPT_IN', typeId: trailNotes.id }]);
    await room.decided(old, [{ kind: 'OPT_OUT', typeId: trailNotes.id }]);
  }
  // The index follows decisions in the background, and reads the address for this.
  const optedOut = facet.status('EMAIL', trailNotes.id, 'UNSUBSCRIBED');
  await vi.waitFor(
    async () =>
      expect((await room.portal.deps.models.contacts.findById(old._id))?.facets).toContain(optedOut),
    10_000,
  );
  const few = await readBy(adminPaths.contact(young._id));
  const many = await readBy(adminPaths.contact(old._id));
  expect(many).toEqual(few);
  expect(few).toEqual(['contacts', 'sessions', 'subscribers', 'users']);
});

/** The collections that a page reads, once for each command, without the catalogue, which the process caches and checks every two seconds. */
async function readBy(path: string): Promise<string[]> {
  await room.ida.open(path);
  const commands = await commandsOf(room.portal, () => room.ida.open(path));
  return commands
    .flatMap((command) => /^(?:find|aggregate|getMore|count) (.*)/.exec(command)?.[1] ?? [])
    .filter((name) => !['business_units', 'subscription_types', 'settings'].includes(name))
    .sort();
}
