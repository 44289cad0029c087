/** The settings of units and types: who may change what, and what happens to two changes of the same one. */
import { describe, expect, it } from 'vitest';
import { adminPaths } from '../../../src/admin-paths.js';
import { contrast } from '../../../src/views/brand-style.js';
import { queueRefreshWhereDue } from '../../../src/jobs/kinds/refresh-contacts.js';
import { openTestPortal } from '../../support/app.js';
import { optOutOf } from '../../support/newcomer.js';
import { fjell, northwind, trailNotes } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';
import type { StaffVisitor } from '../../support/staff.js';

const portal = await openTestPortal();
const admin = await signedIn(portal, 'admin');
const ofFjell = await signedIn(portal, 'admin', [fjell.id]);

const unitNow = async (id: number) => (await portal.deps.rereadCatalogue()).units.get(id);
const typeNow = async (id: number) => (await portal.deps.rereadCatalogue()).types.get(id);
const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>';

/** Sends a form as a browser sends one with a file. */
async function sendWithFile(
  visitor: StaffVisitor,
  path: string,
  changed: Record<string, string>,
  file: { name: string; content: string },
) {
  const page = await visitor.open(path);
  const form = page.forms.find(({ buttons }) => buttons.some(({ label }) => /^Save$/.test(label)));
  const body = new FormData();
  for (const [name, value] of form?.fields ?? []) if (name !== 'logo') body.set(name, changed[name] ?? value);
  body.set('logo', new Blob([file.content]), file.name);
  return visitor.ask('POST', path, body);
}

describe('the settings index', () => {
  it('shows an admin of one unit that unit, and nothing of the whole account', async () => {
    expect((await admin.open(adminPaths.settings())).text).toContain('Data privacy mode');
    const page = await ofFjell.open(adminPaths.settings());
    expect(page.text).toContain('Business units');
    expect(page.text).not.toContain('Data privacy mode');
    expect((await ofFjell.open(adminPaths.accountSettings())).status).toBe(404);
    expect((await ofFjell.open(adminPaths.newUnit())).status).toBe(404);
  });

  it('shows an auditor forms without buttons', async () => {
    const auditor = await signedIn(portal, 'auditor');
    const page = await auditor.open(adminPaths.unit(northwind.id));
    expect(page.html).toContain(northwind.senderAddress);
    expect(page.html).toContain('<fieldset class="stack" disabled>');
    const own = page.forms.filter(({ action }) => action === adminPaths.unit(northwind.id));
    expect(own.flatMap(({ buttons }) => buttons)).toEqual([]);
  });
});

