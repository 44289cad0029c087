/**
 * A type by text message or WhatsApp of a unit with double opt-in cannot be confirmed, so no page offers it and no form opts in.
 */
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { changeConsent } from '../../../src/domain/consent/change.js';
import { effectiveStatus } from '../../../src/domain/consent/effective.js';
import { mintLink } from '../../../src/domain/links/mint-links.js';
import { locales } from '../../../src/vocabulary/locales.js';
import { wordsFor } from '../../../src/views/words.js';
import { openTestPortal } from '../../support/app.js';
import { contactIn } from '../../support/contacts.js';
import { dumpOf } from '../../support/dump.js';
import { fjell, guestSurvey, northwind } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';
import { visitorOf } from '../../support/visitor.js';

/** Northwind has no double opt-in, so its type by text message accepts opt-ins. */
const alerts = {
  ...guestSurvey,
  id: 61,
  unitId: northwind.id,
  name: 'Snow alerts',
  description: 'Fresh snow.',
};
const chat = {
  ...guestSurvey,
  id: 62,
  channel: 'WHATSAPP' as const,
  name: 'Concierge',
  description: 'Ask us.',
};

const portal = await openTestPortal({
  alter: ({ types }) => types.insertMany([alerts, chat].map(({ id, ...type }) => ({ _id: id, ...type }))),
});

let count = 0;
async function somebody(channel: 'SMS' | 'WHATSAPP' = 'SMS', locale = 'en') {
  const address = `+47900001${String(++count).padStart(2, '0')}`;
  const typeId = channel === 'SMS' ? guestSurvey.id : chat.id;
  const links = await mintLink(portal.deps, { address, channel, unitId: fjell.id, typeId, locale });
  const path = new URL(links.managePreferencesUrl).pathname;
  const person = visitorOf(portal);
  const { subscriberId } = links;
  const state = () => portal.deps.models.subscribers.findById(subscriberId).lean();
  return { person, path, address, subscriberId, state, page: await person.open(path) };
}

const staffOptsIn = (subscriberId: string) =>
  changeConsent(portal.deps, {
    subscriberId,
    channel: 'SMS',
    actor: { kind: 'STAFF', isBulk: false, ref: 'a test', scope: null },
    wishes: [{ kind: 'OPT_IN', typeId: guestSurvey.id }],
    circumstances: { legalBasis: 'CONSENT_WITH_NOTICE', explanation: 'At the desk.' },
  });

describe('the preference page of a phone number', () => {
  it.each([
    ['SMS', guestSurvey],
    ['WHATSAPP', chat],
  ] as const)('shows a type by %s without a switch, and says why', async (channel, type) => {
    const { page } = await somebody(channel);
    expect(page.status).toBe(200);
    expect(page.text).toContain(type.description);
    expect(page.text).toContain(wordsFor('en').copy['notOffered']);
    expect(page.html).not.toContain(`id="type-${type.id}"`);
  });

  it.each(locales)('explains this in %s', async (locale) => {
    const { page } = await somebody('SMS', locale);
    expect(page.text).toContain(wordsFor(locale).copy['notOffered']);
    if (locale !== 'en') expect(page.text).not.toContain(wordsFor('en').copy['notOffered']);
  });

  it('offers a type of a unit without double opt-in, and switches it on', async () => {
    const { person, page, state } = await somebody();
    const done = await person.press(page, /Save/, { [`type-${alerts.id}`]: 'on' });
    expect(done.text).toContain('Snow alerts will reach you from now on.');
    const found = await state();
    expect(found && effectiveStatus(found, alerts).status).toBe('SUBSCRIBED');
  });

  it('ignores a hand-made form: nothing is pending and nothing is mailed', async () => {
    const { person, path } = await somebody();
    const before = await dumpOf(portal.database.connection);
    const forged = { shown: `${guestSurvey.id}:0`, [`type-${guestSurvey.id}`]: 'on' };
    const answer = await person.post(path, forged);
    expect(answer.status).toBe(422);
    expect(answer.text).not.toContain('on its way');
    expect(await dumpOf(portal.database.connection)).toEqual(before);
  });

  it('does not ask to switch something on where no type can be switched on', async () => {
    const { person, page } = await somebody('WHATSAPP');
    const stopped = await person.press(page, /everything from Fjell/);
    expect(stopped.text).toContain('Nothing more from Fjell Hotels will reach you.');
    const all = await person.press(stopped, /everything from all/);
    for (const { text } of [stopped, all]) expect(text).not.toContain('Switch something on');
  });

  it('has a switch after staff opted the number in, and removes it once the contact switches it off', async () => {
    const { person, path, subscriberId, state } = await somebody();
    await staffOptsIn(subscriberId);
    const page = await person.open(path);
    expect(page.html).toContain(`id="type-${guestSurvey.id}"`);
    expect(page.text).not.toContain(wordsFor('en').copy['notOffered']);
    const done = await person.press(page, /Save/, { [`type-${guestSurvey.id}`]: null });
    expect(done.text).toContain('Guest survey will no longer reach you.');
    expect(done.html).not.toContain(`id="type-${guestSurvey.id}"`);
    const found = await state();
    expect(found && effectiveStatus(found, guestSurvey).status).toBe('UNSUBSCRIBED');
  });
});

it('the staff preview shows what the contact sees', async () => {
  const staff = await signedIn(portal, 'support');
  const { _id } = await contactIn(portal, { phone: '+4790000077', unitIds: [fjell.id] });
  const preview = await staff.open(adminPaths.preview(_id));
  expect(preview.status).toBe(200);
  expect(preview.text).toContain(wordsFor('nb').copy['notOffered']);
  expect(preview.html).not.toContain('type="checkbox"');
});
