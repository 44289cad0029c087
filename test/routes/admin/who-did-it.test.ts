/** History, audit log and lists say who acted: by the name at that time and the address, also behind jobs and keys. */
import { describe, expect, it } from 'vitest';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { adminPaths } from '../../../src/admin-paths.js';
import { createApiKey } from '../../../src/domain/staff/api-keys.js';
import { staffRef } from '../../../src/vocabulary/access.js';
import { actorOf } from '../../../src/jobs/job-deps.js';
import { queueJob } from '../../../src/models/job.js';
import type { Job } from '../../../src/models/job.js';
import { northwind, offers, productNews, trailNotes } from '../../support/people.js';
import { dialog, openRecordRoom, reasons } from '../../support/record-room.js';
import type { RecordRoom } from '../../support/record-room.js';
import { signedIn } from '../../support/staff.js';
import type { StaffVisitor } from '../../support/staff.js';

const room = await openRecordRoom();
const admin = await signedIn(room.portal, 'admin');

const rename = async (staff: StaffVisitor, name: string) =>
  staff.press(await staff.open(adminPaths.account()), /Change name/, { name });

async function auditFile(fields: Record<string, string>): Promise<Record<string, string>[]> {
  const file = await admin.press(await admin.open(adminPaths.audit(fields)), /Download/);
  return z.array(z.record(z.string(), z.string())).parse(parse(file.html, { bom: true, columns: true }));
}

async function subscribe(
  staff: StaffVisitor,
  contact: Awaited<ReturnType<RecordRoom['somebody']>>,
  type = trailNotes,
) {
  room.portal.advance(1000);
  const page = await staff.open(dialog(contact, 'SUBSCRIBED', type));
  expect((await staff.press(page, /^Subscribe$/, reasons)).text).toContain(`is subscribed to ${type.name}`);
}

it('an act keeps the user’s name of that time, and another user of that name stays distinct', async () => {
  const mallory = await signedIn(room.portal, 'support');
  const { name, email } = mallory.user;
  const guro = await room.somebody();
  await subscribe(mallory, guro, trailNotes);
  room.portal.advance(1000);
  await rename(mallory, room.ida.user.name);
  await subscribe(mallory, guro, offers);
  await subscribe(room.ida, guro, productNews);
  const history = (await room.ida.open(adminPaths.contactHistory(guro._id))).text;
  expect(history).toContain(`Subscribed to ${trailNotes.name} Staff, ${name} (${email})`);
  expect(history).toContain(`Subscribed to ${offers.name} Staff, ${room.ida.user.name} (${email})`);
  expect(history).toContain(
    `Subscribed to ${productNews.name} Staff, ${room.ida.user.name} (${room.ida.user.email})`,
  );
  const rows = await auditFile({ by: staffRef({ id: mallory.user._id }), kind: 'OVERRIDE_MADE' });
  expect(rows.map((row) => row['Who'])).toEqual([`${room.ida.user.name} (${email})`, `${name} (${email})`]);
  for (const row of rows)
    expect(row).toMatchObject({
      'Who, id': staffRef({ id: mallory.user._id }),
      'About, id': `contact:${guro._id}`,
    });
});

it('two simultaneous changes of a user’s name keep both names', async () => {
  const staff = await signedIn(room.portal, 'support');
  await Promise.all(['Anna', 'Berit', 'Cecilie'].map((name) => rename(staff, name)));
  const user = await room.portal.deps.models.users.findById(staff.user._id).lean();
  const names = [...(user?.formerNames ?? []).map((former) => former.name), user?.name];
  expect(names[0]).toBe(staff.user.name);
  expect(names.slice(1).sort()).toEqual(['Anna', 'Berit', 'Cecilie']);
});

it('a name of invisible characters, or with an @, is refused', async () => {
  const staff = await signedIn(room.portal, 'support');
  for (const name of ['\u202e\u200b', 'Ida Lund (ida@staff.example)', 'Ida (ida＠staff.example)']) {
    const answer = await rename(staff, name);
    expect(answer.status).toBe(422);
    expect(answer.html).toContain('id="name-fault"');
  }
});