describe('the settings of a business unit', () => {
  it('can be changed, contacts see it at once, and the audit log names the user', async () => {
    const page = await admin.open(adminPaths.unit(northwind.id));
    const saved = await admin.press(page, /^Save$/, {
      name: 'Northwind & Sons',
      'name.de': 'Nordwind',
      accent: '#ffcc00',
      hasDoubleOptIn: 'yes',
    });
    expect([saved.status, saved.text]).toEqual([200, expect.stringContaining('Saved.')]);
    const unit = await unitNow(northwind.id);
    expect(unit).toMatchObject({ name: 'Northwind & Sons', hasDoubleOptIn: true });
    expect(unit?.translations['de']?.name).toBe('Nordwind');
    expect(contrast(unit?.accent.light ?? '#ffffff', '#fffefb')).toBeGreaterThanOrEqual(4.5);
    const { preferences } = await portal.linksOf({ address: 'ann@example.com' });
    expect(await (await fetch(portal.url + preferences)).text()).toContain('Northwind &amp; Sons');
    const entry = await portal.deps.models.auditEntries.findOne({ kind: 'UNIT_CHANGED' }).lean();
    expect(entry).toMatchObject({ by: `user:${admin.user._id}`, about: 'unit:0', unitId: 0 });
  });

  it('saved without changes, keep both accent colours', async () => {
    const before = await unitNow(northwind.id);
    await admin.press(await admin.open(adminPaths.unit(northwind.id)), /^Save$/);
    expect((await unitNow(northwind.id))?.accent).toEqual(before?.accent);
  });

  it('changed by another user are not overwritten: the page keeps what was typed and shows the current values', async () => {
    const old = await admin.open(adminPaths.unit(fjell.id));
    const theirs = await ofFjell.open(adminPaths.unit(fjell.id));
    await ofFjell.press(theirs, /^Save$/, { senderName: 'Fjell, by hand' });
    const refused = await admin.press(old, /^Save$/, { senderName: 'Fjell, in vain' });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('Another user changed this');
    expect(refused.text).toContain('Sender name is now “Fjell, by hand”.');
    expect(refused.html).toContain('value="Fjell, in vain"');
    expect((await unitNow(fjell.id))?.senderName).toBe('Fjell, by hand');
    await admin.press(refused, /^Save$/);
    expect((await unitNow(fjell.id))?.senderName).toBe('Fjell, in vain');
  });

  it('with faults show each fault with a link, and keep what was typed', async () => {
    const page = await admin.open(adminPaths.unit(fjell.id));
    const refused = await admin.press(page, /^Save$/, {
      name: '',
      senderAddress: 'nobody',
      privacyPolicyUrl: 'http://fjell.example/',
      accent: 'green',
      'name.fr': 'x'.repeat(81),
    });
    expect(refused.status).toBe(422);
    for (const said of [
      'Name is empty.',
      'Sender address is not an e-mail address.',
      'Privacy policy is not an https:// URL.',
      'Colour is not a colour such as #2f5d50.',
      'Name in French is longer than 80 characters.',
    ])
      expect(refused.text).toContain(said);
    expect(refused.html).toContain('href="#name.fr"');
    expect(refused.html).toMatch(/id="senderAddress"[^>]*value="nobody"[^>]*aria-invalid="true"/);
  });

  it('take a logo from a file, keep it when none is chosen, and remove it on request', async () => {
    const path = adminPaths.unit(fjell.id);
    const sent = await sendWithFile(ofFjell, path, {}, { name: 'fjell.svg', content: svg });
    expect(sent.status).toBe(303);
    const logo = await fetch(`${portal.url}/brands/${fjell.id}/logo`);
    expect([logo.headers.get('content-type'), await logo.text()]).toEqual([
      expect.stringContaining('image/svg+xml'),
      svg,
    ]);
    await ofFjell.press(await ofFjell.open(path), /^Save$/);
    expect((await unitNow(fjell.id))?.logo?.contentType).toBe('image/svg+xml');
    await ofFjell.press(await ofFjell.open(path), /^Save$/, { removeLogo: 'yes' });
    expect((await unitNow(fjell.id))?.logo).toBeUndefined();
  });

  it.each([
    ['larger than 64 kB', 'big.svg', svg.padEnd(70_000), 'Logo is larger than 64 kB.'],
    ['not what its name says', 'fjell.png', svg, 'Logo is not what its name says.'],
    ['of another kind', 'fjell.gif', 'GIF89a', 'Logo is not an .svg, .png or .webp file.'],
  ])('refuse a logo that is %s', async (_what, name, content, sentence) => {
    const path = adminPaths.unit(fjell.id);
    const answer = await sendWithFile(ofFjell, path, { name: 'Fjell, typed' }, { name, content });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(sentence);
    expect(answer.html).toContain('Fjell, typed');
  });

  it.each([
    ['has no end', '--b\r\ncontent-disposition: form-data; name="name"\r\n\r\nx'],
    ['is not multipart', 'nothing of the kind'],
    [
      'holds thousands of fields',
      `${Array.from({ length: 3000 }, (_, at) => `--b\r\ncontent-disposition: form-data; name="f${at}"\r\n\r\nx\r\n`).join('')}--b--\r\n`,
    ],
  ])('refuse a form with a file that %s, and the portal keeps running', async (_what, body) => {
    const answer = await admin.ask('POST', adminPaths.unit(fjell.id), body, {
      'content-type': 'multipart/form-data; boundary=b',
    });
    expect([400, 403]).toContain(answer.status);
    expect((await admin.open(adminPaths.settings())).status).toBe(200);
  });

  it('give units created at the same time different ids', async () => {
    const page = await admin.open(adminPaths.newUnit());
    const made = await Promise.all(
      ['Alpha', 'Beta', 'Gamma'].map((name) =>
        admin.press(page, /Create business unit/, {
          name,
          senderAddress: 'a@alpha.example',
          postalAddress: 'Alpha Ltd, Alphaville',
          privacyPolicyUrl: 'https://alpha.example/privacy',
        }),
      ),
    );
    expect(made.map(({ status }) => status)).toEqual([200, 200, 200]);
    const { units } = await portal.deps.rereadCatalogue();
    expect(
      [...units.values()]
        .slice(2)
        .map(({ id, name }) => [id, name])
        .sort(),
    ).toEqual([2, 3, 4].map((id) => [id, expect.stringMatching(/Alpha|Beta|Gamma/)]));
    // A worker notices that the index must follow.
    expect(await queueRefreshWhereDue(portal.deps)).toBe(true);
  });
});

