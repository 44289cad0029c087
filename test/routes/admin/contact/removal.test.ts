/** Creating, editing, deleting and erasing a contact: preferences belong to the address, and an erased person stays opted out. */
import { setMark } from '../../../../src/routes/admin/contact/shown-states.js';
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../../../src/admin-paths.js';
import { fjell, northwind, trailNotes } from '../../../support/people.js';
import { openRecordRoom } from '../../../support/record-room.js';
import { signedIn } from '../../../support/staff.js';

const room = await openRecordRoom();

const idOn = (html: string) => /href="\/admin\/contacts\/([\w-]+)\/edit"/.exec(html)?.[1] ?? '';

describe('preferences belong to the address', () => {
  it('a contact that opted out, is deleted and created again by hand, is still opted out', async () => {
    const fields = { firstName: 'Hans', lastName: 'Moe', email: 'hans@example.com' };
    const made = await room.ida.press(
      await room.ida.open(adminPaths.newContact()),
      /Add the contact/,
      fields,
    );
    expect(made.text).toContain('Added.');
    const id = idOn(made.html);
    const dialog = adminPaths.overrides(id, { channel: 'EMAIL', type: trailNotes.id, to: 'UNSUBSCRIBED' });
    await room.ida.press(await room.ida.open(dialog), /^Unsubscribe$/, { explanation: 'Asked by phone.' });
    const deletion = await room.ida.open(adminPaths.contactDeletion(id));
    expect(deletion.text).toContain('What hans@example.com decided stays');
    await room.ida.press(deletion, /Delete the contact/);
    expect((await room.ida.open(adminPaths.contact(id))).status).toBe(404);
    const again = await room.ida.press(await room.ida.open(adminPaths.newContact()), /Add the contact/, {
      ...fields,
      firstName: 'H.',
      email: ' Hans@EXAMPLE.com ',
    });
    expect(idOn(again.html)).not.toBe(id);
    expect(again.text).toMatch(
      /Trail notes Northwind Outdoors Opted out Staff, Support \d+, .{6,12} support-\d+@staff.example “Asked by phone\.”/,
    );
  });

  it('an address that a contact gives up keeps its preferences, and the new address has its own', async () => {
    const guro = await room.somebody();
    await room.decided(guro, [{ kind: 'OPT_OUT', typeId: trailNotes.id }]);
    const page = await room.ida.open(adminPaths.contactEdit(guro._id));
    const after = await room.ida.press(page, /^Save$/, { email: 'guro.new@example.com' });
    expect(after.text).toMatch(/Trail notes Northwind Outdoors Not specified/);
    expect(await room.statusOf(guro, trailNotes)).toBe('UNSUBSCRIBED');
  });
});

describe('the form of a contact', () => {
  it('lists every fault, keeps what was typed, and links to the contact that has the address', async () => {
    const guro = await room.somebody();
    const page = await room.ida.open(adminPaths.newContact());
    const wrong = await room.ida.press(page, /Add the contact/, {
      ...{ firstName: 'Iris', email: 'not an address', phone: '12' },
      unitIds: null,
    });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('This is not an e-mail address.');
    expect(wrong.text).toContain('Choose at least one business unit.');
    expect(wrong.html).toContain('value="Iris"');
    expect(wrong.html).toMatch(/<a href="#phone">/);
    const taken = await room.ida.press(page, /Add the contact/, { email: guro.email ?? '' });
    expect(taken.text).toContain('There is a contact with this e-mail address already');
    expect(taken.html).toContain(`href="${adminPaths.contact(guro._id)}"`);
  });

  it('saves properties, language and basis, and clears emptied fields', async () => {
    const guro = await room.somebody({ properties: { city: 'Oslo', company: 'Fjord' } });
    const page = await room.ida.open(adminPaths.contactEdit(guro._id));
    const after = await room.ida.press(page, /^Save$/, {
      'property-name': ['city', 'company', 'shoe size'],
      'property-value': ['Bergen', '', '43'],
      locale: 'pl',
    });
    expect(after.text).toMatch(/Language Polish.*city Bergen shoe size 43/);
    expect(after.text).not.toContain('company');
  });

  it('opened before another user’s change does not overwrite that change', async () => {
    const guro = await room.somebody();
    const page = await room.ida.open(adminPaths.contactEdit(guro._id));
    await room.ida.press(page, /^Save$/, { firstName: 'Gunnhild' });
    const stale = await room.ida.press(page, /^Save$/, { firstName: 'Gro' });
    expect(stale.status).toBe(422);
    expect(stale.text).toContain('First name is now “Gunnhild”.');
    expect(stale.html).toContain('value="Gro"');
    const stored = await room.portal.deps.models.contacts.findById(guro._id).lean();
    expect(stored?.firstName).toBe('Gunnhild');
  });

  it('of a user limited to one unit assigns that unit only, and keeps the others', async () => {
    const kari = await signedIn(room.portal, 'support', [northwind.id]);
    const guro = await room.somebody();
    const page = await kari.open(adminPaths.contactEdit(guro._id));
    expect(page.html).not.toContain('Fjell');
    await kari.press(page, /^Save$/, {
      'property-name': ['city'],
      'property-value': ['Bergen'],
      locale: 'pl',
    });
    const stored = await room.portal.deps.models.contacts.findById(guro._id).lean();
    expect(stored).toMatchObject({
      ...{ firstName: guro.firstName, email: guro.email, locale: 'pl' },
      ...{ properties: { city: 'Bergen' }, unitIds: [northwind.id, fjell.id] },
    });
  });

  it('refuses an address of another unit’s contact like any taken address', async () => {
    const kari = await signedIn(room.portal, 'support', [northwind.id]);
    const theirs = await room.somebody({ unitIds: [fjell.id] });
    const page = await kari.open(adminPaths.newContact());
    const refused = await kari.press(page, /Add the contact/, { email: theirs.email ?? '' });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('There is a contact with this e-mail address already.');
    expect(refused.html).not.toMatch(new RegExp(`Guro|${theirs._id}|Fjell|business units\\.`));
  });

  it('of a shared contact has no name, e-mail and phone fields for a user of one unit, and ignores such values', async () => {
    const kari = await signedIn(room.portal, 'support', [northwind.id]);
    const guro = await room.somebody();
    const page = await kari.open(adminPaths.contactEdit(guro._id));
    for (const changed of [
      { firstName: 'Gunn' },
      { lastName: '' },
      { email: 'taken.over@example.com' },
      { phone: '+4790000099' },
    ]) {
      expect(page.html).not.toContain(`name="${Object.keys(changed)[0]}"`);
      await kari.press(page, /^Save$/, changed);
    }
    expect(await room.portal.deps.models.contacts.findById(guro._id).lean()).toEqual(guro);
  });
});

