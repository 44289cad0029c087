/** The audit log: newest first, in pages, filtered, within the reader's units, and as a file. */
import { expect, it } from 'vitest';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { adminPaths } from '../../../src/admin-paths.js';
import { recordAudit } from '../../../src/domain/staff/audit.js';
import { staffRef } from '../../../src/vocabulary/access.js';
import { openTestPortal } from '../../support/app.js';
import { commandsOf } from '../../support/commands.js';
import { monitored } from '../../support/connection.js';
import { contactIn } from '../../support/contacts.js';
import { documentOf } from '../../support/forms.js';
import { fjell, northwind } from '../../support/people.js';
import { signedIn } from '../../support/staff.js';
import type { StaffVisitor } from '../../support/staff.js';
import type { Answer } from '../../support/visitor.js';

const portal = await openTestPortal({ through: monitored });
const auditor = await signedIn(portal, 'auditor');

/** Entries by one user, one second apart, the last one newest. */
async function happen(entries: (Partial<Parameters<typeof recordAudit>[1]> & { detail: string })[]) {
  const { user } = await signedIn(portal, 'support');
  const by = staffRef({ id: user._id });
  for (const entry of entries) {
    portal.advance(1000);
    await recordAudit(portal.deps, { kind: 'CONTACT_CHANGED', by, from: '192.0.2.7', ...entry });
  }
  return { user, by };
}

async function fileOf(visitor: StaffVisitor, fields: Record<string, string> = {}) {
  const page = await visitor.open(adminPaths.audit(fields));
  const file = await visitor.press(page, /Download/);
  expect(file.status).toBe(200);
  expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="audit-log-[\d-]+\.csv"$/);
  return z.array(z.array(z.string())).parse(parse(file.html, { bom: true }));
}

it('the audit log is newest first, and its pages repeat and omit nothing', async () => {
  const details = Array.from({ length: 120 }, (_one, at) => `change number ${at}.`);
  const { by } = await happen(details.map((detail) => ({ detail })));
  const read: string[] = [];
  let path: string | undefined = adminPaths.audit({ by, kind: 'CONTACT_CHANGED' });
  while (path) {
    const page = await auditor.open(path);
    read.push(...(page.text.match(/change number \d+\./g) ?? []));
    path = /href="([^"]+)">Older/.exec(page.html)?.[1]?.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
  }
  expect(read).toEqual(details.reverse());
});

/** The cells of the newest entries, by the headings of their columns. */
function entriesOn({ html }: Answer) {
  const $ = documentOf(html);
  const headings = [...$('thead th')].map((one) => $(one).text());
  return [...$('tbody tr')].map((row) => {
    const cells = [...$(row).find('td')].map((one, at) => [
      headings[at] ?? '',
      $(one).text().replace(/\s+/g, ' ').trim(),
    ]);
    return { ...Object.fromEntries(cells), links: [...$(row).find('a')].map((one) => $(one).attr('href')) };
  });
}

it('an audit entry names its record and links to it for readers who may open it', async () => {
  const contact = await contactIn(portal, {
    firstName: 'Guro',
    lastName: 'Dal',
    email: 'guro@example.com',
  });
  const { user } = await happen([
    { detail: 'name', about: `contact:${contact._id}`, unitId: northwind.id },
    { detail: 'name', about: 'contact:gone', unitId: fjell.id },
    { detail: 'logo', about: `unit:${fjell.id}`, kind: 'UNIT_CHANGED', unitId: fjell.id },
  ]);
  const [unit, gone, named] = entriesOn(await auditor.open(adminPaths.audit()));
  expect(named).toMatchObject({
    What: 'Contact changed',
    About: 'Guro Dal name',
    Who: `${user.name} (${user.email})`,
    From: '192.0.2.7',
    links: [adminPaths.contact(contact._id)],
  });
  expect(named).toHaveProperty('When', expect.stringMatching(/\sUTC$/));
  expect(gone).toMatchObject({ About: 'a contact name', links: [] });
  expect(unit).toMatchObject({ About: `${fjell.name} logo`, links: [adminPaths.unit(fjell.id)] });
  // The entry is of the unit Fjell about a contact of Northwind only. For readers of Fjell that contact does not exist.
  await happen([{ detail: 'name', about: `contact:${contact._id}`, unitId: fjell.id }]);
  const limited = await signedIn(portal, 'auditor', [fjell.id]);
  expect(entriesOn(await limited.open(adminPaths.audit()))[0]).toMatchObject({
    About: 'a contact name',
    links: [],
  });
  // The file holds no names of contacts.
  expect(JSON.stringify(await fileOf(auditor))).not.toContain('Guro');
});

