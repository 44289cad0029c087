/** Exports as jobs: their rows against the database, what a scope sees, formulas, kills, and the time that files are kept. */
import { afterEach, describe, expect, it } from 'vitest';
import pino from 'pino';
import { unsubscribed } from '../../src/domain/exports/unsubscribed.js';
import { runDueJobs, type Stepper } from '../../src/jobs/engine.js';
import { exportStepper } from '../../src/jobs/kinds/export.js';
import { noMetrics } from '../../src/metrics.js';
import { findJobFile } from '../../src/models/job-file.js';
import { deleteOldFiles } from '../../src/models/stored-file.js';
import { everybody } from '../support/bulk-room.js';
import { openExportRoom, recordsOf } from '../support/export-room.js';
import { fileText } from '../support/job-file.js';
import { actors, given } from '../support/judge.js';
import { fjell, northwind, offers, trailNotes, types } from '../support/people.js';

const room = await openExportRoom();
afterEach(() => room.reset());

const ofFjell = types.find(({ unitId, channel }) => unitId === fjell.id && channel === 'EMAIL') ?? trailNotes;
const optOutOfAll = (unitId: number | null) => ({ kind: 'OPT_OUT_OF_ALL', unitId }) as const;
const optOut = (typeId: number) => ({ kind: 'OPT_OUT', typeId }) as const;
const bounce = { kind: 'MARK_UNDELIVERABLE', reason: 'HARD_BOUNCE' } as const;

describe('the export of bounced and unsubscribed addresses', () => {
  it('has a row for each opt-out, bounce and complaint in the database, also of addresses that are no contacts', async () => {
    const contact = await room.contact({ email: 'contact@example.com' });
    await room.act(contact.subscribers.EMAIL ?? '', actors.oneClick, optOutOfAll(northwind.id));
    const stranger = await room.somebody('stranger@example.com');
    await room.act(stranger, actors.importer, optOutOfAll(null));
    await room.act(stranger, actors.staff, optOut(trailNotes.id), given);
    await room.act(await room.somebody('bounced@example.com'), actors.system, bounce);
    await room.somebody('subscribed@example.com');
    const rows = await room.rowsOf('EXPORT_UNSUBSCRIBED');
    const short = rows.map(({ address, contactId, businessUnit, type, reason, actor }) => [
      ...[address, contactId, businessUnit, type, reason, actor],
    ]);
    expect(short.sort()).toEqual([
      ['bounced@example.com', '', 'all', 'all', 'HARD_BOUNCE', 'Mail server'],
      ['contact@example.com', contact._id, northwind.name, 'all', 'OPT_OUT', 'Contact, one-click'],
      ['stranger@example.com', '', northwind.name, trailNotes.name, 'OPT_OUT', 'Staff'],
      ['stranger@example.com', '', 'all', 'all', 'OPT_OUT', 'Import'],
    ]);
    const [told] = rows.filter(({ type }) => type === trailNotes.name);
    expect(told).toMatchObject({
      ...given,
      since: '2026-03-02T12:00:00.000Z',
      typeId: String(trailNotes.id),
    });
    const inDatabase = await room.models.subscribers.find({}).lean();
    const entries = inDatabase.flatMap(({ optOuts: { portal, units, types: ofTypes }, undeliverable }) => [
      ...(portal ?? []),
      ...Object.values(units).flat(),
      ...Object.values(ofTypes).flat(),
      ...(undeliverable ? [undeliverable] : []),
    ]);
    expect(rows).toHaveLength(entries.length);
  });

  it('can be limited to a unit, a channel, a type, a reason, an actor and days', async () => {
    const one = await room.somebody('one@example.com');
    await room.act(one, actors.oneClick, optOutOfAll(northwind.id));
    await room.act(await room.somebody('two@example.com'), actors.staff, optOut(ofFjell.id));
    room.later(3 * 24 * 60);
    await room.act(await room.somebody('three@example.com'), actors.system, bounce);
    const addresses = async (input: object) =>
      (await room.rowsOf('EXPORT_UNSUBSCRIBED', input)).map(({ address }) => address?.split('@')[0]).sort();
    expect(await addresses({ unitId: northwind.id })).toEqual(['one', 'three']);
    expect(await addresses({ channel: 'SMS' })).toEqual([]);
    expect(await addresses({ type: 'ALL', reason: 'OPT_OUT' })).toEqual(['one']);
    expect(await addresses({ type: ofFjell.id })).toEqual(['two']);
    expect(await addresses({ reason: 'HARD_BOUNCE' })).toEqual(['three']);
    expect(await addresses({ actor: 'STAFF' })).toEqual(['two']);
    expect(await addresses({ to: '2026-03-02' })).toEqual(['one', 'two']);
    expect(await addresses({ from: '2026-03-05', to: '2026-03-05' })).toEqual(['three']);
  });

  it('has no erased address, and the address again once it is created as a contact', async () => {
    const id = await room.somebody('gone@example.com');
    await room.act(id, actors.staff, { kind: 'ERASE' });
    expect(await room.rowsOf('EXPORT_UNSUBSCRIBED')).toEqual([]);
    await room.contact({ email: 'gone@example.com' });
    expect(await room.rowsOf('EXPORT_UNSUBSCRIBED')).toMatchObject([
      { address: 'gone@example.com', type: 'all' },
    ]);
  });

  it('for a user of one unit has only opt-outs of that unit, and bounces of addresses that the unit knows', async () => {
    const theirs = await room.somebody('theirs@example.com');
    await room.act(theirs, actors.oneClick, optOutOfAll(fjell.id));
    await room.act(theirs, actors.system, bounce);
    const ours = await room.contact({ email: 'ours@example.com', unitIds: [northwind.id, fjell.id] });
    await room.act(ours.subscribers.EMAIL ?? '', actors.oneClick, optOutOfAll(fjell.id));
    await room.act(ours.subscribers.EMAIL ?? '', actors.system, bounce);
    const both = await room.somebody('both@example.com');
    await room.act(both, actors.oneClick, [optOut(offers.id), optOutOfAll(null)]);
    const rows = await room.rowsOf('EXPORT_UNSUBSCRIBED', {}, [northwind.id]);
    expect(rows.map(({ address, reason, type }) => [address, reason, type]).sort()).toEqual([
      ['both@example.com', 'OPT_OUT', offers.name],
      ['both@example.com', 'OPT_OUT', 'all'],
      ['ours@example.com', 'HARD_BOUNCE', 'all'],
    ]);
  });
});