describe('deleting and erasing', () => {
  it('a user of one unit cannot delete a contact shared with other units', async () => {
    const kari = await signedIn(room.portal, 'support', [northwind.id]);
    const guro = await room.somebody();
    expect((await kari.open(adminPaths.contact(guro._id))).text).not.toMatch(/Delete the contact|Erase/);
    for (const path of [adminPaths.contactDeletion(guro._id), adminPaths.contactErasure(guro._id)]) {
      expect((await kari.open(path)).status).toBe(404);
      expect((await kari.post(path, { confirmation: guro.email ?? '' })).status).toBe(404);
    }
    expect(await room.portal.deps.models.contacts.findById(guro._id).lean()).not.toBeNull();
  });

  it('erasing asks for the name or an address; then record and words are gone, and the opt-out stays', async () => {
    const guro = await room.somebody({ phone: '+4790033444' });
    const staff = { kind: 'STAFF', isBulk: false, ref: `user:${room.ida.user._id}`, scope: null } as const;
    await room.decided(guro, [{ kind: 'OPT_OUT', typeId: trailNotes.id }], staff, {
      explanation: 'A private word.',
    });
    const page = await room.ida.open(adminPaths.contactErasure(guro._id));
    const wrong = await room.ida.press(page, /Erase for good/, { confirmation: 'Somebody' });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('neither the name nor an address');
    await room.ida.press(page, /Erase for good/, { confirmation: ` ${guro.email?.toUpperCase() ?? ''}` });
    expect((await room.ida.open(adminPaths.contact(guro._id))).status).toBe(404);
    const { models } = room.portal.deps;
    for (const channel of ['EMAIL', 'SMS', 'WHATSAPP'] as const) {
      const kept = await models.subscribers.findById(guro.subscribers[channel] ?? '').lean();
      expect(kept).toMatchObject({ address: null, contactId: null });
      expect(kept?.optOuts.portal).not.toBeNull();
      expect(JSON.stringify(kept)).not.toContain('A private word.');
    }
    expect(JSON.stringify(await models.auditEntries.find({}).lean())).not.toContain(guro.email);
    const again = await room.ida.press(await room.ida.open(adminPaths.newContact()), /Add the contact/, {
      email: guro.email ?? '',
    });
    expect(again.text).toContain('Opted out of everything.');
    // The opt-out that an erasure leaves is the person's: no button and no forged form removes it.
    expect(again.text).not.toContain('Remove opt out');
    const id = /contacts\/([\w-]+)/.exec(again.path)?.[1] ?? '';
    const lifting = await room.ida.open(adminPaths.liftings(id, { channel: 'EMAIL', unit: 'all' }));
    expect(lifting.text).toContain('Only the contact can take that back');
    const { portal: optOuts } = (await room.portal.subscriberOf({ address: guro.email ?? '' })).optOuts;
    const fields = { channel: 'EMAIL', unit: 'all', shown: setMark(optOuts), explanation: 'By phone.' };
    expect((await room.ida.post(adminPaths.liftings(id), fields)).status).toBe(422);
    expect((await room.portal.subscriberOf({ address: guro.email ?? '' })).optOuts.portal).not.toBeNull();
  });

  it('marketers may delete but not erase; auditors may do neither', async () => {
    const guro = await room.somebody();
    const marketer = await signedIn(room.portal, 'marketer');
    expect((await marketer.open(adminPaths.contact(guro._id))).text).not.toContain('Erase the person');
    expect((await marketer.open(adminPaths.contactErasure(guro._id))).status).toBe(403);
    const auditor = await signedIn(room.portal, 'auditor');
    expect((await auditor.open(adminPaths.contactDeletion(guro._id))).status).toBe(403);
  });
});
