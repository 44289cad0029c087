/** Types of properties: set on a page, checked when contacts are saved, and used by filters, also for existing values. */
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { mostDefinitions } from '../../../src/domain/catalogue/properties.js';
import type { ContactForm } from '../../../src/domain/contacts/contact-form.js';
import { findContacts } from '../../../src/domain/contacts/find.js';
import { createContact, editContact } from '../../../src/domain/contacts/save.js';
import type { SavedContact } from '../../../src/domain/contacts/save-passes.js';
import { wholeIndex } from '../../../src/domain/contacts/selection.js';
import { allOf } from '../../../src/domain/filters/filter.js';
import type { Condition } from '../../../src/domain/filters/filter.js';
import { openTestPortal } from '../../support/app.js';
import { blankForm, faultsOf, formOf, made, staff } from '../../support/contact-room.js';
import { fjell } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';

const portal = await openTestPortal({ hasWorker: true });
const admin = await signedIn(portal, 'admin');

const create = async (form: Partial<ContactForm>): Promise<SavedContact> =>
  createContact(portal.deps, { scope: null, form: { ...blankForm, ...form }, by: staff });

async function setType(fields: { name: string; kind: string; choices?: string }) {
  const page = await admin.press(await admin.open(adminPaths.properties()), /^Save$/, {
    ...{ choices: '', ...fields },
  });
  await portal.deps.rereadCatalogue();
  return page;
}

const namesBy = async (condition: Condition) => {
  const page = await findContacts(portal.deps, {
    ...{ ...wholeIndex, scope: null, cursor: null, filter: allOf([condition]) },
  });
  return page.contacts.map(({ firstName }) => firstName);
};

describe('a type of a property', () => {
  it('is set by admins of the whole account, and the form is checked', async () => {
    const choice = await setType({ name: 'Plan', kind: 'CHOICE' });
    expect(choice.status).toBe(422);
    expect(choice.html).toContain('href="#choices"');
    expect((await setType({ name: 'Plan', kind: 'CHOICE', choices: 'Free\nPro plus' })).text).toContain(
      'Saved.',
    );
    expect((await portal.deps.catalogue()).properties.get('plan')).toEqual({
      ...{ name: 'Plan', kind: 'CHOICE', choices: ['Free', 'Pro plus'] },
    });
    const loaded = await admin.open(adminPaths.properties({ name: 'plan' }));
    expect(loaded.html).toContain('Pro plus</textarea>');
    const limited = await signedIn(portal, 'admin', [fjell.id]);
    expect((await limited.open(adminPaths.properties())).status).toBe(404);
  });

  it('is not saved over a newer one', async () => {
    const stale = await admin.open(adminPaths.properties());
    await setType({ name: 'Level', kind: 'NUMBER' });
    const page = await admin.press(stale, /^Save$/, { name: 'Level', kind: 'DATE' });
    expect(page.status).toBe(422);
    expect((await portal.deps.rereadCatalogue()).properties.get('level')?.kind).toBe('NUMBER');
  });

  it('decides which values a contact can have, and how they are stored', async () => {
    await setType({ name: 'Age', kind: 'NUMBER' });
    await setType({ name: 'Birthday', kind: 'DATE' });
    await setType({ name: 'VIP', kind: 'YES_NO' });
    const wrong = { age: 'old', birthday: '2026-02-30', vip: 'maybe', plan: 'Gold' };
    for (const [name, value] of Object.entries(wrong))
      expect(
        faultsOf(await create({ email: 'wrong@example.com', properties: { [name]: value } })),
        name,
      ).toEqual([expect.objectContaining({ field: 'properties' })]);
    const properties = { Age: '041,50', Birthday: '1990-12-31', VIP: 'TRUE', Plan: 'pro PLUS', City: 'Oslo' };
    const contact = made(await create({ email: 'typed@example.com', properties }));
    expect(contact.properties).toEqual({
      ...{ Age: '41.5', Birthday: '1990-12-31', VIP: 'yes', Plan: 'Pro plus', City: 'Oslo' },
    });
  });

  it('keeps an existing value that does not fit until a user changes it', async () => {
    const contact = made(await create({ email: 'older@example.com', properties: { Size: 'large' } }));
    await setType({ name: 'Size', kind: 'NUMBER' });
    const edit = (form: Partial<ContactForm>) =>
      editContact(portal.deps, {
        contactId: contact._id,
        scope: null,
        form: { ...formOf(contact), ...form },
      });
    expect(made(await edit({ firstName: 'Ola' })).properties).toEqual({ Size: 'large' });
    expect(faultsOf(await edit({ properties: { Size: 'huge' } }))).toHaveLength(1);
  });

  it('lets filters compare numbers, also of older contacts after the worker has run', async () => {
    for (const [firstName, shoes] of Object.entries({ Small: '9', Large: '45', Odd: 'sandals' }))
      made(await create({ firstName, email: `${firstName}@shoes.example`, properties: { Shoes: shoes } }));
    await setType({ name: 'Shoes', kind: 'NUMBER' });
    const more: Condition = { on: 'property', of: 'shoes', is: 'MORE_THAN', values: ['10'] };
    await expect.poll(() => namesBy(more), { timeout: 40_000, interval: 500 }).toEqual(['Large']);
    await expect.poll(() => namesBy({ ...more, is: 'LESS_THAN' }), { timeout: 40_000 }).toEqual(['Small']);
    expect(await namesBy({ ...more, is: 'IS', values: ['45'] })).toEqual(['Large']);
    const editor = await admin.open(adminPaths.contacts('edit=0.0&on=property:shoes'));
    expect(editor.html).toContain('value="MORE_THAN"');
    expect(editor.html).not.toContain('value="CONTAINS"');
  }, 60_000);

  it('is refused to a property beyond the limit, and no other property loses its type', async () => {
    const full = Array.from({ length: mostDefinitions }, (_, at) => `Field ${at}`);
    const definitions = full.map((name) => ({ name, kind: 'NUMBER', choices: [] }));
    await portal.deps.models.settings.updateOne(
      { _id: 'properties' },
      { $set: { 'value.definitions': definitions } },
    );
    const refused = await setType({ name: 'One more', kind: 'DATE' });
    expect(refused.status).toBe(422);
    expect(refused.html).toContain('href="#name"');
    expect([...(await portal.deps.catalogue()).properties.values()].map(({ name }) => name)).toEqual(full);
    expect((await setType({ name: 'Field 7', kind: 'DATE' })).status).toBe(200);
    await setType({ name: 'Field 7', kind: 'TEXT' });
    await setType({ name: 'One more', kind: 'DATE' });
    const { properties } = await portal.deps.catalogue();
    expect([properties.size, properties.get('one more')?.kind]).toEqual([mostDefinitions, 'DATE']);
  });
});