it('history names the user behind a job, also after the job is deleted', async () => {
  const marketer = await signedIn(room.portal, 'marketer');
  const { models } = room.portal.deps;
  const input = { subscriberIds: ['x'], legalBasis: null, explanation: 'x' };
  const wanted = { id: 'a-job', kind: 'PUT_RIGHT', input, scope: null } as const;
  await queueJob(room.portal.deps, { ...wanted, requestedBy: marketer.user._id });
  const job = await models.jobs.findById('a-job').lean<Job>();
  if (!job) throw new Error('There is no job.');
  const guro = await room.somebody();
  await room.decided(guro, [{ kind: 'OPT_OUT', typeId: trailNotes.id }], actorOf(job));
  expect((await admin.open(adminPaths.jobs())).text).toContain(
    `${marketer.user.name} (${marketer.user.email})`,
  );
  await models.jobs.deleteOne({ _id: 'a-job' });
  expect((await room.ida.open(adminPaths.contactHistory(guro._id))).text).toContain(
    `Staff, ${marketer.user.name} (${marketer.user.email}), in bulk`,
  );
});

it('history and audit log name an API key and the user who created it', async () => {
  const by = staffRef({ id: admin.user._id });
  const { record } = await createApiKey(room.portal.deps, {
    name: 'The shop',
    scopes: ['statuses.write'],
    scope: null,
    expiresAt: null,
    by,
  });
  const guro = await room.somebody();
  await room.decided(guro, [{ kind: 'OPT_OUT', typeId: trailNotes.id }], {
    kind: 'API',
    version: 3,
    ref: `key:${record._id}`,
    scope: null,
  });
  const who = `“The shop”, made by ${admin.user.name} (${admin.user.email})`;
  expect((await room.ida.open(adminPaths.contactHistory(guro._id))).text).toContain(`API, ${who}`);
  await admin.post(adminPaths.keyRevocations(record._id), {});
  expect((await admin.open(adminPaths.audit({ kind: 'KEY_REVOKED' }))).text).toContain(`the API key ${who}`);
});

describe('direction characters are removed from names', () => {
  const reversed = 'Ida\u202ednuL';
  const clean = 'IdadnuL';

  it('of users, on their own page and by an admin', async () => {
    const staff = await signedIn(room.portal, 'support');
    await rename(staff, reversed);
    expect(await room.portal.deps.models.users.findById(staff.user._id).lean()).toMatchObject({
      name: clean,
    });
    await admin.press(await admin.open(adminPaths.newUser()), /Create account/, {
      name: reversed,
      email: 'reversed@staff.example',
      role: 'support',
      reach: 'all',
    });
    const user = await room.portal.deps.models.users.findOne({ email: 'reversed@staff.example' }).lean();
    expect(user).toMatchObject({ name: clean });
  });

  it('of contacts, units, types, keys and saved explanations', async () => {
    const guro = await room.somebody({ firstName: reversed, properties: { city: reversed } });
    expect(guro).toMatchObject({ firstName: clean, properties: { city: clean } });
    const unit = await admin.open(adminPaths.unit(northwind.id));
    await admin.press(unit, /Save/, { name: reversed });
    expect(await room.portal.deps.models.units.findById(northwind.id).lean()).toMatchObject({ name: clean });
    const type = await admin.open(adminPaths.type(trailNotes.id));
    await admin.press(type, /Save/, { name: reversed });
    expect(await room.portal.deps.models.types.findById(trailNotes.id).lean()).toMatchObject({ name: clean });
    await admin.press(await admin.open(adminPaths.newKey()), /Create key/, {
      ...{ name: reversed, scope: ['links'], unit: String(northwind.id), lifetime: '30' },
    });
    expect(await room.portal.deps.models.apiKeys.findOne({ name: clean }).lean()).not.toBeNull();
    const page = await room.ida.open(dialog(guro, 'SUBSCRIBED'));
    await room.ida.press(page, /^Subscribe$/, { ...reasons, explanation: `Asked.\u202e\r\nTwice.` });
    const { events } = await room.portal.deps.models.subscribers
      .findById(guro.subscribers.EMAIL)
      .lean()
      .orFail();
    expect(events.at(-1)?.detail?.explanation).toBe('Asked.\nTwice.');
  });
});