describe('the export of contacts', () => {
  const columns = [
    'email',
    'firstName',
    'property:Shoe size',
    `status:${trailNotes.id}`,
    `reason:${trailNotes.id}`,
  ];
  const derived = [
    'out-of-all:EMAIL',
    `opted-out:${trailNotes.id}`,
    `opted-out:${offers.id}`,
    'cannot-receive:EMAIL',
  ];

  it('has every contact of the selection, with its properties, statuses and derived properties', async () => {
    await room.contact({ email: 'plain@example.com', firstName: 'Ann', properties: { 'Shoe size': '38' } });
    const out = await room.contact({ email: 'out@example.com' });
    await room.act(out.subscribers.EMAIL ?? '', actors.oneClick, optOut(trailNotes.id));
    const all = await room.contact({ email: 'all@example.com' });
    await room.act(all.subscribers.EMAIL ?? '', actors.oneClick, optOutOfAll(fjell.id));
    room.later(1);
    const rows = await room.rowsOf('EXPORT_CONTACTS', {
      selection: everybody,
      columns: [...columns, ...derived],
    });
    const cells = rows.map((row) => Object.values(row));
    expect(cells.sort()).toEqual([
      ['', 'all@example.com', '', 'Not specified', '', 'Yes', 'No', 'No', ''],
      [
        '',
        'out@example.com',
        '',
        'Opted out',
        'Contact, one-click, 2026-03-02T12:00:00.000Z',
        'No',
        'Yes',
        'No',
        '',
      ],
      ['Ann', 'plain@example.com', '38', 'Not specified', '', 'No', 'No', 'No', ''],
    ]);
    expect(Object.keys(rows[0] ?? {}).slice(-4, -2)).toEqual([
      expect.stringMatching(/^Unsubscribed from all email/),
      expect.stringContaining(`Opted out of email: ${trailNotes.name}`),
    ]);
    expect(rows).toHaveLength(await room.models.contacts.countDocuments());
  });

  it('has the words of the staff pages for a legal basis and for a bounce', async () => {
    const { _id, subscribers } = await room.contact({ email: 'bounced@example.com' });
    await room.models.contacts.updateOne({ _id }, { $set: { processingBasis: 'PROCESS_AND_STORE' } });
    await room.act(subscribers.EMAIL ?? '', actors.system, bounce);
    const selection = { kind: 'IDS', ids: [_id] };
    const rows = await room.rowsOf('EXPORT_CONTACTS', {
      ...{ selection, columns: ['processingBasis', 'cannot-receive:EMAIL'] },
    });
    expect(rows.map((row) => Object.values(row))).toEqual([['Consent to process and store', 'Hard bounce']]);
  });

  it('has only the ticked ones, only those of the user’s units, and no columns of other units', async () => {
    const one = await room.contact({ email: 'one@example.com' });
    await room.contact({ email: 'two@example.com' });
    const other = await room.contact({ email: 'other@example.com', unitIds: [fjell.id] });
    room.later(1);
    const selection = { kind: 'IDS', ids: [one._id, other._id] };
    const input = { selection, columns: ['email', `status:${ofFjell.id}`, 'out-of-all:EMAIL'] };
    expect(await room.rowsOf('EXPORT_CONTACTS', input, [northwind.id])).toEqual([
      { 'E-mail': 'one@example.com' },
    ]);
    expect(await room.rowsOf('EXPORT_CONTACTS', input)).toHaveLength(2);
  });

  it('neutralises formulas in CSV, and is exact in NDJSON', async () => {
    await room.contact({ email: 'sum@example.com', firstName: '=1+1', lastName: 'a;=2' });
    room.later(1);
    const input = { selection: everybody, columns: ['email', 'firstName', 'lastName', 'phone'] };
    const csv = await room.exported('EXPORT_CONTACTS', {
      ...input,
      format: { delimiter: 'semicolon', hasByteOrderMark: false },
    });
    expect(csv).toBe('First name;Last name;E-mail;Phone\r\n\'=1+1;"a;\'=2";sum@example.com;\r\n');
    const ndjson = await room.exported('EXPORT_CONTACTS', { ...input, format: { kind: 'NDJSON' } });
    expect(
      ndjson
        .split('\n')
        .filter(Boolean)
        .map((line): unknown => JSON.parse(line)),
    ).toEqual([{ 'First name': '=1+1', 'Last name': 'a;=2', 'E-mail': 'sum@example.com', Phone: null }]);
  });
});

