/** Work on many contacts through the pages, with a worker: selection, changes, preview, confirmation, result. */
import { ownStatus } from '../../../src/domain/consent/effective.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'csv-parse/sync';
import { adminPaths } from '../../../src/admin-paths.js';
import type { ContactForm } from '../../../src/domain/contacts/contact-form.js';
import { createContact } from '../../../src/domain/contacts/save.js';
import type { Contact } from '../../../src/models/contact.js';
import { openTestPortal } from '../../support/app.js';
import { blankForm, made, staff } from '../../support/contact-room.js';
import { charlie, fjell, guestSurvey, northwind, trailNotes, weekendLetters } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';
import type { StaffVisitor } from '../../support/staff.js';
import type { Answer } from '../../support/visitor.js';

const portal = await openTestPortal({ hasWorker: true });
const marketer = await signedIn(portal, 'marketer');
await portal.deps.models.contacts.deleteMany({});
await portal.deps.models.subscribers.updateMany({}, { $set: { contactId: null } });
const charlies = await add({ firstName: 'Charlie', email: charlie.address });
const guests: Contact[] = [];
for (const count of [1, 2, 3])
  guests.push(await add({ firstName: `=Guest ${count}`, email: `bulk${count}@example.com`, locale: 'nb' }));
await add({ firstName: 'Phone', phone: '+4741234567', locale: 'nb', unitIds: [northwind.id, fjell.id] });

async function add(form: Partial<ContactForm>) {
  return made(await createContact(portal.deps, { scope: null, form: { ...blankForm, ...form }, by: staff }));
}

const idsOf = (contacts: Contact[]) => contacts.map(({ _id }) => _id);
const ticked = (ids: string[]) => ids.map((id) => `contact=${id}`).join('&');
const openForm = (visitor: StaffVisitor, ids: string[]) => visitor.open(adminPaths.newBulkEdit(ticked(ids)));

/** The job's page once it contains this. Without a script, the page reloads itself. */
async function untilItSays(visitor: StaffVisitor, page: Answer, words: RegExp): Promise<Answer> {
  for (let look = 0; look < 100; look++) {
    const now = await visitor.open(page.path);
    if (words.test(now.text)) return now;
    await sleep(200);
  }
  throw new Error(`The job never says ${words}: ${(await visitor.open(page.path)).text}`);
}

const optIn = {
  channel: 'EMAIL',
  type: [String(trailNotes.id)],
  status: 'OPT_IN',
  legalBasis: 'CONSENT_WITH_NOTICE',
  explanation: 'Signed up at the fair.',
};

it('ticked contacts are previewed, confirmed and changed, and the result is downloaded row by row', async () => {
  const form = await openForm(marketer, idsOf([charlies, ...guests]));
  expect(form.text).toContain('What should change for 4 contacts?');
  const asked = await marketer.press(form, /Preview the changes/, optIn);
  const preview = await untilItSays(marketer, asked, /This is what will happen/);
  expect(preview.text).toMatch(/Will change 3 .*refused 1/);
  expect(preview.text).toMatch(/Opt in: Trail notes, now not specified 3/);
  expect(preview.text).toContain('Opted out, and there is no later consent. 1');
  expect(preview.text).not.toContain('also where the rest');
  const before = await portal.subscriberOf({ address: 'bulk1@example.com' });
  expect(ownStatus(before, trailNotes.id)).toBe('NOT_SPECIFIED');

  const confirmed = await marketer.press(preview, /^Change 3 contacts$/);
  const result = await untilItSays(marketer, confirmed, /It is done/);
  expect(result.text).toMatch(/Changed 3 .*Refused 1/);
  const file = await marketer.press(result, /Download row by row/);
  const [head, ...rows] = parse(file.html, { bom: true });
  expect(head).toEqual(['Contact', 'Name', 'E-mail', 'Phone', 'Opt in: Trail notes']);
  expect(rows).toHaveLength(4);
  expect(rows).toContainEqual([
    charlies._id,
    'Charlie',
    charlie.address,
    '',
    'Refused: Opted out, and there is no later consent.',
  ]);
  expect(rows.map(([, name]) => name).filter((name) => name?.startsWith("'=Guest"))).toHaveLength(3);
  const subscriber = await portal.subscriberOf({ address: 'bulk1@example.com' });
  expect(subscriber.subscriptions[trailNotes.id]).toMatchObject({ by: 'STAFF' });
});

it('a contact counts as changed when only a part is refused, and the reason is shown', async () => {
  const form = await openForm(marketer, idsOf([charlies]));
  const both = { ...optIn, type: [trailNotes, weekendLetters].map(({ id }) => String(id)) };
  const asked = await marketer.press(form, /Preview the changes/, both);
  const preview = await untilItSays(marketer, asked, /This is what will happen/);
  expect(preview.text).toMatch(/Will change 1 .*refused 0/);
  expect(preview.text).toContain('even if its other changes were made.');
  expect(preview.text).toContain('Opted out, and there is no later consent. 1');
  await marketer.press(preview, /Cancel the job/);
});