it('an audit entry shows words for codes and links to its job', async () => {
  await happen([
    { detail: 'SEND_LINKS', about: 'job:abc', kind: 'JOB_STARTED' },
    { detail: 'LIFT_OPT_OUT_OF_ALL', about: 'contact:abc', kind: 'OVERRIDE_MADE' },
    { detail: 'UNSUBSCRIBED', about: 'contact:abc', kind: 'OVERRIDE_MADE' },
    { detail: 'saved', about: 'view:abc', kind: 'VIEW_CHANGED' },
  ]);
  const page = await auditor.open(adminPaths.audit());
  expect(entriesOn(page).slice(0, 4)).toMatchObject([
    { About: 'a saved view saved' },
    { About: 'a contact Opted out' },
    { About: 'a contact Opt-out of all removed' },
    { About: 'a job Send preferences links', links: [adminPaths.job('abc')] },
  ]);
  expect(page.text).not.toMatch(/SEND_LINKS|LIFT_OPT_OUT_OF_ALL|UNSUBSCRIBED/);
});

it('the audit log is filtered by kind, by user and by day', async () => {
  const { by } = await happen([
    { detail: 'one key', kind: 'KEY_CREATED' },
    { detail: 'one export', kind: 'EXPORTED' },
  ]);
  const shown = async (filter: Record<string, string>) => (await auditor.open(adminPaths.audit(filter))).text;
  expect(await shown({ by, kind: 'EXPORTED' })).toMatch(/one export/);
  expect(await shown({ by, kind: 'EXPORTED' })).not.toMatch(/one key/);
  const today = portal.deps.clock().toISOString().slice(0, 10);
  expect(await shown({ by, day: today })).toMatch(/one export.*one key/);
  expect(await shown({ by, day: '2020-02-29' })).toMatch(/No entry matches these filters/);
  // An unknown kind, user or day filters nothing.
  expect(await shown({ by: 'user:$ne', kind: 'NONSENSE', day: '2025-02-30' })).toMatch(/one export/);
});

it('a user limited to a unit reads only its audit entries, on the page and in the file', async () => {
  await happen([
    { detail: 'ours', unitId: northwind.id },
    { detail: 'theirs', unitId: fjell.id },
    { detail: 'everybodys', unitId: null },
  ]);
  const limited = await signedIn(portal, 'auditor', [northwind.id]);
  const page = await limited.open(adminPaths.audit());
  expect(page.text).toContain('ours');
  expect(page.text).not.toMatch(/theirs|everybodys|Fjell/);
  const rows = (await fileOf(limited)).map((row) => row.join(' '));
  expect(rows.join('\n')).toMatch(/ours/);
  expect(rows.join('\n')).not.toMatch(/theirs|everybodys|Fjell/);
});

it('the audit file has every entry of the pages, neutralises formulas, and is an entry itself', async () => {
  const { by, user } = await happen(
    [
      '=HYPERLINK("https://elsewhere.example")',
      '@SUM(1)',
      '+1',
      '-1',
      'plain, with "quotes"',
      'Oslo;=SUM(1)',
    ].map((detail) => ({ detail })),
  );
  const [head, ...rows] = await fileOf(auditor, { by });
  const cellsOf = (column: string) => rows.map((row) => row[head?.indexOf(column) ?? -1]);
  const details = cellsOf('Detail');
  expect(details).toContain('plain, with "quotes"');
  // Where a semicolon separates cells in a spreadsheet, a formula could begin after it.
  for (const detail of details) expect(detail).not.toMatch(/(^|;)[=+\-@\t\r]/);
  expect(new Set(cellsOf('Who'))).toEqual(new Set([`${user.name} (${user.email})`]));
  const entry = await portal.deps.models.auditEntries.findOne({ kind: 'EXPORTED' }).sort({ _id: -1 }).lean();
  expect(entry).toMatchObject({ by: staffRef({ id: auditor.user._id }), detail: 'audit log' });
  // The whole log is longer than one batch.
  const all = await fileOf(auditor);
  expect(all.length - 1).toBe(await portal.deps.models.auditEntries.countDocuments());
});

it('the audit file looks up people in batches of some hundred entries', async () => {
  const { user } = await signedIn(portal, 'support');
  const at = portal.deps.clock();
  await portal.deps.models.auditEntries.insertMany(
    Array.from({ length: 700 }, (_one, index) => ({
      ...{ _id: `zz${index}`, at, kind: 'LINK_SENT', unitId: null, from: null, detail: '' },
      ...{ by: index === 0 ? staffRef({ id: user._id }) : `user:person-${index}`, about: null },
    })),
  );
  const page = await auditor.open(adminPaths.audit({ kind: 'LINK_SENT' }));
  const commands = await commandsOf(portal, async () =>
    expect((await auditor.press(page, /Download/)).text).toContain(user.email),
  );
  // Two batches, and the reader.
  expect(commands.filter((command) => command === 'find users').length).toBeLessThan(6);
});

it('is for admins and auditors', async () => {
  expect((await (await signedIn(portal, 'admin')).open(adminPaths.audit())).status).toBe(200);
  for (const role of ['marketer', 'support'] as const)
    expect((await (await signedIn(portal, role)).open(adminPaths.audit())).status).toBe(403);
});