describe('the export of the history', () => {
  it('has each event once, also archived ones, and those of erased persons without an address', async () => {
    const id = await room.somebody('often@example.com');
    for (let turn = 0; turn < 60; turn++)
      await room.act(id, actors.freshContact, { kind: turn % 2 ? 'OPT_IN' : 'OPT_OUT', typeId: offers.id });
    const gone = await room.somebody('gone@example.com');
    await room.act(gone, actors.staff, optOut(trailNotes.id), given);
    await room.act(gone, actors.staff, { kind: 'ERASE' });
    const all = [...(await room.history(id)).events, ...(await room.history(gone)).events];
    expect(await room.models.archivedEvents.countDocuments(), 'some are archived').toBeGreaterThan(0);
    const rows = await room.rowsOf('EXPORT_HISTORY');
    expect(rows).toHaveLength(all.length);
    expect(new Set(rows.map(({ subscriberId, number }) => `${subscriberId} ${number}`)).size).toBe(
      all.length,
    );
    const erased = rows.filter(({ subscriberId }) => subscriberId === gone);
    expect(erased.map(({ address, explanation }) => [address, explanation])).toEqual(
      erased.map(() => ['', '']),
    );
    expect(await room.rowsOf('EXPORT_HISTORY', { actor: 'STAFF', type: trailNotes.id })).toHaveLength(1);
  });

  it('for a user of one unit has no event of another', async () => {
    const id = await room.somebody('both@example.com');
    await room.act(id, actors.oneClick, optOut(offers.id));
    await room.act(id, actors.oneClick, optOut(ofFjell.id));
    const rows = await room.rowsOf('EXPORT_HISTORY', {}, [northwind.id]);
    expect(rows.map(({ type }) => type)).toEqual([offers.name]);
  });
});

