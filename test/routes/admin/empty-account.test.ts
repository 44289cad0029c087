/** An account without any data: its pages say what is missing and link to it. */
import { expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { openTestPortal } from '../../support/app.js';
import { signedIn } from '../../support/staff.js';

const portal = await openTestPortal({
  alter: async ({ units, types }) => {
    await types.deleteMany({});
    await units.deleteMany({});
  },
});

it('in an empty account, the types page leads to business units, and a new contact is not asked to add a type', async () => {
  const ida = await signedIn(portal, 'admin');
  const types = await ida.open(adminPaths.types());
  expect(types.text).toContain('A type belongs to a business unit.');
  expect(types.html).toContain(`<a href="${adminPaths.units()}">Business units</a>`);
  const contact = await ida.open(adminPaths.newContact());
  expect(contact.text).toContain('Business units There is nothing to choose yet.');
  expect(contact.html).not.toContain('type="ticks"');
});