it('"all that match" means the contacts matching now, and the page says which', async () => {
  const query = new URLSearchParams({ selection: 'f=locale%3Anb', all: 'yes' }).toString();
  const form = await marketer.open(adminPaths.newBulkEdit(query));
  expect(form.text).toContain('What should change for all 4 contacts?');
  expect(form.text).toContain('Language is Norwegian Bokmål');
  const sms = { channel: 'SMS', type: [String(guestSurvey.id)], status: 'OPT_OUT' };
  const asked = await marketer.press(form, /Preview the changes/, sms);
  const preview = await untilItSays(marketer, asked, /This is what will happen/);
  expect(preview.text).toMatch(/All that matched, as they were on .* Language is Norwegian Bokmål/);
  expect(preview.text).toMatch(/Will change 1 .*refused 3/);
  expect(preview.text).toContain('Has no address in this channel. 3');
});

it('a bulk job names the contact searched for and holds no address', async () => {
  const query = new URLSearchParams({ selection: 'q=bulk1%40example.com', all: 'yes' }).toString();
  const form = await marketer.open(adminPaths.newBulkEdit(query));
  await marketer.press(form, /Preview the changes/, { ...optIn, status: 'OPT_OUT' });
  const jobs = JSON.stringify(await portal.deps.models.jobs.find({}).lean());
  expect(jobs).not.toContain('bulk1@example.com');
  expect(jobs).toContain(guests[0]?._id);
});

it('a bulk form pressed twice makes one job', async () => {
  const before = await portal.deps.models.jobs.countDocuments({ kind: 'BULK_EDIT' });
  const form = await openForm(marketer, idsOf(guests));
  const [one, other] = await Promise.all([
    marketer.press(form, /Preview the changes/, optIn),
    marketer.press(form, /Preview the changes/, optIn),
  ]);
  expect(one.path).toBe(other.path);
  expect(await portal.deps.models.jobs.countDocuments({ kind: 'BULK_EDIT' })).toBe(before + 1);
});

describe('a bulk form shows a fault next to its field', () => {
  it('for an opt-in without basis and explanation', async () => {
    const form = await openForm(marketer, idsOf(guests));
    const page = await marketer.press(form, /Preview the changes/, {
      ...optIn,
      legalBasis: '',
      explanation: '',
    });
    expect(page.status).toBe(422);
    expect(page.html).toMatch(/href="#explanation"[^]*href="#legalBasis"/);
    expect(page.html).toContain(`value="${trailNotes.id}" checked`);
    expect(page.text).toContain('What should change for 3 contacts?');
  });

  it('when nothing is chosen', async () => {
    const page = await marketer.press(await openForm(marketer, idsOf(guests)), /Preview the changes/);
    expect(page.status).toBe(422);
    expect(page.html).toContain('href="#status"');
    expect(page.html).toContain('href="#type"');
  });

  it('and ignores types of a channel that it did not show', async () => {
    const form = await openForm(marketer, idsOf(guests));
    const mixed = { ...optIn, type: [String(guestSurvey.id)] };
    const page = await marketer.press(form, /Preview the changes/, mixed);
    expect(page.status).toBe(422);
    expect(page.text).toContain('Choose at least one subscription type.');
  });

  it('and goes back to the index when no contact is selected', async () => {
    const page = await marketer.open(adminPaths.newBulkEdit());
    expect(page.location).toContain(`${adminPaths.contacts()}?said=none-picked.`);
    expect((await marketer.open(page.location ?? '')).text).toContain('No contact was ticked.');
  });

  it('and keeps the search when it goes back, so that all that match are not everybody', async () => {
    const selection = new URLSearchParams({ selection: 'q=charlie' });
    const page = await marketer.open(`${adminPaths.newBulkEdit()}?${String(selection)}`);
    expect(page.location).toContain(`${adminPaths.contacts('q=charlie')}&said=none-picked.`);
    expect((await marketer.open(page.location ?? '')).text).toContain('No contact was ticked.');
  });
});

it('a bulk form offers a user of one unit only its types and contacts', async () => {
  const limited = await signedIn(portal, 'marketer', [northwind.id]);
  const form = await openForm(limited, idsOf(guests));
  expect(form.text).toContain(trailNotes.name);
  expect(form.text).not.toContain(weekendLetters.name);
  const page = await limited.press(form, /Preview the changes/, {
    ...optIn,
    type: [String(weekendLetters.id)],
  });
  expect(page.status).toBe(422);
  const ofFjell = await signedIn(portal, 'marketer', [fjell.id]);
  expect((await openForm(ofFjell, idsOf(guests))).location).toContain('?said=none-picked.');
});

it('links are mailed in bulk after the number is confirmed, each once', async () => {
  const query = ticked(idsOf([charlies, ...guests]));
  const form = await marketer.open(adminPaths.newLinkMailing(query));
  expect(form.text).toContain('Send a preferences link to 4 contacts?');
  const sent = await marketer.press(form, /^Send to 4 contacts$/, { unit: String(northwind.id) });
  const done = await untilItSays(marketer, sent, /It is done/);
  expect(done.text).toMatch(/Mail queued \d/);
  const mails = await portal.deps.models.mails.countDocuments({ kind: 'PREFERENCES_LINK' });
  await marketer.press(form, /^Send to 4 contacts$/, { unit: String(northwind.id) });
  await sleep(1500);
  expect(await portal.deps.models.mails.countDocuments({ kind: 'PREFERENCES_LINK' })).toBe(mails);
  expect(mails).toBeGreaterThanOrEqual(3);
});
