/**
 * The preference page of an account with thousands of types: a browser can save it, and opting out needs nothing that it shows.
 */
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { effectiveStatus } from '../../../src/domain/consent/effective.js';
import { raiseCatalogueVersion } from '../../../src/models/setting.js';
import { openTestPortal } from '../../support/app.js';
import { contactIn } from '../../support/contacts.js';
import { northwind, trailNotes } from '../../support/people.js';
import { isTried } from '../../support/soak.js';
import { signedIn } from '../../support/staff.js';
import { visitorOf } from '../../support/visitor.js';

/** Types of two units: 700 with ids of nine digits, and 2000 with ids of ten. */
const many = [
  { unitId: 70, count: 700, first: 100_000_000 },
  { unitId: 71, count: 2000, first: 2_000_000_000 },
];

/** The gate tries the larger one. */
const tried = many.filter((_, at) => isTried(2, at, 1));

const portal = await openTestPortal({
  alter: async ({ units, types }) => {
    const { id: _unit, logo: _logo, ...unit } = northwind;
    const { id: _type, ...type } = trailNotes;
    for (const { unitId, count, first } of many) {
      await units.create({ ...unit, _id: unitId, name: `Franchise ${unitId}`, translations: {} });
      await types.insertMany(
        Array.from({ length: count }, (_, at) => ({
          ...type,
          _id: first + at,
          unitId,
          order: at,
          name: `Shop ${first + at}`,
          translations: {},
        })),
      );
    }
  },
});

let count = 0;
async function somebody(unitId: number) {
  const who = { address: `of-many-${++count}@example.com` };
  const { preferences } = await portal.linksOf(who, { unitId, typeId: undefined, locale: 'en' });
  const person = visitorOf(portal);
  const page = await person.open(preferences);
  const statusOf = async (typeId: number) => {
    const type = (await portal.deps.catalogue()).types.get(typeId);
    return type && effectiveStatus(await portal.subscriberOf(who), type).status;
  };
  return { who, person, page, path: preferences, statusOf };
}

describe.each(tried)('a page with $count types', ({ unitId, count: types, first }) => {
  it('is saved as a browser sends it, and applies only what was altered', async () => {
    const { person, page, who, statusOf } = await somebody(unitId);
    expect(page.status).toBe(200);
    const done = await person.press(page, /Save/, { [`type-${first + 3}`]: 'on' });
    expect([done.status, done.text.includes(`Shop ${first + 3} will reach you from now on.`)]).toEqual([
      200,
      true,
    ]);
    expect(Object.keys((await portal.subscriberOf(who)).subscriptions)).toEqual([String(first + 3)]);
    const off = await person.press(done, /Save/, { [`type-${first + 3}`]: null });
    expect(off.text).toContain(`Shop ${first + 3} will no longer reach you.`);
    expect(await statusOf(first + 3)).toBe('UNSUBSCRIBED');
  });

  it('is saved with every switch turned', async () => {
    const { person, page, who } = await somebody(unitId);
    const ticks = Array.from({ length: types }, (_, at) => [`type-${first + at}`, 'on']);
    const done = await person.press(page, /Save/, Object.fromEntries(ticks));
    expect(done.text).toContain('Saved.');
    const { subscriptions } = await portal.subscriberOf(who);
    expect(Object.keys(subscriptions)).toHaveLength(types);
    const again = await person.press(done, /Save/, { [`pause-${first}`]: '30' });
    expect(again.text).toContain(`Shop ${first} will stay quiet`);
  });

  it('stops everything of the unit, and everything of the account', async () => {
    for (const button of [new RegExp(`everything from Franchise ${unitId}`), /everything from all/]) {
      const { person, page, statusOf } = await somebody(unitId);
      expect((await person.press(page, button)).text).toContain('Saved.');
      expect(await statusOf(first)).toBe('UNSUBSCRIBED');
    }
  });

  it('is opted out of completely by staff', async () => {
    const staff = await signedIn(portal, 'admin');
    const email = `record-${unitId}@example.com`;
    const { _id } = await contactIn(portal, { email, unitIds: [unitId] });
    const ask = await staff.open(adminPaths.optOuts(_id, { channel: 'EMAIL' }));
    const done = await staff.press(ask, /Opt out/, { unit: String(unitId), explanation: 'A call.' });
    expect([done.status, done.text.includes('could not')]).toEqual([200, false]);
    expect((await portal.subscriberOf({ address: email })).optOuts.units[unitId]?.[0]?.by).toBe('STAFF');
  });
});

describe('opting out does not depend on what the page showed', () => {
  it.each([
    ['nothing', ''],
    ['nonsense', 'x'],
    ['a million states', '1:1,'.repeat(12_000)],
    ['a list that was cut', '1:1,2:'],
  ])('with %s in place of the shown types', async (_what, shown) => {
    const { person, path, who } = await somebody(70);
    const fields = {
      stop: 'unit-70',
      shown,
      wording: 'none',
      renderedAt: 'x'.repeat(30),
      'type-1': 'y'.repeat(300),
    };
    expect((await person.ask('POST', path, new URLSearchParams(fields))).status).toBe(303);
    expect((await portal.subscriberOf(who)).optOuts.units[70]?.[0]?.by).toBe('CONTACT');
  });

  it('for a unit that only another process knows yet', async () => {
    const { person, path, who } = await somebody(70);
    await portal.deps.catalogue();
    const { id: _unit, logo: _logo, ...unit } = northwind;
    await portal.deps.models.units.create({ ...unit, _id: 72, name: 'Brand new', translations: {} });
    await raiseCatalogueVersion(portal.deps.models.settings);
    expect((await person.ask('POST', path, new URLSearchParams({ stop: 'unit-72' }))).status).toBe(303);
    expect((await portal.subscriberOf(who)).optOuts.units[72]?.[0]?.by).toBe('CONTACT');
  });
});
