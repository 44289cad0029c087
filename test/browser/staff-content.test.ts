/** Staff pages with realistic content: long names, many types, other scripts. Nothing is cut off or scrolls sideways. */
import { expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { adminPaths } from '../../src/admin-paths.js';
import { axeInBothSchemes, openBrowser } from '../support/page.js';
import { fjell, northwind, offers, trailNotes } from '../support/people.js';
import { dialog, openRecordRoom } from '../support/record-room.js';
import { pageOf, signedIn } from '../support/staff.js';

const longUnit = 'Gesellschaft für nachhaltige Naturerlebnisse und Bergwanderungen der Ostalpen mbH & Co. KG';
const longWord = 'Donaudampfschifffahrtsgesellschaftskapitänsbriefe';

const room = await openRecordRoom({
  alter: async ({ units, types }) => {
    await units.updateOne({ _id: fjell.id }, { $set: { name: longUnit, translations: {} } });
    const type = await types.findById(trailNotes.id).lean();
    const names = Array.from({ length: 40 }, (_, n) =>
      n % 4 === 0 ? `${longWord} ${n}` : n % 4 === 1 ? `رسالة إخبارية رقم ${n}` : `Letter number ${n}`,
    );
    await types.insertMany(
      names.map((name, n) => ({
        ...type,
        _id: 100 + n,
        unitId: n % 2,
        name,
        order: 100 + n,
        translations: {},
      })),
    );
  },
});
const admin = await signedIn(room.portal, 'admin');
const somebody = await room.somebody({
  firstName: 'Wolfeschlegelsteinhausenbergerdorff Maximiliana-Theodora',
  lastName: 'von und zu Hohenlohe-Schillingsfürst',
  email: 'a-very-long-local-part-of-an-address.with.dots@long-domain.example',
  properties: { city: `${longWord}stadt`, company: 'شركة الرسائل الإخبارية' },
});
const staff = { kind: 'STAFF', isBulk: false, ref: `user:${admin.user._id}`, scope: null } as const;
const said = { explanation: `Said so in a long talk on the telephone, about ${longWord} and much else.` };
await room.decided(somebody, [{ kind: 'OPT_OUT', typeId: offers.id }], staff, said);
for (const { id } of [northwind, fjell])
  await room.decided(somebody, [{ kind: 'OPT_OUT_OF_ALL', unitId: id }], staff, said);
await room.somebody({ firstName: 'عبد الرحمن بن محمد', lastName: 'الفيصل' });
await room.somebody({ firstName: longWord.repeat(2).slice(0, 80), lastName: '' });
const browser = await openBrowser(room.portal.url);

/** What scrolls sideways, inside itself or beyond the window, and text without room for its words. */
async function cramped(page: Page): Promise<string[]> {
  return z.array(z.string()).parse(
    await page.evaluate(`(() => {
      const found = [];
      const wide = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth > wide) found.push('the page is wider than its window');
      for (const one of document.querySelectorAll('main *')) {
        // A row of the index is one line; what does not fit is in the title, and in the record.
        if (!one.checkVisibility() || one.closest('.unseen, svg, .people [title]') || /^(INPUT|TEXTAREA|SELECT|OPTION|TH|THEAD)$/.test(one.tagName)) continue;
        const box = one.getBoundingClientRect();
        const what = one.tagName + ' ' + one.className + ': ' + one.textContent.trim().slice(0, 30);
        if (box.right > wide + 1 || box.left < -1) found.push('sticks out: ' + what);
        if (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== 'visible') found.push('goes sideways: ' + what);
        const words = [...one.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ data }) => data.trim()).join('');
        if (words.length > 20 && box.width < 80 && box.height > 120) found.push('has no room: ' + what);
      }
      return found;
    })()`),
  );
}

it.each([320, 760, 1280])('staff pages show all content at %d pixels', async (width) => {
  const page = await pageOf(browser, room.portal, admin, adminPaths.dashboard(), { width, height: 900 });
  const found: string[] = [];
  for (const path of [
    adminPaths.dashboard(),
    adminPaths.contacts(),
    adminPaths.contact(somebody._id),
    adminPaths.contactHistory(somebody._id),
    adminPaths.contactProperties(somebody._id),
    dialog(somebody, 'SUBSCRIBED'),
    adminPaths.optOuts(somebody._id, { channel: 'EMAIL' }),
    adminPaths.contactEdit(somebody._id),
    adminPaths.newBulkEdit(`contact=${somebody._id}`),
    adminPaths.jobs(),
    adminPaths.units(),
    adminPaths.types(),
    adminPaths.mail(),
    adminPaths.newUser(),
    adminPaths.newKey(),
    adminPaths.audit(),
  ]) {
    await page.goto(room.portal.url + path);
    await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
    found.push(...(await cramped(page)).map((what) => `${path}: ${what}`));
    if (width === 320 && path === adminPaths.contact(somebody._id))
      found.push(...(await axeInBothSchemes(page)));
  }
  expect(found).toEqual([]);
});
