/** A fault of a form is shown twice: in the summary above, and next to its field, which refers to it. */
import { expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { openTestPortal } from '../../support/app.js';
import { charlie, northwind } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';

const portal = await openTestPortal();
const ida = await signedIn(portal, 'admin');
const contactId: string = (await portal.subscriberOf(charlie)).contactId ?? '';

const forms: [string, () => string, Record<string, string | null>, RegExp][] = [
  ['a new contact', adminPaths.newContact, { email: 'ann@', phone: '12' }, /^Add the contact$/],
  ['an opt-out', () => adminPaths.optOuts(contactId, { channel: 'EMAIL' }), { unit: null }, /^Opt out$/],
  ['erasing', () => adminPaths.contactErasure(contactId), { confirmation: 'Somebody' }, /^Erase/],
  ['work in bulk', () => adminPaths.newBulkEdit(`contact=${contactId}`), {}, /^Preview/],
  ['a business unit', adminPaths.newUnit, { accent: 'green' }, /^Create business unit$/],
  ['a subscription type', () => adminPaths.newType({ unit: northwind.id }), {}, /^Create/],
  ['a test mail', adminPaths.mail, { to: 'ann@' }, /^Send a test$/],
  ['an API key', adminPaths.newKey, {}, /^Create key$/],
  ['an account', adminPaths.newUser, {}, /^Create account$/],
  ['a password', adminPaths.account, { present: 'x', next: 'short', again: 'other' }, /^Change password$/],
];

it.each(forms)(
  'a fault is shown in the summary and next to its field: %s',
  async (_name, path, typed, button) => {
    const answer = await ida.press(await ida.open(path()), button, typed);
    expect(answer.status).toBe(422);
    const summary = /id="faults"[^]*?<\/ul>/.exec(answer.html)?.[0] ?? '';
    const faults = [...summary.matchAll(/<a href="#([\w-]+)">([^<]+)<\/a>/g)];
    expect(faults.length).toBeGreaterThan(0);
    for (const [, id = ''] of faults) {
      const first = faults.find(([, other]) => other === id)?.[2] ?? '';
      expect(answer.html).toContain(`id="${id}-fault">${first}</p>`);
      expect(answer.html).toMatch(new RegExp(`aria-describedby="[^"]*\\b${id}-fault"`));
    }
  },
);