describe('the settings of a subscription type', () => {
  const fields = { name: 'Snow reports', description: 'How deep it lies, each Friday.' };

  it('let an admin create it in the own unit, last in the order, and in no other unit', async () => {
    const page = await ofFjell.open(adminPaths.newType({ unit: fjell.id }));
    const made = await ofFjell.press(page, /Create subscription type/, { ...fields, channel: 'SMS' });
    expect(made.status).toBe(200);
    const { orderedTypes } = await portal.deps.rereadCatalogue();
    const own = orderedTypes.filter(({ unitId }) => unitId === fjell.id);
    expect(own.at(-1)).toMatchObject({ ...fields, channel: 'SMS', isActive: true });
    const { status } = await ofFjell.post(adminPaths.types(), { ...fields, unit: String(northwind.id) });
    expect(status).toBe(404);
    expect((await ofFjell.open(adminPaths.newType({ unit: northwind.id }))).status).toBe(404);
  });

  it('keep its channel and its unit, whatever a form sends', async () => {
    const page = await admin.open(adminPaths.type(trailNotes.id));
    await admin.press(page, /^Save$/, { channel: 'SMS', unit: '1', unitId: '1', name: 'Trail letters' });
    expect(await typeNow(trailNotes.id)).toMatchObject({
      name: 'Trail letters',
      channel: 'EMAIL',
      unitId: northwind.id,
    });
  });

  it('make it transactional only after a page has said how many addresses opted out of it', async () => {
    const others = await optOutOf(portal, trailNotes);
    const page = await admin.open(adminPaths.type(trailNotes.id));
    const asked = await admin.press(page, /^Save$/, { purpose: 'TRANSACTIONAL' });
    expect([asked.status, asked.text]).toEqual([200, expect.stringContaining(`${others} address`)]);
    expect((await typeNow(trailNotes.id))?.purpose).toBe('MARKETING');
    await admin.press(asked, /Make it transactional/);
    expect((await typeNow(trailNotes.id))?.purpose).toBe('TRANSACTIONAL');
    const back = await admin.open(adminPaths.type(trailNotes.id));
    await admin.press(back, /^Save$/, { purpose: 'MARKETING' });
    expect((await typeNow(trailNotes.id))?.purpose).toBe('MARKETING');
  });

  it('report an incomplete translation', async () => {
    const page = await admin.open(adminPaths.type(trailNotes.id));
    const refused = await admin.press(page, /^Save$/, { 'name.es': 'Cartas', 'description.es': '' });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('Description in Spanish is missing.');
  });

  it('move it up and down among the types of its unit, and no further', async () => {
    const order = async () =>
      (await portal.deps.rereadCatalogue()).orderedTypes
        .filter(({ unitId, isActive }) => unitId === northwind.id && isActive)
        .map(({ id }) => id);
    const before = await order();
    const move = (id: number, direction: string) => admin.post(adminPaths.typePositions(id), { direction });
    await move(before[0] ?? 0, 'up');
    expect(await order()).toEqual(before);
    await move(before[0] ?? 0, 'down');
    expect(await order()).toEqual([before[1], before[0], ...before.slice(2)]);
    await move(before[0] ?? 0, 'up');
    expect(await order()).toEqual(before);
    expect((await move(before[0] ?? 0, 'sideways')).status).toBe(400);
  });

  it('archive and restore it, and repeating either succeeds', async () => {
    const page = await admin.open(adminPaths.type(trailNotes.id));
    for (const _ of [1, 2]) {
      expect((await admin.press(page, /^Archive$/)).text).toContain('Archived.');
      expect((await typeNow(trailNotes.id))?.isActive).toBe(false);
    }
    const archived = await admin.open(adminPaths.type(trailNotes.id));
    for (const _ of [1, 2]) expect((await admin.press(archived, /Restore/)).text).toContain('Restored.');
    expect((await typeNow(trailNotes.id))?.isActive).toBe(true);
    const entries = await portal.deps.models.auditEntries
      .find({ about: `type:${trailNotes.id}`, detail: 'archived' })
      .lean();
    expect(entries).toHaveLength(1);
  });
});
