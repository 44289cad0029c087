/** Every staff form with typed input: sent after its session has ended, it is shown again with the input. */
import { beforeEach, expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import type { Role } from '../../../src/vocabulary/access.js';
import type { Contact } from '../../../src/models/contact.js';
import { adminRouter } from '../../../src/routes/admin/admin.js';
import { dumpOf } from '../../support/dump.js';
import { documentOf } from '../../support/forms.js';
import { northwind, trailNotes } from '../../support/people.js';
import { dialog } from '../../support/record-room.js';
import { fieldsOf, openSessionRoom } from '../../support/session-room.js';
import { mountedRoutes } from '../../support/staff-routes.js';

const words = 'Said so on the telephone, a canary.';

const room = await openSessionRoom();
beforeEach(() => room.portal.deps.models.unsentForms.deleteMany({}));

interface Case {
  name: string;
  role: Role;
  path: (contact: Contact) => string;
  button: RegExp;
  typed: Record<string, string | string[]>;
}

const cases: Case[] = [
  {
    name: 'an override',
    role: 'support',
    path: (contact) => dialog(contact, 'SUBSCRIBED'),
    button: /^Subscribe$/,
    typed: { legalBasis: 'CONSENT_WITH_NOTICE', explanation: words },
  },
  {
    name: 'an opt-out of all',
    role: 'support',
    path: ({ _id }) => adminPaths.optOuts(_id, { channel: 'EMAIL' }),
    button: /^Opt out$/,
    typed: { unit: 'all', explanation: words },
  },
  {
    name: 'a new contact',
    role: 'support',
    path: () => adminPaths.newContact(),
    button: /Add the contact/,
    typed: { firstName: words, email: 'new@example.com', 'property-name': 'City', 'property-value': 'Oslo' },
  },
  {
    name: 'a change of a contact',
    role: 'support',
    path: ({ _id }) => adminPaths.contactEdit(_id),
    button: /^Save$/,
    typed: { lastName: words },
  },
  {
    name: 'an erasure',
    role: 'support',
    path: ({ _id }) => adminPaths.contactErasure(_id),
    button: /Erase for good/,
    typed: { confirmation: words },
  },
  {
    name: 'an edit of many contacts',
    role: 'marketer',
    path: ({ _id }) => adminPaths.newBulkEdit(`contact=${_id}`),
    button: /Preview the changes/,
    typed: { type: [String(trailNotes.id)], status: 'OPT_IN', explanation: words },
  },
  {
    name: 'a saved view',
    role: 'marketer',
    path: () => adminPaths.contacts('f=unit:0'),
    button: /Save/,
    typed: { name: words },
  },
  {
    name: 'a business unit',
    role: 'admin',
    path: () => adminPaths.unit(northwind.id),
    button: /^Save$/,
    typed: { postalAddress: words },
  },
  {
    name: 'a new business unit',
    role: 'admin',
    path: () => adminPaths.newUnit(),
    button: /Create business unit/,
    typed: { name: words },
  },
  {
    name: 'a subscription type',
    role: 'admin',
    path: () => adminPaths.type(trailNotes.id),
    button: /^Save$/,
    typed: { description: words },
  },
  {
    name: 'a new subscription type',
    role: 'admin',
    path: () => adminPaths.newType({ unit: northwind.id }),
    button: /Create subscription type/,
    typed: { description: words },
  },
  {
    name: 'the settings of the account',
    role: 'admin',
    path: () => adminPaths.accountSettings(),
    button: /^Save$/,
    typed: { filterProperties: words },
  },
  {
    name: 'a test mail',
    role: 'admin',
    path: () => adminPaths.mail(),
    button: /Send a test/,
    typed: { to: words },
  },
  {
    name: 'an invitation',
    role: 'admin',
    path: () => adminPaths.newUser(),
    button: /Create account/,
    typed: { name: words, email: 'new@staff.example', role: 'support' },
  },
  {
    name: 'an API key',
    role: 'admin',
    path: () => adminPaths.newKey(),
    button: /Create key/,
    typed: { name: words, scope: ['links'], lifetime: '30' },
  },
  {
    name: 'the own name',
    role: 'support',
    path: () => adminPaths.account(),
    button: /Change name/,
    typed: { name: words },
  },
];

it.each(cases)(
  '$name is shown again with its input, and was not submitted',
  async ({ role, path, button, typed }) => {
    const visitor = room.of(role);
    const guro = await room.somebody();
    const page = await room.opened(visitor, path(guro));
    await room.endSessions();
    const before = await dumpOf(room.portal.deps.connection);
    const led = await visitor.press(page, button, typed);
    const { unsent_forms: kept, ...after } = await dumpOf(room.portal.deps.connection);
    const { unsent_forms: _, ...others } = before;
    expect(after).toEqual(others);
    expect(JSON.stringify(kept)).not.toContain('canary');
    expect(led.path).toMatch(/^\/admin\/sign-in\?/);
    expect(led.path).not.toContain('canary');
    expect(led.html).not.toContain('canary');

    const again = await room.signIn(visitor, led);
    expect([again.status, again.path]).toEqual([200, adminPaths.unsentForm()]);
    expect(again.text).toContain('Nothing was sent yet.');
    const expected = Object.entries(typed).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, one]),
    );
    expect(fieldsOf(again, button)).toEqual(expect.arrayContaining(expected));
    // Looking at it submitted nothing, and all other fields are as the page had them.
    const untouched = fieldsOf(page, button).filter(([name]) => !Object.hasOwn(typed, name));
    expect(fieldsOf(again, button)).toEqual(expect.arrayContaining(untouched));
    expect(room.portal.logged.join('')).not.toContain('canary');
  },
);

it('every staff form with typed input can be shown again, except forms with a password', async () => {
  const admin = room.of('admin');
  await room.opened(admin, adminPaths.dashboard());
  const guro = await room.somebody();
  const routes = mountedRoutes(adminRouter(room.portal.deps));
  const things: Record<string, string> = {
    contact: guro._id,
    unit: String(northwind.id),
    type: String(trailNotes.id),
    user: room.of('support').user._id,
  };
  const lost = new Set<string>();
  for (const { path, method, may } of routes) {
    const [, name = ''] = /:(\w+)/.exec(path) ?? [];
    if (method !== 'GET' || may === 'anyone' || (name && !things[name])) continue;
    const query = path.includes('override')
      ? `?channel=EMAIL&type=${trailNotes.id}&to=SUBSCRIBED`
      : '?channel=EMAIL';
    const asked = path.endsWith('/types/new') ? `?unit=${northwind.id}` : query;
    const bulk = /bulk|link-mailings/.test(path) ? `?contact=${guro._id}` : asked;
    const page = await admin.open(path.replace(/:\w+/, things[name] ?? '') + bulk);
    const $ = documentOf(page.html);
    for (const form of $('form[method=post]')) {
      const typed = $(form)
        .find('textarea, input:not([type]), input[type=text], input[type=email]')
        .not('[hidden]');
      if (typed.length === 0 || $(form).find('[type=password]').length > 0) continue;
      const action = $(form).attr('action') ?? page.path.replace(/\?.*/, '');
      const route = routes.find(
        (one) =>
          one.method === 'POST' &&
          new RegExp(`^${one.path.replaceAll(/:\w+/g, '[^/]+')}$`).test(action.replace(/\?.*/, '')),
      );
      if (!route?.isShownAgain) lost.add(`${path}: ${action}`);
    }
  }
  expect([...lost]).toEqual([]);
  expect(routes.filter(({ isShownAgain }) => isShownAgain).length).toBeGreaterThan(20);
});