describe('the file of an export', () => {
  const many = 1100;
  async function crowdOfOptedOut() {
    await room.crowd(many);
    const standing = { at: room.deps.clock(), by: 'IMPORT', seq: 1, party: 'IMPORT:1' };
    await room.models.subscribers.collection.updateMany({}, { $set: { 'optOuts.portal': [standing] } });
  }
  /** A worker's round with parts of one batch each. */
  const workWith = async (wrap: (step: Stepper) => Stepper = (step) => step, of = unsubscribed) =>
    runDueJobs({
      models: room.models,
      steppers: new Map([
        ['EXPORT_UNSUBSCRIBED', wrap(exportStepper(room.jobs, of, { partLength: 1, stepMs: 1e6 }))],
      ]),
      log: pino({ level: 'silent' }),
      metrics: noMetrics,
    });

  it('is absent until the job is done, and whole although a worker stopped after a part and before its checkpoint', async () => {
    await crowdOfOptedOut();
    await room.queue({ id: 'stopped', kind: 'EXPORT_UNSUBSCRIBED', input: {} });
    let parts = 0;
    await workWith((step) => async (held) => {
      const done = await step(held);
      if (++parts === 2) throw new Error('stopped');
      return done;
    });
    const broken = await room.the('stopped');
    expect(broken).toMatchObject({ state: 'QUEUED', cursor: 1 });
    expect(await room.models.storedFiles.countDocuments()).toBe(2);
    expect(await findJobFile(room.models, broken, room.deps.clock())).toBeUndefined();
    await room.models.jobs.updateOne({ _id: 'stopped' }, { $set: { dueAt: new Date(0) } });
    expect(await workWith()).toMatchObject({ DONE: 1 });
    const job = await room.the('stopped');
    expect(job).toMatchObject({ cursor: 4, done: many, total: many, counts: { changed: many } });
    const rows = await recordsOf(await fileText(room.models, job, room.deps.clock()));
    expect(new Set(rows.map(({ address }) => address)).size).toBe(many);
    expect(rows).toHaveLength(many);
  });

  it('is made from one reading of the database, however many parts it has', async () => {
    await crowdOfOptedOut();
    let readings = 0;
    const watched: typeof unsubscribed = {
      ...unsubscribed,
      read(deps, run) {
        readings += 1;
        return unsubscribed.read(deps, run);
      },
    };
    await room.queue({ id: 'whole', kind: 'EXPORT_UNSUBSCRIBED', input: {} });
    await workWith((step) => step, watched);
    expect(await room.the('whole')).toMatchObject({ state: 'DONE', cursor: 4, counts: { changed: many } });
    expect(readings).toBe(1);
  });

  it('expires after seven days, and is deleted', async () => {
    await room.somebody();
    await room.exported('EXPORT_UNSUBSCRIBED', {});
    const [job] = await room.models.jobs.find({}).lean();
    if (!job) throw new Error('There is no job.');
    const week = 7 * 24 * 60;
    room.later(week - 1);
    expect(await fileText(room.models, job, room.deps.clock())).toContain('address');
    expect(await deleteOldFiles(room.jobs)).toBe(0);
    room.later(week);
    expect(await findJobFile(room.models, job, room.deps.clock())).toBeUndefined();
    await deleteOldFiles(room.jobs);
    expect(await room.models.storedFiles.countDocuments()).toBe(0);
    expect(await room.models.storedChunks.countDocuments()).toBe(0);
  });
});
